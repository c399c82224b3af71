"""`make bench`: measure the shop beside bare Django and the comments beside FastAPI; writes docs/benchmarks*.md.

Installs what it needs, as `make test` does. Options go to deploy/bench/run.py, and leave the comments out:
  python3 deploy/local/bench.py --database sqlite --sizes 1000 --seconds 1
"""

from __future__ import annotations

import shutil
import subprocess
import sys

from debian import install
from environment import BIN, PYTHON, ROOT, Unusable, make_environment, say
from selection import run_as_command
from test import LOCK, install_missing

BENCH = ROOT / "deploy" / "bench"
COMPARED = ROOT / "deploy" / "requirements" / "bench.txt"


def install_wrk() -> None:
    if shutil.which("wrk"):
        return
    say("Installing wrk, which sends the requests …")
    try:
        install(["wrk"])
    except (Unusable, OSError) as error:
        raise Unusable(f"wrk is missing, and only root on Debian can have it installed.\n{error}") from error


def main() -> int:
    options = sys.argv[1:]
    install_missing()
    install_wrk()
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
