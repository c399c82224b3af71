"""`make test`: every check of the project, with a closing table of outcomes and durations.

  make test                    everything
  make test ONLY=lint,types    the named parts alone: lint types migrations translations production terraform platform
                           sqlite mysql browser speed

As root on Debian, missing programs are installed. Elsewhere a part that lacks one is skipped with the reason; with
CI=true that is a failure.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from debian import install
from environment import BIN, ROOT, Unusable, make_environment, read_env_file, say
from libraries import missing_libraries
from selection import CI, print_table, requested, run_as_command, select

LOCK = ROOT / "deploy" / "requirements" / "test.txt"
MYSQL = ROOT / "deploy" / "local" / "mysql"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PROCESSES = str(min(os.cpu_count() or 1, 4))
TEMPLATES = ("apps", "webmarket")
SILENT = {"LOG_LEVEL": "WARNING"}
TESTING = {"DJANGO_SETTINGS_MODULE": "webmarket.tests.settings", **SILENT}
COMPARE = "deploy/bench/compare.py"
ON_MYSQL = {"migrations", "mysql"}
# What an instance gets from its environment; no connection is made.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "webmarket.settings",
    "DEMO": "false",
    "SECRET_KEY": hashlib.sha512(b"long and only for this check").hexdigest(),
    "ALLOWED_HOSTS": "www.webmarket.example",
    "SITE_URL": "https://www.webmarket.example",
    "DATABASE_URL": "mysql://webmarket:password@db.internal:3306/webmarket",
    "EMAIL_URL": "smtp+tls://user:password@smtp.internal:587",
    "CELERY_BROKER_URL": "sqs://",
    "CELERY_QUEUE_URLS": "default=https://sqs.test/1/default,operations=https://sqs.test/1/operations",
    "AWS_STORAGE_BUCKET_NAME": "webmarket-files",
    **read_env_file(ROOT / "deploy" / "sample_shop.env"),
    **SILENT,
}


@dataclass
class Part:
    """Commands of one part; `needs` returns what is missing for them on this machine, or an empty string.

    `beside` runs at the same time, with the tests' own environment; its output is shown when it fails. A part that
    keeps one processor busy (`is_single`) runs beside another such part; its output is printed when it has ended.
    """

    name: str
    commands: list[list[str]]
    environment: dict[str, str] = field(default_factory=lambda: dict(TESTING))
    needs: Callable[[], str] = str
    beside: list[str] = field(default_factory=list)
    is_single: bool = False
    outcome: str = ""
    failed: bool = False
    seconds: float = 0

    def run(self) -> None:
        with printed_at_the_end() if self.is_single else nullcontext(sys.stdout) as output:
            self.run_into(output)

    def run_into(self, output: TextIO) -> None:
        print(f"\n——— {self.name} ———", file=output, flush=True)
        began = time.monotonic()
        if lack := self.needs():
            self.outcome, self.failed = f"not run: {lack}", CI
            print(self.outcome, file=output, flush=True)
            return
        with running_beside(self.beside, output) as beside:
            self.run_commands(output)
        if beside.failed:
            self.failed, self.outcome = True, f"{' '.join(self.beside)} failed"
        self.outcome = self.outcome or "passed"
        self.seconds = time.monotonic() - began

    def run_commands(self, output: TextIO) -> None:
        for command in self.commands:
            code, last = run_streamed([str(BIN / command[0]), *command[1:]], self.environment, output)
            if command[0] == "pytest" or command[-1] == COMPARE:
                self.outcome = last
            if code < 0:
                self.outcome = f"{command[0]} was ended by signal {-code}"
            if code:
                self.failed = True
                self.outcome = self.outcome or f"{' '.join(command[:2])} failed"


@dataclass
class Beside:
    failed: bool = False


@contextmanager
def printed_at_the_end() -> Iterator[TextIO]:
    output = io.StringIO()
    try:
        yield output
    finally:
        say(output.getvalue().rstrip())


@contextmanager
def running_beside(command: list[str], show: TextIO) -> Iterator[Beside]:
    """Run a command while the body runs, and wait for it."""
    beside = Beside()
    if not command:
        yield beside
        return
    environment = {**os.environ, **TESTING}
    environment.pop("DATABASE_URL", None)
    process = subprocess.Popen(
        [str(BIN / command[0]), *command[1:]],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield beside
        output, _nothing = process.communicate()
        beside.failed = bool(process.returncode)
        if beside.failed:
            print(output, file=show, flush=True)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


streamed: set[subprocess.Popen] = set()


def run_streamed(command: list[str], environment: dict[str, str], output: TextIO) -> tuple[int, str]:
    """Run a command with its output passed on; returns its exit code and last line of output."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    streamed.add(process)
    last = ""
    try:
        for line in process.stdout or ():
            output.write(line)
            output.flush()
            last = line.strip() or last
        return process.wait(), last
    except BaseException:
        process.terminate()
        process.wait()
        raise
    finally:
        streamed.discard(process)


