"""`make test-platform`: the tests of the platform that take minutes.

  make test-platform                     everything
  make test-platform ONLY=cost           the named parts alone: cost mistakes calls demo staging
                                         production zero-to-live image

A part that lacks something on this machine is skipped with the reason; with CI=true that is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from local import CI, ROOT, make_environment, print_table, run_as_command, say, select
from tool_venv import BIN, LOCKS, install_tools

BENCH = "deploy/platform_tests"


@dataclass
class Part:
    """A command; `needs` returns what is missing for it on this machine, or an empty string."""

    name: str
    command: list[str]
    about: str
    prepare: Callable[[], None] = install_tools
    needs: Callable[[], str] = str
    outcome: str = ""
    failed: bool = False
    seconds: float = 0

    def run(self) -> None:
        say(f"\n——— {self.name}: {self.about} ———")
        began = time.monotonic()
        if lack := self.needs():
            self.outcome, self.failed = f"not run: {lack}", CI
            say(self.outcome)
            return
        self.prepare()
        code = subprocess.run(self.command, cwd=ROOT, stdin=subprocess.DEVNULL).returncode
        self.seconds = time.monotonic() - began
        self.failed = code != 0
        self.outcome = f"ended with {code}" if code else "passed"


def terraform_lack() -> str:
    return "" if shutil.which("terraform") else "no terraform (https://developer.hashicorp.com/terraform/install)"


def container_lack() -> str:
    programs = [name for name in ("debootstrap", "systemd-nspawn", "nft") if not shutil.which(name)]
    if programs:
        return f"no {', '.join(programs)}"
    return "" if os.geteuid() == 0 else "only root can boot a container"


def make_shop_too() -> None:
    make_environment(LOCKS / "test.txt")
    install_tools()


PARTS = [
    Part(
        "cost",
        [sys.executable, f"{BENCH}/cost", "--check"],
        "what the plans cost is what terraform/README.md says",
        needs=terraform_lack,
    ),
    Part(
        "mistakes",
        [sys.executable, f"{BENCH}/terraform", "--mistakes"],
        "named mistakes are refused, and of a sample of mutants nine in ten",
        prepare=make_shop_too,
        needs=terraform_lack,
    ),
    Part(
        "calls",
        [sys.executable, f"{BENCH}/permissions", "--record", "--check"],
        "the calls of AWS whose rights are checked are those that are made",
        prepare=make_shop_too,
    ),
    *(
        Part(
            name,
            [str(BIN / "python"), f"{BENCH}/rehearsal.py", name],
            f"{name} applied to moto, inspected, operated and destroyed",
            prepare=make_shop_too,
            needs=terraform_lack,
        )
        for name in ("demo", "staging", "production")
    ),
    Part(
        "zero-to-live",
        [str(BIN / "python"), f"{BENCH}/zero_to_live/follow.py"],
        "docs/zero-to-live.md followed on moto, from an empty account to the first order",
        prepare=make_shop_too,
        needs=terraform_lack,
    ),
    Part(
        "image",
        [sys.executable, f"{BENCH}/image"],
        "the image baked on a bare Debian, and the shop served from it",
        needs=container_lack,
    ),
]


def main() -> int:
    began = time.monotonic()
    parts = select(PARTS)
    for part in parts:
        part.run()
    say("")
    return print_table(parts, seconds=time.monotonic() - began)


if __name__ == "__main__":
    run_as_command(main)
