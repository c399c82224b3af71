"""What a release counts on must be in the image that the pipeline bakes, without anybody's files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

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
        given = yaml.safe_load((folder / "defaults" / "main.yml").read_text()) or {}
        package = given.get(needed.variable)
        address = package.get("url", "") if isinstance(package, dict) else ""
        if not address.startswith("https://"):
            yield f"{needed.what} is not in the image: {needed.variable} names none; {needed.because}"
            continue
        if MOVING.search(address):
            yield f"{needed.what}: {address} is another file with each of its versions"
        if not SHA256.fullmatch(str(package.get("checksum"))):
            yield f"{needed.what}: {needed.variable}.checksum is no SHA-256"
        if not any(_downloads(task, needed.variable) for task in _tasks(folder)):
            yield f"{needed.what}: no task of {needed.role} downloads it with its checksum"


def logs_are_rotated(root: Path) -> Iterator[str]:
    """nginx's package brings the rules for its logs, and nothing that reads them."""
    installing = [
        task
        for folder in sorted((root / "ansible" / "roles").iterdir())
        for task in _tasks(folder)
        if "logrotate" in _packages(task)
    ]
    if not any("when" not in task for task in installing):
        where = "only under a condition" if installing else "nowhere"
        yield f"logrotate is installed {where}: /var/log/nginx grows until the disk is full"


def _packages(task: dict) -> list[str]:
    given = task.get("ansible.builtin.apt", {}).get("name", [])
    return [given] if isinstance(given, str) else list(given)


def _tasks(folder: Path) -> Iterator[dict]:
    for path in sorted((folder / "tasks").glob("*.yml")):
        yield from _flat(yaml.safe_load(path.read_text()) or [])


def _flat(tasks: list[dict]) -> Iterator[dict]:
    """Tasks, those of a block with the block's condition."""
    for task in tasks:
        yield task
        for inner in _flat(task.get("block", [])):
            yield {**inner, "when": task["when"]} if "when" in task else inner


def _downloads(task: dict[str, Any], variable: str) -> bool:
    given = task.get("ansible.builtin.get_url", {})
    return f"{variable}.url" in given.get("url", "") and f"{variable}.checksum" in given.get("checksum", "")


CODE_RULES = (
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
