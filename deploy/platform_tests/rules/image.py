"""What a release counts on must be in the image that the pipeline bakes, without anybody's files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hcl import Block
from hcl import read as read_hcl

from rules.reading import load_yaml
from rules.world import Rule

SHA256 = re.compile(r"sha256:[0-9a-f]{64}")
# How long an address without a version stays what it was, nobody knows.
MOVING = re.compile(r"/latest/")


@dataclass(frozen=True)
class Needed:
    what: str
    because: str
    # The role whose defaults name its address and SHA-256, and the variable that holds them.
    role: str
    variable: str


NEEDED = (
    Needed(
        "the SSM agent",
        "deploy/bin/migrate waits for Session Manager, and Debian's image has no agent",
        "base",
        "base_ssm_agent",
    ),
    Needed(
        "the CloudWatch agent",
        "alarms and the dashboard count what it sends",
        "cloudwatch_agent",
        "cloudwatch_agent_package",
    ),
    Needed(
        "the authority of RDS's certificates",
        "the parameter group asks for TLS (require_secure_transport)",
        "webmarket",
        "webmarket_database_ca",
    ),
)


def image_holds_what_a_release_needs(root: Path) -> Iterator[str]:
    for needed in NEEDED:
        folder = root / "ansible" / "roles" / needed.role
        given = load_yaml((folder / "defaults" / "main.yml").read_text()) or {}
        package = given.get(needed.variable)
        address = package.get("url", "") if isinstance(package, dict) else ""
        if not address.startswith("https://"):
            yield f"{needed.what} is not in the image: {needed.variable} names none; {needed.because}"
            continue
        if MOVING.search(address):
            yield f"{needed.what}: {address} is another file with each of its versions"
        if not SHA256.fullmatch(str(package.get("checksum"))):
            yield f"{needed.what}: {needed.variable}.checksum is no SHA-256"
        if not any(_downloads(task, needed.variable) for task in tasks(folder)):
            yield f"{needed.what}: no task of {needed.role} downloads it with its checksum"


def logs_are_rotated(root: Path) -> Iterator[str]:
    """nginx's package brings the rules for its logs, and nothing that reads them."""
    installing = [
        task
        for folder in sorted((root / "ansible" / "roles").iterdir())
        for task in tasks(folder)
        if "logrotate" in _packages(task)
    ]
    if not any("when" not in task for task in installing):
        where = "only under a condition" if installing else "nowhere"
        yield f"logrotate is installed {where}: /var/log/nginx grows until the disk is full"


def _packages(task: dict) -> list[str]:
    given = task.get("ansible.builtin.apt", {}).get("name", [])
    return [given] if isinstance(given, str) else list(given)


def tasks(folder: Path) -> Iterator[dict]:
    for path in sorted((folder / "tasks").glob("*.yml")):
        yield from _flat(load_yaml(path.read_text()) or [])


def _flat(tasks: list[dict]) -> Iterator[dict]:
    """Tasks, those of a block with the block's condition."""
    for task in tasks:
        yield task
        for inner in _flat(task.get("block", [])):
            yield {**inner, "when": task["when"]} if "when" in task else inner


def _downloads(task: dict[str, Any], variable: str) -> bool:
    given = task.get("ansible.builtin.get_url", {})
    return f"{variable}.url" in given.get("url", "") and f"{variable}.checksum" in given.get("checksum", "")


TEMPLATE = Path("packer/webmarket.pkr.hcl")
DEBIAN = "136693071363"


