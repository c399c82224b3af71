"""Commands, each as a process of its own, ended at three moments by what ends programs: its exit code, message and row,
and what is left, at once and after the next run.

The disk is a small one that fills up; the database is away behind a relay that refuses; kill -9 is the kernel's. The
rest of the table, with errors in place of disk and database, is apps/operations/tests/test_interrupted.py: it takes
seconds.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from webmarket.tests.proofs.hosts import Relay, wait_for
from webmarket.tests.proofs.mysql_pair import Member
from webmarket.tests.proofs.recovery.conftest import new_key
from webmarket.tests.proofs.recovery.shop import ROOT, Shop, environment

pytestmark = pytest.mark.proof
SIGNALS = {"Ctrl-C": signal.SIGINT, "SIGTERM": signal.SIGTERM, "kill -9": signal.SIGKILL}
ENDINGS = (*SIGNALS, "disk full", "database away")
AGAIN = "relancez la même commande"
MESSAGES = {
    "Ctrl-C": "SIGINT",
    "SIGTERM": "SIGTERM",
    "disk full": f"disque est plein|{AGAIN}",
    "database away": f"ne répond pas|{AGAIN}",
}
EXIT = {"Ctrl-C": {130}, "SIGTERM": {143}, "kill -9": {-signal.SIGKILL}}
DISK_MB = 64
CASES = {
    "audit_infra": ["--fail-on", "never"],
    "backup_inventory": [],
    "cleanup": ["--yes"],
    "daily_scheduler": ["start"],
    "populate_datalake": [],
    "publish_metrics": [],
    "restore": [],
}


class Terminal:
    """Commands of a shop whose disk is small and whose database stands behind a relay."""

    def __init__(self, folder: Path, aws_region: str = "eu-west-3") -> None:
        self.folder, self.disk = folder, folder / "disk"
        self.disk.mkdir()
        subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(self.disk)], check=True)
        self.server = Member(41)
        self.server.start(fast=True)
        self.network = Relay(("127.0.0.1", self.server.port))
        (self.disk / "tmp").mkdir()
        more = {
            "AWS_REGION": aws_region,
            "BACKUP_FOLDER": str(self.disk / "backups"),
            "LAKE_FOLDER": str(self.disk / "lake"),
            "BACKUP_SIGNING_KEY": str(new_key(folder / "key.pem")),
            "TMPDIR": str(self.disk / "tmp"),
            "DEV_TIMETABLE": "mon-sun 00:00-23:59",
            "DJANGO_COLORS": "nocolor",
        }
        url = f"mysql://root@127.0.0.1:{self.network.port}/webmarket"
        self.shop = Shop(folder, environment(url, **more))
        self.target = url.replace("/webmarket", "/webmarket_restored")
        self.process: subprocess.Popen[str] | None = None

    def begin(self) -> None:
        self.shop.fill(products=40, orders=0)
        self.shop.type(["backup_manager", "--logical"])
        command = [sys.executable, "-m", "webmarket.tests.proofs.interrupted", str(self.folder)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with (self.folder / "log").open("w") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.shop.environment, stderr=log, **pipes)

    def end(self) -> None:
        if self.process and self.process.stdin:
            self.process.stdin.close()
            self.process.wait()
        self.network.close()
        self.server.remove()
        subprocess.run(["/bin/umount", str(self.disk)], check=True)

    def type(self, name: str, *, at: int = 0) -> None:
        assert self.process
        assert self.process.stdin
        arguments = [name, *CASES[name], *(["--into", self.target] if name == "restore" else [])]
        (self.folder / "paused").unlink(missing_ok=True)
        (self.folder / "go").unlink(missing_ok=True)
        self.process.stdin.write(f"{json.dumps({'arguments': arguments, 'at': at})}\n")
        self.process.stdin.flush()

    def ended(self) -> tuple[int, list[str]]:
        """Its exit code, and the lines that it showed."""
        assert self.process
        assert self.process.stdout
        code = int(self.process.stdout.readline())
        return code, (self.folder / "output").read_text().splitlines()

    def interrupted(self, name: str, ending: str, at: int) -> tuple[int, list[str]]:
        self.type(name, at=at)
        paused = self.folder / "paused"
        wait_for(f"{name} is at line {at}", lambda: paused.exists() and paused.read_text(), seconds=120, every=0.01)
        filler = self.disk / "filler"
        if ending in SIGNALS:
            os.kill(int(paused.read_text()), SIGNALS[ending])
        elif ending == "disk full":
            with suppress(OSError), filler.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(65536))
        else:
            self.network.refuse()
        (self.folder / "go").touch()
        try:
            return self.ended()
        finally:
            filler.unlink(missing_ok=True)
            if ending == "database away":
                self.network.answer()

    def row(self) -> dict[str, Any]:
        fields = "SELECT id, operation, state, active_key, finished_at, message FROM operations_operationrun"
        (row,) = self.server.do(f"{fields} ORDER BY id DESC LIMIT 1")
        return row

    def state(self, row: int) -> str:
        return str(self.server.do(f"SELECT state FROM operations_operationrun WHERE id = {row}")[0]["state"])  # noqa: S608

    def left(self) -> list[str]:
        """Databases of checks, temporary folders, half-written files and backups."""
        databases = [str(row["Database"]) for row in self.server.do("SHOW DATABASES LIKE 'restore\\_check\\_%'")]
        folders = [path.name for path in (self.disk / "tmp").iterdir()]
        halves = [path.name for path in self.disk.rglob("*.partial")]
        backups = [f"half of {path.name}" for path in self.disk.glob("backups/database/*") if not whole(path)]
        return [*databases, *folders, *halves, *backups]

    def clear(self) -> None:
        """What a proof of the next case must not meet."""
        self.server.do("DROP DATABASE IF EXISTS webmarket_restored")
        for path in (self.disk / "tmp").iterdir():
            shutil.rmtree(path)
        for path in self.disk.glob("backups/database/*"):
            if not whole(path):
                shutil.rmtree(path)


def whole(backup: Path) -> bool:
    """Or an empty folder, which is none."""
    return (backup / "manifest.json").exists() or not any(path.is_file() for path in backup.rglob("*"))


@pytest.fixture(scope="module")
def terminal(tmp_path_factory) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path_factory.mktemp("terminal"))
    try:
        yield terminal
    finally:
        terminal.end()


@pytest.fixture
def begun(terminal: Terminal, aws) -> Terminal:
    dev = [{"ResourceType": "instance", "Tags": [{"Key": "Environment", "Value": "dev"}]}]
    aws("ec2").run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, TagSpecifications=dev)
    if terminal.process is None:
        terminal.shop.environment.update({name: value for name, value in os.environ.items() if name.startswith("AWS_")})
        terminal.begin()
        print(f"\n{'':<18}{'':<15}{'at':>4}{'exit':>6}  {'row':<11}{'next run':<11}left: at once / after the next run")
    return terminal


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk is mounted by root alone")
@pytest.mark.parametrize("name", CASES)
def test_a_command_that_is_ended(name: str, begun: Terminal):
    terminal = begun
    terminal.clear()
    terminal.type(name)
    code, lines = terminal.ended()
    assert code == 0, lines
    # The last line is the outcome.
    count = len(lines) - 1
    assert count, lines
    for ending in ENDINGS:
        for at in sorted({1, (count + 1) // 2, count}):
            terminal.clear()
            ended(terminal, name, ending, at)


def ended(terminal: Terminal, name: str, ending: str, at: int) -> None:
    code, lines = terminal.interrupted(name, ending, at)
    row, left = terminal.row(), terminal.left()
    message = lines[-1]
    assert row["operation"] == name
    went_on = code == 0
    if ending in EXIT:
        # Where nothing was left to do, it may have ended before the signal was heard.
        assert code in EXIT[ending], (ending, at, code, lines)
    if ending in MESSAGES and not went_on:
        assert re.search(MESSAGES[ending], message), (ending, at, code, lines)
        assert "Traceback" not in "\n".join(lines)
    if ending in {"Ctrl-C", "SIGTERM"}:
        assert (row["state"], row["active_key"], left) == ("FAILED", None, []), (ending, at, row, left)
    if ending == "disk full":
        assert (row["state"], row["active_key"], left) == ("SUCCEEDED" if went_on else "FAILED", None, []), (at, row)
    if went_on:
        terminal.clear()
    terminal.type(name)
    next_code, next_lines = terminal.ended()
    assert next_code == 0, (ending, at, next_lines)
    state, later = terminal.state(row["id"]), terminal.left()
    if row["state"] == "RUNNING":
        assert state == "ABANDONED"
    assert later == []
    outcome = f"{', '.join(left) or 'nothing'} / {', '.join(later) or 'nothing'}"
    print(f"{name:<18}{ending:<15}{at:>4}{code:>6}  {row['state']:<11}{state:<11}{outcome}", flush=True)
