"""The Python environment and the .env file that `make run` and `make test` need.

Runs on the system's Python with nothing installed, so it uses the standard library alone.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
OLDEST_PYTHON = (3, 11)
MOST_INSTALLERS = 4
PIP_OPTIONS = ("--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "--no-deps")


class Unusable(Exception):
    """Something is missing on this machine; the message has what it is, and what to do."""


def say(text: str) -> None:
    print(text, flush=True)


def check_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        raise Unusable(
            "WebMarket+ needs Python {}.{} or newer, and python3 is {}. Put a newer one first on the PATH.".format(
                *OLDEST_PYTHON, sys.version.split()[0]
            )
        )


def variables() -> dict[str, str]:
    """The shop's environment variables: .env, overridden by the process's own."""
    path = ROOT / ".env"
    return {**(read_env_file(path) if path.exists() else {}), **os.environ}


def read_env_file(path: Path) -> dict[str, str]:
    """The NAME=value lines of a file."""
    found: dict[str, str] = {}
    for line in path.read_text().splitlines():
        name, separator, value = line.strip().partition("=")
        if separator and not name.startswith("#"):
            found[name.removeprefix("export ").strip()] = value.strip().strip("'\"")
    return found


def make_env_file() -> None:
    path = ROOT / ".env"
    if path.exists():
        return
    text = (ROOT / ".env.example").read_text()
    secret = secrets.token_urlsafe(48)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(re.sub(r"(?m)^SECRET_KEY=$", f"SECRET_KEY={secret}", text))
    say("A .env file with a secret of its own is written; it holds the settings of this machine.")


def make_environment(lock: Path, *, mysql_required: bool = False) -> None:
    """Install the locked set into .venv, unless it is there already.

    `mysqlclient` is compiled against MySQL's client headers. A machine without them gets the rest of the set, which
    serves SQLite, unless `mysql_required`.
    """
    check_python()
    if not PYTHON.exists():
        say("Making a Python environment in .venv …")
        done = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
        if done.returncode:
            shutil.rmtree(VENV, ignore_errors=True)
            raise Unusable(
                "python3 -m venv failed; on Debian or Ubuntu `apt install python3-venv` puts that right.\n"
                + (done.stdout + done.stderr).strip()
            )
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = VENV / f"installed-{lock.stem}"
    installed = stamp.read_text().split() if stamp.exists() else []
    if installed == [wanted] or (installed == [wanted, "without-mysqlclient"] and not mysql_required):
        return
    say(f"Installing the packages of {lock.relative_to(ROOT)} (a minute or two, once) …")
    alone, rest = split(lock.read_text(), "mysqlclient")
    without_mysql, *errors = _install([alone, *parts(rest, max(2, min(os.cpu_count() or 1, MOST_INSTALLERS)))])
    if error := "\n".join(filter(None, errors)):
        raise Unusable(f"The packages could not be installed:\n{error}")
    outcome = [wanted]
    if without_mysql:
        if mysql_required:
            raise Unusable(
                "mysqlclient could not be compiled; it needs a C compiler, pkg-config, Python's headers and MySQL's "
                f"client headers (Debian: apt install gcc pkg-config python3-dev libmariadb-dev).\n{without_mysql}"
            )
        say("MySQL's client headers are missing: installed everything but mysqlclient, which only MySQL needs.")
        outcome.append("without-mysqlclient")
    stamp.write_text(" ".join(outcome))


def split(lock: str, package: str) -> tuple[str, str]:
    """The lock's entry of one package, and all others; an entry is its line and the indented lines after it."""
    entry = re.compile(rf"(?m)^{re.escape(package)}==.*\n(?:[ \t]+.*\n)*")
    return "".join(entry.findall(lock)), entry.sub("", lock)


def parts(lock: str, number: int) -> list[str]:
    """The lock's entries dealt out to this many sets."""
    entries = re.findall(r"(?m)^[^\s#].*\n(?:[ \t]+.*\n)*", lock)
    return ["".join(entries[first::number]) for first in range(number)]


def _install(sets: list[str]) -> list[str]:
    """Install sets with hashes beside each other; returns for each why it failed, or nothing.

    pip unpacks and compiles on one core. The sets have no package in common, and with --no-deps none takes another's.
    """
    with tempfile.TemporaryDirectory() as folder:
        running = []
        try:
            for number, requirements in enumerate(sets):
                file, log = Path(folder, f"{number}.txt"), Path(folder, f"{number}.log")
                file.write_text(requirements)
                with log.open("wb") as output:
                    command = [PYTHON, "-m", "pip", "install", *PIP_OPTIONS, "--requirement", file]
                    running.append((subprocess.Popen(command, stdout=output, stderr=output), log))
            return [log.read_text().strip()[-3000:] if process.wait() else "" for process, log in running]
        finally:
            # After Ctrl-C none goes on by itself.
            for process, _log in running:
                if process.poll() is None:
                    process.terminate()
                    process.wait()
