"""Checks of configuration and deployment code: `make test ONLY=platform`, or this file alone.

ansible-lint's production profile, Packer's validation of both sources, shellcheck, zizmor on the workflows,
checkov on terraform/, and the tests of deploy/tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local import BIN as SHOP
from local import ROOT, Unusable, say
from tool_venv import BIN, CHECKOV, install_tools, tools_environment

SHELL = ("packer/smoke_test.sh", "packer/forget.sh", ".ci/run")


def commands(key: Path) -> Iterator[tuple[str, list[str], Path]]:
    yield (
        "ansible-lint",
        [str(BIN / "ansible-lint"), "--profile", "production", "--offline", "-q"],
        ROOT / "ansible",
    )
    yield "shellcheck", [str(BIN / "shellcheck"), *SHELL], ROOT
    yield "zizmor", [str(BIN / "zizmor"), "--offline", "--no-progress", ".github/workflows"], ROOT
    yield "packer fmt", ["packer", "fmt", "-check", "packer"], ROOT
    yield "packer validate", ["packer", "validate", *packer_variables(key), "packer"], ROOT
    yield "checkov", [str(CHECKOV / "bin" / "checkov"), "--config-file", "terraform/.checkov.yaml"], ROOT
    yield "deploy/tests", [str(SHOP / "pytest"), "-n", "2", "--dist", "worksteal", "deploy/tests"], ROOT


def packer_variables(key: Path) -> list[str]:
    given = {
        "release": "v0",
        "commit": "0" * 40,
        "archive": "/nowhere.tar.gz",
        "build": "/nowhere",
        "builder_cidrs": '["192.0.2.1/32"]',
        "ansible_variables": os.devnull,
        "ssh_host": "192.0.2.2",
        "ssh_key": str(key),
    }
    return [f"-var={name}={value}" for name, value in given.items()]


def run(name: str, command: list[str], folder: Path) -> bool:
    began = time.monotonic()
    done = subprocess.run(
        command,
        cwd=folder,
        # boto3 in the tests must find no account of this machine's.
        env=tools_environment(CHECKPOINT_DISABLE="1", ANSIBLE_NOCOLOR="1", AWS_EC2_METADATA_DISABLED="true"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output = done.stdout.strip()
    if done.returncode:
        say(f"——— {name} ———\n{output}")
    last = output.splitlines()[-1] if output and name == "deploy/tests" else ""
    say(f"{name:<16}{time.monotonic() - began:>6.1f} s  {'FAILED' if done.returncode else 'ok'}  {last}")
    return done.returncode == 0


def main() -> int:
    install_tools()
    install_tools("checkov", CHECKOV)
    if not shutil.which("packer"):
        raise Unusable("There is no packer here (Debian: apt install packer).")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        key = Path(folder) / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        # The longest first; two at a time.
        longest = sorted(commands(key), key=lambda given: given[0] != "deploy/tests")
        return 0 if all(list(pool.map(lambda given: run(*given), longest))) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unusable as error:
        sys.exit(str(error))
