"""`make lock`: compile deploy/requirements/*.in into pinned sets with hashes, for Python 3.11 and every newer one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from environment import BIN, ROOT, Unusable, make_environment, say

INPUTS = Path("deploy/requirements")
OPTIONS = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--quiet")


def main() -> int:
    make_environment(ROOT / INPUTS / "test.txt")
    for arguments in (
        (INPUTS / "production.in", "--output-file", "requirements.txt"),
        # The test set has production's versions of shared packages.
        (INPUTS / "test.in", "--constraint", "requirements.txt", "--output-file", INPUTS / "test.txt"),
        (Path("deploy/loadtest/requirements.in"), "--output-file", "deploy/loadtest/requirements.txt"),
        (INPUTS / "platform.in", "--output-file", INPUTS / "platform.txt"),
        (INPUTS / "checkov.in", "--output-file", INPUTS / "checkov.txt"),
    ):
        command = [BIN / "uv", "pip", "compile", *OPTIONS, *sys.argv[1:], *arguments]
        if subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL).returncode:
            return 1
    say("The locks are compiled; `make test` and `make test-platform` install them.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unusable as error:
        sys.exit(str(error))
