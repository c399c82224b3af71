"""The programs that configure and check hosts, in a Python environment of their own beside the shop's: var/tools."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

from environment import PIP_OPTIONS, ROOT, Unusable, say

LOCK = ROOT / "deploy" / "requirements" / "platform.txt"
VENV = ROOT / "var" / "tools"
BIN = VENV / "bin"


def make_tools() -> None:
    """Install the locked set, unless it is there already."""
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    stamp = VENV / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say("Installing what configures and checks hosts (a minute, once) …")
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(VENV)],
        [str(BIN / "python"), "-m", "pip", "install", *PIP_OPTIONS, "--requirement", str(LOCK)],
    ):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise Unusable(f"The platform's tools could not be installed:\n{done.stdout[-3000:]}")
    stamp.write_text(wanted)


def tooled(**variables: str) -> dict[str, str]:
    """The environment of a program that calls these tools by name."""
    return {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}", **variables}