def images_are_built_behind_a_closed_door(root: Path) -> Iterator[str]:
    text = (root / TEMPLATE).read_text()
    source = next(one for one in read_hcl(text) if one.labels[:1] == ("amazon-ebs",))

    def value_of(name: str, block: Block = source) -> str:
        return block.value(text, name)

    if value_of("temporary_security_group_source_cidrs") != "var.builder_cidrs":
        yield f"{TEMPLATE}: others than this machine reach the builder's SSH"
    if value_of("encrypt_boot") != "true" or value_of("kms_key_id") != "var.kms_key_id":
        yield f"{TEMPLATE}: the image's disk is not encrypted, or with a key that nobody chose"
    if value_of("ssh_username") != '"admin"' or value_of("communicator") != '"ssh"':
        yield f"{TEMPLATE}: Debian's image has the user admin, and answers SSH"
    filters = next((one for one in source.blocks if one.kind == "source_ami_filter"), Block("", (), 0))
    if DEBIAN not in value_of("owners", filters):
        yield f"{TEMPLATE}: anybody's image of that name is taken, not Debian's own"
    if value_of("most_recent", filters) != "true":
        yield f"{TEMPLATE}: several images fit, and Packer refuses to choose"
    wanted = {"name": "debian-13-", "root-device-type": "ebs", "virtualization-type": "hvm"}
    for name, value in wanted.items():
        if not re.search(rf'{name}\s*= "{value}', value_of("filters", filters)):
            yield f"{TEMPLATE}: images are not sought by {name} {value}"
    disks = [one for one in source.blocks if one.kind == "launch_block_device_mappings"]
    if [value_of("delete_on_termination", one) for one in disks] != ["true"]:
        yield f"{TEMPLATE}: the builder's disk stays behind, and is paid for"
    if [(value_of("device_name", one), value_of("volume_size", one)) for one in disks] != [
        ('"/dev/xvda"', "var.disk_gb")
    ]:
        yield f"{TEMPLATE}: the image's disk is not as large as it was asked for"
    for name in ("tags", "snapshot_tags", "run_tags"):
        if "local.tags" not in value_of(name):
            yield f"{TEMPLATE}: {name} do not say whose it is, and the pipeline may remove only what is tagged"
    for name, value in (("region", "var.region"), ("subnet_id", "var.subnet_id"), ("ami_regions", "var.copy_regions")):
        if value_of(name) != value:
            yield f"{TEMPLATE}: {name} is {value_of(name) or 'absent'}, not {value}"
    for name in ("skip_region_validation", "skip_metadata_api_check"):
        if value_of(name) != 'var.ec2_endpoint != ""':
            yield f"{TEMPLATE}: {name} where EC2 is AWS's own"


def images_are_tried_and_emptied(root: Path) -> Iterator[str]:
    """A build serves the shop once, lists what is in it, and leaves neither keys nor logs."""
    text = (root / TEMPLATE).read_text()
    build = next(one for one in read_hcl(text) if one.kind == "build")
    order = [
        "cloud-init status --wait",
        "playbooks/image.yml",
        "smoke_test.sh",
        "contents.py",
        ".cdx.json",
        "forget.sh",
    ]
    steps = [text[one.start : one.end] for one in build.blocks if one.kind == "provisioner"]
    for wanted, step in zip(order, [*steps, *[""] * len(order)], strict=False):
        if wanted not in step:
            yield f"{TEMPLATE}: {wanted} does not run, or not in its turn"
    playbook = next((one for one in build.blocks if one.labels == ("ansible",)), Block("", (), 0))
    for name, value in (("use_proxy", "false"), ("user", '"admin"')):
        if playbook.value(text, name) != value:
            yield f"{TEMPLATE}: ansible's {name} is not {value}: it would not speak SSH to the builder itself"
    for name in ("smoke_test.sh", "forget.sh"):
        step = next((one for one in steps if name in one), "")
        if "sudo sh '{{ .Path }}'" not in step:
            yield f"{TEMPLATE}: {name} does not run as root"
    if not any(one.kind == "post-processor" and one.labels == ("manifest",) for one in build.blocks):
        yield f"{TEMPLATE}: nobody learns the id of the image"


CODE_RULES = (
    Rule(
        "images are built behind a closed door",
        "Packer opens the builder's SSH to everybody unless it is told whom.",
        "https://developer.hashicorp.com/packer/integrations/hashicorp/amazon/latest/components/builder/ebs",
        images_are_built_behind_a_closed_door,
    ),
    Rule(
        "images are tried and emptied",
        "What is on a builder's disk is on every host that starts from its image.",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/building-shared-amis.html",
        images_are_tried_and_emptied,
    ),
    Rule(
        "the image holds what a release needs",
        "Debian's image carries neither of AWS's agents nor the authority that RDS's certificates come from.",
        "https://docs.aws.amazon.com/systems-manager/latest/userguide/agent-install-deb.html",
        image_holds_what_a_release_needs,
    ),
    Rule(
        "logs are rotated on every host",
        "Debian's minimal image has no logrotate; packages that log bring rules for it, and recommend it at most.",
        "https://manpages.debian.org/trixie/logrotate/logrotate.8.en.html",
        logs_are_rotated,
    ),
)
