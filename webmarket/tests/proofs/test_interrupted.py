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
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from webmarket.tests.proofs.hosts import Relay, wait_for
from webmarket.tests.proofs.mysql_pair import Member
from webmarket.tests.proofs.recovery.conftest import new_key
from webmarket.tests.proofs.recovery.shop import ROOT, Shop, environment, run

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
# From a signal to the end of the process, however busy the machine is.
LONGEST_END = 10
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Case:
    """A command line; `prepare` gives it something to do, before each run."""

    command: str
    prepare: Callable[["Terminal"], object] = lambda terminal: None

    @property
    def title(self) -> str:
        return " ".join(self.command.split()[:2])


def without_new_backups(terminal: "Terminal") -> None:
    for path in sorted(terminal.disk.glob("backups/database/*"))[1:]:
        shutil.rmtree(path)
    for name in ("media", "documents"):
        shutil.rmtree(terminal.disk / "backups" / name, ignore_errors=True)


def without_archives(terminal: "Terminal") -> None:
    terminal.server.do("DELETE FROM invoicing_archive")
    for path in terminal.disk.glob("backups/**/*.jsonl.gz*"):
        path.unlink()


def with_stray_pictures(terminal: "Terminal") -> None:
    at = (datetime.now(UTC) - 2 * WEEK).timestamp()
    for number in range(9):
        path = terminal.disk / "media" / "products" / "9999" / f"{number}.webp"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(1000))
        os.utime(path, (at, at))


def without_pictures(terminal: "Terminal") -> None:
    shutil.rmtree(terminal.disk / "media", ignore_errors=True)
    shutil.copytree(terminal.pictures, terminal.disk / "backups" / "media", dirs_exist_ok=True)


def without_lake(terminal: "Terminal") -> None:
    shutil.rmtree(terminal.disk / "lake", ignore_errors=True)


def without_report(terminal: "Terminal") -> None:
    shutil.rmtree(terminal.disk / "documents" / "platform", ignore_errors=True)


# {disk} is the small one, {target} a database that is not there yet. Not among them: load_generator, a program of its
# own (test_generators ends it), and canonical_addresses and text_columns, which are no operations and write no files.
CASES = (
    Case("archive_invoices", without_archives),
    Case("audit_infra --fail-on never --html {disk}/audit.html --ocsf {disk}/audit.json"),
    Case("backup_inventory"),
    Case("backup_manager --logical --media", without_new_backups),
    Case("cleanup --yes"),
    Case("daily_scheduler start"),
    Case("populate_datalake", without_lake),
    Case("publish_metrics"),
    Case("report_sales --first 2026-10-01 --last 2026-10-31", without_report),
    Case("restore --into {target}"),
    Case("restore --media", without_pictures),
    Case("restore_check"),
    Case("sweep_files", with_stray_pictures),
    Case("verify_invoices --files"),
)


class Terminal:
    """Commands of a shop whose disk is small and whose database stands behind a relay."""

    def __init__(self, folder: Path, aws_region: str = "eu-west-3") -> None:
        self.folder, self.disk, self.pictures = folder, folder / "disk", folder / "pictures"
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
        # After the backup: those orders have no goods, and its books are right.
        filled = run([*command, "fill"], self.shop.environment)
        assert filled.code == 0, filled.errors
        shutil.copytree(self.disk / "media", self.pictures)
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

    def type(self, case: Case, *, at: int = 0) -> None:
        assert self.process
        assert self.process.stdin
        arguments = case.command.format(disk=self.disk, target=self.target).split()
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

    def interrupted(self, case: Case, ending: str, at: int) -> tuple[int, list[str], float]:
        """As `ended`, with the seconds that it took to end."""
        case.prepare(self)
        self.type(case, at=at)
        paused = self.folder / "paused"
        what = f"{case.command} is at line {at}"
        wait_for(what, lambda: paused.exists() and paused.read_text(), seconds=120, every=0.01)
        filler = self.disk / "filler"
        began = time.monotonic()
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
            return *self.ended(), time.monotonic() - began
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
        # Its column's name holds the pattern.
        found = self.server.do("SHOW DATABASES LIKE 'restore\\_check\\_%'")
        databases = [str(name) for row in found for name in row.values()]
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
        heads = f"{'':<32}{'':<15}{'at':>4}{'exit':>6}{'s':>6}  {'row':<11}{'next run':<11}"
        print(f"\n{heads}left: at once / after the next run")
    return terminal


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk is mounted by root alone")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_a_command_that_is_ended(case: Case, begun: Terminal):
    terminal = begun
    terminal.clear()
    # The first one has books that are right.
    without_new_backups(terminal)
    case.prepare(terminal)
    terminal.type(case)
    code, lines = terminal.ended()
    assert code == 0, lines
    # The last line is the outcome.
    count = len(lines) - 1
    assert count, lines
    for ending in ENDINGS:
        for at in sorted({1, (count + 1) // 2, count}):
            terminal.clear()
            ended(terminal, case, ending, at)


def ended(terminal: Terminal, case: Case, ending: str, at: int) -> None:
    code, lines, seconds = terminal.interrupted(case, ending, at)
    row, left = terminal.row(), terminal.left()
    message = lines[-1]
    name = case.command.split()[0]
    assert row["operation"] == name
    went_on = code == 0
    if ending in EXIT:
        # Where nothing was left to do, it may have ended before the signal was heard.
        assert code in EXIT[ending], (ending, at, code, lines)
        assert seconds < LONGEST_END, (ending, at, seconds)
    if ending in MESSAGES and not went_on:
        assert re.search(MESSAGES[ending], message), (ending, at, code, lines)
        assert "Traceback" not in "\n".join(lines)
    if ending in {"Ctrl-C", "SIGTERM"}:
        assert (row["state"], row["active_key"], left) == ("FAILED", None, []), (ending, at, row, left)
    if ending == "disk full":
        assert (row["state"], row["active_key"], left) == ("SUCCEEDED" if went_on else "FAILED", None, []), (at, row)
    if ending == "database away":
        assert not went_on, (at, lines)
    if went_on:
        terminal.clear()
    terminal.type(case)
    next_code, next_lines = terminal.ended()
    assert next_code == 0, (ending, at, next_lines)
    state, later = terminal.state(row["id"]), terminal.left()
    if row["state"] == "RUNNING":
        assert state == "ABANDONED"
    assert later == []
    outcome = f"{', '.join(left) or 'nothing'} / {', '.join(later) or 'nothing'}"
    columns = f"{case.title:<32}{ending:<15}{at:>4}{code:>6}{seconds:>6.1f}"
    print(f"{columns}  {row['state']:<11}{state:<11}{outcome}", flush=True)
