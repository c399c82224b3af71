"""Each operation, ended at three moments by what ends programs: one sentence, a row, and nothing half-written.

The moments are lines of progress that an operation reports by itself: the first, the one in the middle, the last.
"""

import errno
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from apps.catalogue.tests.factories import VariantFactory
from apps.invoicing.tests.factories import closed_october
from apps.operations.models import OperationRun
from apps.operations.operations import OPERATIONS
from apps.operations.runs.run import Starter, run_operation
from apps.operations.services.backup.loading import run as query
from apps.operations.services.backup.manifest import finished
from apps.operations.services.backup.store import Folder
from apps.operations.tests.restore.restored import databases, server, url_of

State = OperationRun.State
AWAY = {
    "mysql": OperationalError(2006, "Server has gone away"),
    "sqlite": OperationalError("unable to open database file"),
}

WITH_DOCUMENTS = {"report_sales", "verify_invoices"}
FULL = OSError(errno.ENOSPC, "No space left on device", "/srv/x")


@dataclass
class Case:
    """`left` names what an interrupted run must not leave."""

    options: dict[str, Any] = field(default_factory=dict)
    left: Callable[[Path], list[str]] = lambda folder: []
    needs_backup: bool = False
    # One moment where a run takes seconds.
    is_slow: bool = False
    # It turns a full disk and an absent database into its own sentence, which says how to go on.
    explains: bool = False


def half_backups(folder: Path) -> list[str]:
    store = Folder(folder / "backups")
    whole = finished(store)
    return [each.key for each in store.listed("") if not each.key.startswith(tuple(whole) or ("\0",))]


def copies(folder: Path) -> list[str]:
    named = [path.name for path in Path(tempfile.gettempdir()).glob(f"webmarket-*-{os.getpid()}-*")]
    return [*named, *databases()]


def half_files(folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.name.startswith(".")]


CASES = {
    "audit_infra": Case({"fail_on": "never"}, is_slow=True),
    "backup_inventory": Case({}, half_files, needs_backup=True),
    "backup_manager": Case({"logical": True}, lambda folder: [*half_backups(folder), *copies(folder)]),
    "cleanup": Case({"yes": True}, half_files, needs_backup=True),
    "daily_scheduler": Case({"action": "start"}),
    "populate_datalake": Case({}, half_files),
    "publish_metrics": Case(),
    "report_sales": Case(),
    "restore": Case({}, half_files, needs_backup=True, explains=True),
    "restore_check": Case({}, copies, needs_backup=True),
    "verify_invoices": Case({"files": True}),
}


class Ending:
    """A screen at whose n-th line the run ends; without a number it only counts."""

    def __init__(self, end: Callable[[], None] | None = None, at: int = 0) -> None:
        self.lines, self.at, self.end = 0, at, end

    def line(self, text: str) -> None:
        self.lines += 1
        if self.end and self.lines == self.at:
            self.end()

    progress = line


def by_signal(number: int) -> Callable[[], None]:
    return lambda: os.kill(os.getpid(), number)


def by_error(make: Callable[[], Exception]) -> Callable[[], None]:
    def end() -> None:
        raise make()

    return end


ENDS = {
    "Ctrl-C": (by_signal(signal.SIGINT), "SIGINT", "interrupted"),
    "SIGTERM": (by_signal(signal.SIGTERM), "SIGTERM", "interrupted"),
    "disk full": (
        by_error(lambda: FULL),
        "disque est plein",
        "disk_full",
    ),
    "database away": (by_error(lambda: AWAY[connection.vendor]), "ne répond pas", "database_away"),
}


def emptied(folder: Path) -> str:
    """Where to restore: what an interrupted restore left there would be resumed."""
    if connection.vendor == "sqlite":
        (folder / "restored.sqlite3").unlink(missing_ok=True)
        return f"sqlite:///{folder / 'restored.sqlite3'}"
    name = f"{connection.settings_dict['NAME']}_interrupted"
    with server() as raw:
        query(raw, f"DROP DATABASE IF EXISTS `{name}`")
    return url_of(name)


def run(name: str, case: Case, folder: Path, screen: Ending) -> OperationRun:
    options = dict(case.options)
    if name == "restore":
        options["into"] = emptied(folder)
    return run_operation(
        operation=OPERATIONS[name],
        options=options,
        starter=Starter(OperationRun.Source.TERMINAL),
        now=timezone.now(),
        screen=screen,
    )


@pytest.fixture
def folder(transactional_db, aws, settings, tmp_path, request) -> Path:
    settings.OPERATIONS = {
        **settings.OPERATIONS,
        "backup_folder": tmp_path / "backups",
        "lake_folder": tmp_path / "lake",
        "backup_bucket": "",
        "lake_bucket": "",
        "database_instance": "",
        "restore_url": "",
        "dev_timetable": "mon-fri 08:00-20:00",
    }
    VariantFactory.create_batch(2)
    if request.node.callspec.params["name"] in WITH_DOCUMENTS:
        closed_october()
    dev = [{"ResourceType": "instance", "Tags": [{"Key": "Environment", "Value": "dev"}]}]
    aws("ec2").run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, TagSpecifications=dev)
    return tmp_path


def test_every_operation_is_in_the_table():
    """But the load generator, a program of its own whose tests end it, and what says nothing while it works."""
    # A month is archived once: test_invoices ends that.
    assert {*CASES, "archive_invoices", "load_generator", "reconcile_payouts", "sweep_files"} == set(OPERATIONS)


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """A process that a script starts in the background ignores Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("name", CASES)
def test_an_operation_that_is_ended_says_so_in_its_row_and_leaves_nothing_half_done(name, folder):
    case = CASES[name]
    if case.needs_backup:
        assert run("backup_manager", CASES["backup_manager"], folder, Ending()).state == State.SUCCEEDED
    counting = Ending()
    run(name, case, folder, counting)
    assert counting.lines, OperationRun.objects.latest("pk").message
    middle = (counting.lines + 1) // 2
    moments = [middle] if case.is_slow else sorted({1, middle, counting.lines})
    before = signal.getsignal(signal.SIGTERM)
    for end, says, code in ENDS.values():
        for moment in moments:
            ended = run(name, case, folder, Ending(end, moment))
            if case.explains and code != "interrupted":
                assert (ended.state, ended.result["code"]) in {(State.FAILED, "operation_failed"), (State.FAILED, code)}
                assert "relancez la même commande" in ended.message or says in ended.message
            else:
                assert (ended.state, ended.result.get("code")) == (State.FAILED, code), (moment, ended.message)
                assert says in ended.message
            assert (ended.active_key, ended.finished_at is None) == (None, False)
            assert case.left(folder) == []
    emptied(folder)
    assert signal.getsignal(signal.SIGTERM) is before
    assert not OperationRun.objects.active().exists()
