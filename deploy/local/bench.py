"""`make bench`: measure the shop beside bare Django and the comments beside FastAPI; writes docs/benchmarks*.md.

Installs what it needs, as `make test` does. Options go to deploy/bench/run.py, and leave the comments out:
  python3 deploy/local/bench.py --database sqlite --sizes 1000 --seconds 1
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from debian import install
from environment import BIN, PYTHON, ROOT, Unusable, make_environment, say
from selection import run_as_command
from test import LOCK, install_missing

BENCH = ROOT / "deploy" / "bench"
COMPARED = ROOT / "deploy" / "requirements" / "bench.txt"


# Program → Debian package.
PROGRAMS = {"wrk": "wrk", "nginx": "nginx-light"}


def install_programs() -> None:
    """wrk, which sends the requests, and the nginx that hosts run."""
    missing = [name for name in PROGRAMS if not shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")]
    if not missing:
        return
    say(f"Installing {', '.join(missing)} …")
    try:
        install([PROGRAMS[name] for name in missing])
    except (Unusable, OSError) as error:
        named = ", ".join(missing)
        raise Unusable(f"Missing, and only root on Debian can have them installed: {named}\n{error}") from error
    if "nginx" in missing and shutil.which("systemctl"):
        # The package starts it on port 80.
        subprocess.run(["systemctl", "disable", "--now", "--quiet", "nginx"], check=False)


def main() -> int:
    options = sys.argv[1:]
    install_missing()
    install_programs()
    make_environment(LOCK, mysql_required=True)
    commands = [[PYTHON, BENCH / "run.py", *options]]
    if not options:
        commands += [
            [BIN / "uv", "pip", "install", "--quiet", "--python", PYTHON, "-r", COMPARED],
            [PYTHON, BENCH / "comments.py"],
        ]
    for command in commands:
        if code := subprocess.run(command, cwd=ROOT).returncode:
            return code
    return 0


if __name__ == "__main__":
    run_as_command(main)
