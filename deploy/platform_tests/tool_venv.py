"""var/tools: a separate Python environment for the tools that configure and check hosts."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from local import PIP_OPTIONS, ROOT, Unusable, say

LOCKS = ROOT / "deploy" / "requirements"
VENV = ROOT / "var" / "tools"
BIN = VENV / "bin"
CHECKOV = ROOT / "var" / "checkov"


def install_tools(lock: str = "platform", venv: Path = VENV) -> None:
    """Install a locked set into its own environment, unless it is there already."""
    path = LOCKS / f"{lock}.txt"
    wanted = hashlib.sha256(path.read_bytes()).hexdigest()
    stamp = venv / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"Installing {path.relative_to(ROOT)} beside the shop's packages (a minute, once) …")
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(venv)],
        [str(venv / "bin" / "python"), "-m", "pip", "install", *PIP_OPTIONS, "--requirement", str(path)],
    ):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise Unusable(f"The platform's tools could not be installed:\n{done.stdout[-3000:]}")
    stamp.write_text(wanted)


def tools_environment(**variables: str) -> dict[str, str]:
    """The environment variables of a program that calls these tools by name."""
    return {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}", **variables}
