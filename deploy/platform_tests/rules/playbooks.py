"""What the roles leave on a host: whose files they are, who may write them, what is running."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from rules.image import tasks
from rules.reading import load_yaml
from rules.world import Rule

ROLES = Path("ansible/roles")
COPYING = ("ansible.builtin.copy", "ansible.builtin.template", "ansible.builtin.file", "ansible.builtin.get_url")
WRITABLE = re.compile(r"0?\d[2367]\d$|0?\d\d[2367]$")
# What must be there, by role: a task of that module whose text has all of these words.
APT, SERVICE, COMMAND = "ansible.builtin.apt", "ansible.builtin.systemd_service", "ansible.builtin.command"
COPY, TEMPLATE, FILE, USER = (f"ansible.builtin.{name}" for name in ("copy", "template", "file", "user"))
GET, STAT, INCLUDE = (f"ansible.builtin.{name}" for name in ("get_url", "stat", "include_tasks"))
WANTED: dict[str, tuple[tuple[str, ...], ...]] = {
    "base": (
        (APT, "update_cache"),
        (APT, "chrony", "logrotate", "nftables", "unattended-upgrades", "install_recommends"),
        (APT, "rpcbind", "telnet", "nfs-common", "absent", "purge"),
        (FILE, "/etc/ssh/sshd_config.d", "directory"),
        (COPY, "sysctl.conf", "/etc/sysctl.d/60-webmarket.conf", "Apply kernel settings"),
        (COPY, "modprobe.conf", "/etc/modprobe.d/60-webmarket.conf"),
        (
            TEMPLATE,
            "sshd.conf.j2",
            "upgrades.conf.j2",
            "upgrade-timer.conf.j2",
            "journald.conf.j2",
            "chrony.sources.j2",
        ),
        (TEMPLATE, "nftables.conf.j2", "/etc/nftables.conf", "nft -c -f %s", "Apply firewall rules"),
        (SERVICE, "nftables.service", "'enabled': True"),
        (COPY, "* hard core 0"),
        (USER, "root", "'password_lock': True"),
        (SERVICE, "ssh.service", "ssh.socket", "'enabled': False", "not base_ssh_sources"),
        (GET, "amazon-ssm-agent.deb", "checksum"),
        (APT, "amazon-ssm-agent.deb"),
        (SERVICE, "amazon-ssm-agent.service", "'enabled': True"),
    ),
    "nginx": (
        (APT, "nginx-light", "install_recommends"),
        (FILE, "/etc/nginx/host", "/etc/systemd/system/nginx.service.d"),
        (COMMAND, "openssl req", "'when': 'nginx_tls'"),
        (TEMPLATE, "visitor.conf", "listen.conf", "Reload nginx"),
        (COPY, "proxy.conf", "nginx.conf", "Reload nginx"),
        (COPY, "nginx.service.d/webmarket.conf", "Restart nginx"),
        (SERVICE, "nginx.service", "'enabled': False"),
        (COMMAND, "nginx -t", "'changed_when': False"),
    ),
    "webmarket": (
        (APT, "libmariadb3", "python3-venv", "install_recommends"),
        ("ansible.builtin.group", "webmarket", "'system': True"),
        (USER, "'name': 'webmarket'", "/usr/sbin/nologin", "'system': True", "'create_home': False"),
        (USER, "www-data", "'append': True"),
        (FILE, "/etc/webmarket", "/opt/webmarket/releases", "/var/lib/webmarket", "directory"),
        (INCLUDE, "release.yml"),
        (GET, "/etc/webmarket/database-ca.pem", "checksum"),
        (COPY, "systemd", "webmarket-.service.d", "webmarket-secrets.timer", "webmarket.target", "Migrate and restart"),
        (SERVICE, "webmarket.target", "'enabled': True", "'daemon_reload': True"),
        (INCLUDE, "host.yml", "webmarket_roles | length > 0"),
        (TEMPLATE, "settings.env.j2", "'0400'", "'no_log': True", "Migrate and restart"),
        (TEMPLATE, "instance.env.j2", "Migrate and restart"),
        (FILE, "webmarket_release_dir", "directory"),
        ("ansible.builtin.unarchive", "webmarket_archive", "'owner': 'root'", "'group': 'root'", "creates"),
        (STAT, "requirements.txt", "sha256"),
        (STAT, "/installed", "webmarket_installed"),
        (INCLUDE, "packages.yml", "not webmarket_installed.stat.exists"),
        (APT, "webmarket_build_packages", "install_recommends"),
        (COMMAND, "python3 -m venv", "creates"),
        (COMMAND, "--require-hashes", "--no-deps", "--requirement", "'changed_when': True"),
        (APT, "webmarket_build_packages", "absent", "'purge': True", "'autoremove': True"),
        (FILE, "/installed", "touch"),
        (FILE, ".venv", "/var/lib/webmarket", "'state': 'link'"),
        (COPY, "release.env", "RELEASE={{ webmarket_release }}"),
        ("ansible.builtin.shell", "collectstatic", "translations compile", "creates"),
        (FILE, "/opt/webmarket/current", "'state': 'link'", "Migrate and restart"),
        ("ansible.builtin.find", "/opt/webmarket/releases"),
        (FILE, "absent", "webmarket_keep"),
    ),
}


def hosts_are_configured(root: Path) -> Iterator[str]:
    for role, wanted in WANTED.items():
        left = list(tasks(root / ROLES / role))
        for module, *words in wanted:
            found = [one for one in left if module in one and all(word in str(one) for word in words)]
            if found:
                left.remove(found[0])
            else:
                yield f"the role {role} has no {module.rpartition('.')[2]} of {', '.join(words)}"


def files_are_written_by_their_owner_alone(root: Path) -> Iterator[str]:
    for folder in sorted((root / ROLES).iterdir()):
        for task in tasks(folder):
            for module in COPYING:
                given = task.get(module)
                if not isinstance(given, dict) or given.get("state") in ("link", "absent"):
                    continue
                mode = str(given.get("mode", "(none)"))
                if mode == "(none)" or WRITABLE.search(mode):
                    yield f"{folder.name}: « {task.get('name')} » leaves mode {mode}: others may write it"
                if "directory_mode" in given and WRITABLE.search(str(given["directory_mode"])):
                    yield f"{folder.name}: « {task.get('name')} » leaves folders that others may write"
                if module.endswith("get_url") and "checksum" not in given:
                    yield f"{folder.name}: « {task.get('name')} » takes whatever is there that day"
            if "install_recommends" in task.get(APT, {}) and task[APT]["install_recommends"] is not False:
                yield f"{folder.name}: « {task.get('name')} » installs what Debian recommends too"


def secrets_are_neither_logged_nor_read(root: Path) -> Iterator[str]:
    for folder in sorted((root / ROLES).iterdir()):
        for task in tasks(folder):
            given = task.get(TEMPLATE, {})
            if "settings.env" in str(given.get("src")) and (
                given.get("mode") != "0400" or task.get("no_log") is not True
            ):
                yield f"{folder.name}: « {task.get('name')} » shows the shop's secrets, on the host or in Ansible's log"


def services_are_restarted_by_what_changes_them(root: Path) -> Iterator[str]:
    for folder in sorted((root / ROLES).iterdir()):
        handlers = folder / "handlers" / "main.yml"
        listed = load_yaml(handlers.read_text()) if handlers.exists() else []
        there = {name for one in listed for name in (one["name"], one.get("listen"))}
        for task in tasks(folder):
            for name in [task["notify"]] if isinstance(task.get("notify"), str) else task.get("notify", []):
                if name not in there:
                    yield f"{folder.name}: « {task.get('name')} » notifies {name}, which is no handler"
    listed = load_yaml((root / ROLES / "webmarket" / "handlers" / "main.yml").read_text())
    if "webmarket-migrate.service" not in str(listed[0]):
        yield "webmarket: services restart on a release before its migrations"


CODE_RULES = (
    Rule(
        "hosts are configured",
        "A task that is missing fails nowhere: the host is as Debian left it.",
        "https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_intro.html",
        hosts_are_configured,
    ),
    Rule(
        "files are written by their owner alone",
        "Without a mode, a file has the mode that the umask leaves.",
        "https://docs.ansible.com/ansible/latest/collections/ansible/builtin/file_module.html#parameter-mode",
        files_are_written_by_their_owner_alone,
    ),
    Rule(
        "secrets are neither logged nor read",
        "Ansible prints what a task changed.",
        "https://docs.ansible.com/ansible/latest/reference_appendices/logging.html#protecting-sensitive-data-with-no-log",
        secrets_are_neither_logged_nor_read,
    ),
    Rule(
        "services are restarted by what changes them",
        "A handler runs when a task that names it has changed something.",
        "https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_handlers.html",
        services_are_restarted_by_what_changes_them,
    ),
)