def parts(mysql: Server) -> list[Part]:
    # A database of this checkout's own: two checkouts may test at the same time.
    checkout = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
    on_own_database = {**TESTING, "DATABASE_URL": re.sub(r"/\w+$", f"/webmarket_{checkout}", mysql.url)}
    suite = ["pytest", "-n", PROCESSES, "--dist", "worksteal"]
    manage = ["python", "manage.py"]
    return [
        Part(
            "lint",
            [
                ["ruff", "check"],
                ["ruff", "format", "--check"],
                ["djlint", "--lint", "--quiet", *TEMPLATES],
                ["lint-imports", "--no-cache"],
            ],
            is_single=True,
        ),
        Part("types", [["mypy"]], is_single=True),
        Part(
            "migrations",
            [["pytest", "webmarket/tests/test_migrations.py"]],
            on_own_database,
            mysql.lack,
            # On SQLite too; what it migrates is what the parts sqlite and browser copy.
            beside=["pytest", "webmarket/tests/test_migrations.py"],
            is_single=True,
        ),
        Part("translations", [[*manage, "translations", "check"]], is_single=True),
        Part(
            "production",
            [[*manage, "check", "--deploy", "--fail-level", "WARNING"]],
            PRODUCTION,
            mysql_client_lack,
            is_single=True,
        ),
        Part("terraform", [["python", "deploy/platform_tests/terraform"]], needs=terraform_lack),
        Part("platform", [["python", "deploy/platform_tests/platform_checks.py"]], needs=platform_lack),
        Part("sqlite", [suite]),
        Part("mysql", [suite], on_own_database, mysql.lack),
        Part("browser", [[*suite, "-m", "browser"]], needs=chromium_lack),
        Part("speed", [["python", COMPARE]], {}),
    ]


@dataclass
class Server:
    """The MySQL server of the tests: the one that DATABASE_URL names, or our own, started for this run."""

    url: str = ""
    why_not: str = ""
    ours: bool = False

    def start(self) -> None:
        given = os.environ.get("DATABASE_URL", "")
        if given.startswith("mysql:"):
            self.url = given
            return
        was_running = subprocess.run([MYSQL, "status"], capture_output=True).returncode == 0
        started = subprocess.run([MYSQL, "start", "--fast"], capture_output=True, text=True)
        if started.returncode:
            self.why_not = " ".join(started.stderr.split())
            return
        self.url = started.stdout.strip()
        self.ours = not was_running

    def stop(self) -> None:
        if self.ours:
            subprocess.run([MYSQL, "stop"], capture_output=True)

    def lack(self) -> str:
        return self.why_not or mysql_client_lack()


def mysql_client_lack() -> str:
    found = subprocess.run([BIN / "python", "-c", "import MySQLdb"], capture_output=True).returncode == 0
    return "" if found else "mysqlclient is not installed: it needs MySQL's client headers to compile"


def chromium_lack() -> str:
    return "" if Path(CHROMIUM).exists() else f"no Chromium at {CHROMIUM} (CHROMIUM=… names another)"


def terraform_lack() -> str:
    return "" if shutil.which("terraform") else "no terraform (https://developer.hashicorp.com/terraform/install)"


def platform_lack() -> str:
    return "" if shutil.which("packer") else "no packer (https://developer.hashicorp.com/packer/install)"


def install_missing() -> None:
    """As root on Debian, install missing programs that a part needs."""
    missing = sorted(missing_packages())
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say(f"Not here, and only root on Debian can have them installed: {', '.join(missing)}")
        return
    say(f"Installing {', '.join(missing)} …")
    try:
        install(missing)
    except Unusable as error:
        # A laptop without a network still runs what it can; where nothing may be left out, this is the reason to name.
        if CI:
            raise
        say(str(error))


def missing_packages() -> Iterator[str]:
    yield from missing_libraries()
    if not Path(CHROMIUM).exists():
        yield "chromium"
    if not shutil.which("packer"):
        yield "packer"
    if not shutil.which("ssh-keygen"):
        yield "openssh-client"
    if not shutil.which("gcc") and not shutil.which("cc"):
        yield "gcc"
    if not shutil.which("pkg-config"):
        yield "pkg-config"
    if not shutil.which("mariadb_config") and not shutil.which("mysql_config"):
        yield "libmariadb-dev"
    if not shutil.which("mysqld") and not shutil.which("debootstrap"):
        yield "debootstrap"
    if sys.executable.startswith("/usr/bin/"):
        if not Path(sysconfig.get_paths()["include"], "Python.h").exists():
            yield "python3-dev"
        if not (Path(sysconfig.get_paths()["stdlib"]) / "ensurepip").exists():
            yield "python3-venv"


@contextmanager
def server(*, needed: bool) -> Iterator[Server]:
    found = Server()
    try:
        if needed:
            found.start()
        yield found
    finally:
        found.stop()


def run_all(running: list[Part]) -> None:
    """The single parts two at a time, the longest first; then the others, each of which keeps every processor busy."""
    singles = sorted((part for part in running if part.is_single), key=lambda part: part.name != "types")
    with ThreadPoolExecutor(2) as pool:
        try:
            list(pool.map(Part.run, singles))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in streamed:
                process.terminate()
            raise
    for part in running:
        if not part.is_single:
            part.run()


def fix() -> int:
    make_environment(LOCK)
    codes = [
        subprocess.run([BIN / "ruff", *command], cwd=ROOT).returncode for command in (["check", "--fix"], ["format"])
    ]
    return max(codes)


def main() -> int:
    if "--fix" in sys.argv[1:]:
        return fix()
    began = time.monotonic()
    install_missing()
    make_environment(LOCK, mysql_required=CI)
    prepared = time.monotonic() - began
    with server(needed=not requested() or bool(requested() & ON_MYSQL)) as mysql:
        running = select(parts(mysql))
        run_all(running)
    say(f"\n{'environment':<14}{prepared:>6.0f} s")
    return print_table(running, seconds=time.monotonic() - began)


if __name__ == "__main__":
    run_as_command(main)
