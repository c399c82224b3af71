"""What is in the image."""

from rules import image

from .planned import problems_of


def test_an_image_without_an_agent_is_refused(tmp_path):
    def role_of(needed: image.Needed, url: str, checksum: str) -> None:
        folder = tmp_path / "ansible" / "roles" / needed.role
        for name, text in (
            ("defaults", f"{needed.variable}:\n  url: {url}\n  checksum: {checksum}\n"),
            (
                "tasks",
                "- block:\n    - ansible.builtin.get_url:\n"
                f'        url: "{{{{ {needed.variable}.url }}}}"\n'
                f'        checksum: "{{{{ {needed.variable}.checksum }}}}"\n',
            ),
        ):
            (folder / name).mkdir(parents=True, exist_ok=True)
            (folder / name / "main.yml").write_text(text)

    good = ("https://packages.example/1.2.3/agent.deb", "sha256:" + "0" * 64)
    for needed in image.NEEDED:
        role_of(needed, *good)
    assert problems_of(image.image_holds_what_a_release_needs, tmp_path) == []
    for url, checksum in (('""', good[1]), (good[0].replace("1.2.3", "latest"), good[1]), (good[0], "sha256:0")):
        role_of(image.NEEDED[0], url, checksum)
        assert len(problems_of(image.image_holds_what_a_release_needs, tmp_path)) == 1


def test_logs_are_rotated_under_no_condition(tmp_path):
    def installs(task: str) -> None:
        folder = tmp_path / "ansible" / "roles" / "base" / "tasks"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "main.yml").write_text(task)

    plain = "- ansible.builtin.apt:\n    name: [chrony, logrotate]\n"
    installs(plain)
    assert problems_of(image.logs_are_rotated, tmp_path) == []
    within = "".join(f"    {line}\n" for line in plain.splitlines())
    for task in (f"- when: agent\n  block:\n{within}", "- ansible.builtin.apt:\n    name: chrony\n"):
        installs(task)
        assert len(problems_of(image.logs_are_rotated, tmp_path)) == 1
