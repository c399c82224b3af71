"""Which files are changed, by which operators, and which of all mutants are tried."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mutation import line_operators, python_operators, terraform_operators
from mutation.mutants import Mutant, numbered

SEED = 1
SAMPLE = 200


@dataclass(frozen=True)
class Kind:
    """`share` is how many of a hundred mutants are of this kind, where there are enough."""

    name: str
    globs: tuple[str, ...]
    operators: Callable[[str, str, str], Iterator[Mutant]]
    share: int


TERRAFORM = "terraform"
SCRIPTS = "scripts"
# Each with the tests that drive it.
_RELEASE = ("deploy/tests/test_release.py",)
_KILLED = (*_RELEASE, "deploy/tests/test_release_killed.py")
RELEASING = {
    "deploy/bin/fleets.py": _KILLED,
    "deploy/bin/host_commands.py": (*_RELEASE, "deploy/tests/test_manage.py"),
    "deploy/bin/manage": ("deploy/tests/test_manage.py",),
    "deploy/bin/migrate": _RELEASE,
    "deploy/bin/plan": ("deploy/tests/test_plan.py",),
    "deploy/bin/put_secrets": ("deploy/tests/test_put_secrets.py",),
    "deploy/bin/purge_images": ("deploy/tests/test_purge.py",),
    "deploy/bin/purge_snapshots": ("deploy/tests/test_purge.py",),
    "deploy/bin/release.py": (*_RELEASE, "deploy/tests/test_purge.py"),
    "deploy/bin/release_lock.py": _KILLED,
    "deploy/bin/roll_back": _KILLED,
    "deploy/bin/roll_out": _KILLED,
    "deploy/bin/shop_secrets.py": ("deploy/tests/test_put_secrets.py",),
    "deploy/bin/smoke_test": ("deploy/tests/test_smoke_test.py",),
    "deploy/host/database_user.py": ("deploy/tests/test_database_user.py",),
    "deploy/host/drain.py": ("deploy/tests/test_drain.py",),
    "deploy/host/migrate.py": ("deploy/tests/test_host_migrate.py",),
    "deploy/host/settings.py": ("deploy/tests/test_host_settings.py",),
}
POLICIES = "policies"
KINDS = (
    Kind(
        TERRAFORM,
        ("terraform/modules/*/*.tf", "terraform/environments/*/main.tf"),
        terraform_operators.mutants,
        46,
    ),
    # Found in Terraform's files: documents of policies.
    Kind(POLICIES, (), terraform_operators.mutants, 12),
    Kind("packer", ("packer/webmarket.pkr.hcl",), terraform_operators.mutants, 2),
    Kind(
        "systemd", ("deploy/systemd/*", "deploy/systemd/*/*", "deploy/cloudwatch/*.service"), line_operators.systemd, 9
    ),
    Kind("nginx", ("deploy/nginx/*.conf",), line_operators.nginx, 8),
    Kind("nftables", ("ansible/roles/base/templates/nftables.conf.j2",), line_operators.firewall, 2),
    Kind(
        "hosts",
        ("ansible/roles/base/templates/sshd.conf.j2", "deploy/host/etc/sysctl.conf"),
        line_operators.settings,
        2,
    ),
    Kind("workflows", (".github/workflows/*.yml",), line_operators.yaml, 5),
    Kind("roles", ("ansible/roles/*/tasks/*.yml",), line_operators.yaml, 4),
    # Of a release and of a host; what bakes an image and fetches tools is run by `make test-platform ONLY=image`.
    Kind(SCRIPTS, tuple(RELEASING), python_operators.mutants, 10),
)


def all_mutants(root: Path) -> list[Mutant]:
    """In an order that depends on nothing but the files."""
    found: list[Mutant] = []
    for kind in KINDS:
        files = sorted({path for pattern in kind.globs for path in root.glob(pattern) if path.is_file()})
        for path in files:
            if path.name == "versions.tf":
                continue
            text = path.read_text()
            if kind.operators is python_operators.mutants and not _is_python(path, text):
                continue
            name = str(path.relative_to(root))
            found += [one for one in kind.operators(name, text, kind.name) if one.applied(text) != text]
    return numbered(found)


def _is_python(path: Path, text: str) -> bool:
    return path.suffix == ".py" or text.startswith("#!/usr/bin/env python")


def sample(mutants: Iterable[Mutant], count: int, seed: int) -> list[Mutant]:
    """Of each kind its share; what a kind has too few of, the others give."""
    chance = random.Random(seed)  # noqa: S311 - a choice that can be repeated
    by_kind: dict[str, list[Mutant]] = {kind.name: [] for kind in KINDS}
    for one in mutants:
        by_kind[one.kind].append(one)
    for found in by_kind.values():
        chance.shuffle(found)
    chosen = {kind.name: by_kind[kind.name][: round(count * kind.share / 100)] for kind in KINDS}
    rest = [one for kind in KINDS for one in by_kind[kind.name][len(chosen[kind.name]) :]]
    chance.shuffle(rest)
    taken = [one for found in chosen.values() for one in found][:count]
    return taken + rest[: count - len(taken)]
