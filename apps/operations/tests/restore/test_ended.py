"""A restore or a check that ends too soon goes on later, or leaves nothing behind."""

import gzip
import hashlib
import os
import signal
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from threading import Timer

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from apps.operations.models import OperationRun
from apps.operations.operations import OPERATIONS
from apps.operations.runs.report import Reporter
from apps.operations.runs.run import Starter, run_operation
from apps.operations.services.backup import leftovers
from apps.operations.services.backup import manifest as manifests
from apps.operations.services.backup.destination import destination
from apps.operations.services.backup.dump import dump
from apps.operations.services.backup.leftovers import lock_name
from apps.operations.services.backup.loading import MARKER, load, run
from apps.operations.services.backup.source import contents
from apps.operations.services.backup.store import Folder
from apps.operations.services.backup.target import ALIAS
from apps.operations.tests.restore.restored import State, databases, manage, opened, server


class Dying(Folder):
    """A store whose process ends after so many pieces."""

    def __init__(self, folder: Path, *, after: int) -> None:
        super().__init__(folder)
        self.left = after

    def get(self, key: str) -> bytes | None:
        if not self.left:
            raise ConnectionAbortedError
        self.left -= 1
        return super().get(key)


@pytest.mark.mysql
def test_parts_are_loaded_at_once_and_one_that_fails_leaves_no_half(backup, folder, target):
    """A damaged part, by a key that has signed it, beside good ones on the same connections."""
    part = next(table for table in backup.tables if table.name == "catalogue_variant").parts[0]
    good = folder.get(part.key)
    lines = gzip.decompress(good).splitlines(keepends=True)
    bad = gzip.compress(b"".join(lines) + b"{no json\n")
    folder.put(part.key, bad)
    honest = (part.size, part.sha256)
    part.size, part.sha256 = len(bad), hashlib.sha256(bad).hexdigest()
    manifests.write(folder, backup)
    errors = StringIO()
    with pytest.raises(SystemExit):
        call_command("restore", "--into", target, "--at-once", "3", stdout=StringIO(), stderr=errors)
    assert "JSONDecodeError" in errors.getvalue()
    folder.put(part.key, good)
    part.size, part.sha256 = honest
    manifests.write(folder, backup)
    outcome = manage("restore", "--into", target, "--at-once", "3")
    assert outcome.state == State.SUCCEEDED, outcome.message
    with opened(target):
        assert contents(ALIAS) == backup.contents


@pytest.mark.mysql
def test_a_restore_that_was_killed_goes_on_where_it_stopped(backup, folder, target):
    name = destination(target).mysql["NAME"]
    dying = Dying(folder.folder, after=9)
    with server() as raw:
        run(raw, f"CREATE DATABASE `{name}` CHARACTER SET latin1")
        run(raw, f"USE `{name}`")
        with pytest.raises(ConnectionAbortedError):
            load(server=raw, store=dying, manifest=backup, report=Reporter())
    trial = manage("restore", "--into", target, "--dry-run")
    assert trial.state == State.SUCCEEDED, trial.message
    outcome = manage("restore", "--into", target)
    assert outcome.state == State.SUCCEEDED, outcome.message
    assert "Reprise : 9 morceaux" in outcome.log.replace("\u202f", " ")
    with opened(target):
        assert contents(ALIAS) == backup.contents
        with connections[ALIAS].cursor() as cursor:
            cursor.execute("SELECT @@collation_database")
            assert cursor.fetchone()[0] == "utf8mb4_0900_ai_ci"
        assert MARKER not in connections[ALIAS].introspection.table_names()


@pytest.mark.mysql
def test_the_half_of_another_backup_is_not_finished_with_this_one(backup, folder, target):
    name = destination(target).mysql["NAME"]
    with server() as raw:
        run(raw, f"CREATE DATABASE `{name}`")
        run(raw, f"USE `{name}`")
        with pytest.raises(ConnectionAbortedError):
            load(server=raw, store=Dying(folder.folder, after=3), manifest=backup, report=Reporter())
    other = dump(store=folder, report=Reporter(), now=datetime(2999, 1, 1, tzinfo=UTC))
    outcome = manage("restore", "--into", target)
    assert outcome.state == State.FAILED
    assert f"--backup {backup.prefix}" in outcome.message
    assert other.prefix not in outcome.message
    assert manage("restore", "--into", target, "--backup", backup.prefix).state == State.SUCCEEDED


class Interrupting:
    """A screen before which somebody presses Ctrl-C, or ends the process, as soon as a line begins so."""

    def __init__(self, text: str, number: int) -> None:
        self.text, self.number = text, number

    def line(self, text: str) -> None:
        self.progress(text)

    def progress(self, text: str) -> None:
        if text.startswith(self.text):
            os.kill(os.getpid(), self.number)


@pytest.mark.parametrize(
    ("number", "moment"),
    [(signal.SIGINT, "Relecture"), (signal.SIGTERM, "loading"), (signal.SIGTERM, "Restaurée en")],
)
def test_a_check_that_is_ended_leaves_its_row_and_nothing_else(backup, number, moment, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    # A shell starts what it puts in the background with Ctrl-C ignored, the tests' own process included.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    before = databases()
    if moment == "loading":
        moment = "Restauration" if connection.vendor == "sqlite" else "catalogue_variant"
    ended = run_operation(
        operation=OPERATIONS["restore_check"],
        options={"backup": backup.prefix},
        starter=Starter(OperationRun.Source.TERMINAL),
        now=timezone.now(),
        screen=Interrupting(moment, number),
    )
    assert (ended.state, ended.result["code"], ended.active_key) == (State.FAILED, "interrupted", None)
    assert signal.Signals(number).name in ended.message
    assert databases() == before
    assert list(tmp_path.glob("webmarket-*")) == []
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@pytest.mark.mysql
@pytest.mark.parametrize("at_once", [1, 3])
def test_a_restore_that_waits_for_the_database_ends_within_seconds(backup, folder, target, at_once):
    """Python hears a signal once the database has answered, and threads do not hear it at all."""
    name = destination(target).mysql["NAME"]
    with server() as raw:
        run(raw, f"CREATE DATABASE `{name}`")
        run(raw, f"USE `{name}`")
        with pytest.raises(ConnectionAbortedError):
            load(server=raw, store=Dying(folder.folder, after=0), manifest=backup, report=Reporter())
    with ExitStack() as stack:
        other = stack.enter_context(server())
        table = next(table.name for table in backup.tables if table.parts)
        run(other, f"LOCK TABLES `{name}`.`{table}` READ")
        ends = Timer(2, os.kill, (os.getpid(), signal.SIGTERM))
        ends.start()
        began = time.monotonic()
        ended = run_operation(
            operation=OPERATIONS["restore"],
            options={"into": target, "at_once": at_once},
            starter=Starter(OperationRun.Source.TERMINAL),
            now=timezone.now(),
        )
        seconds = time.monotonic() - began
        ends.cancel()
    assert (ended.state, ended.result["code"]) == (State.FAILED, "interrupted"), ended.message
    assert 2 < seconds < 10
    again = manage("restore", "--into", target)
    assert again.state == State.SUCCEEDED, again.message
    with opened(target):
        assert contents(ALIAS) == backup.contents


def test_folders_of_dead_processes_are_swept_and_those_in_use_stay(db, folder, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    dead, rows = (tmp_path / f"webmarket-{purpose}-4000000-abcdef" for purpose in ("restore", "lake"))
    used = tmp_path / f"webmarket-backup-{os.getpid()}-abcdef"
    strange = tmp_path / "webmarket-restored"
    for each in (dead, rows, used, strange):
        each.mkdir()
        (each / "restored.sqlite3").write_bytes(b"customers")
    assert set(manage("cleanup", "--yes").result["deleted"]) == {str(dead), str(rows)}
    assert [each.exists() for each in (dead, rows, used, strange)] == [False, False, True, True]


@pytest.mark.mysql
def test_databases_of_dead_checks_go_and_those_in_use_stay(backup):
    dead, used, strange = (f"{leftovers.PREFIX}{name}" for name in ("dead0001", "dead0002", "of_somebody"))
    with server() as living, server() as raw:
        for name in (dead, used, strange):
            run(raw, f"DROP DATABASE IF EXISTS `{name}`")
            run(raw, f"CREATE DATABASE `{name}`")
        run(living, f"SELECT GET_LOCK('{lock_name(used)}', 0)")
        try:
            listed = manage("cleanup")
            assert dead in listed.result["old"]
            assert {used, strange} & set(listed.result["old"]) == set()
            checked = manage("restore_check")
            assert checked.state == State.SUCCEEDED, checked.message
            assert dead in checked.log
            run(raw, f"CREATE DATABASE `{dead}`")
            assert dead in manage("cleanup", "--yes").result["deleted"]
            left = databases()
            assert {used, strange} <= left
            assert dead not in left
        finally:
            for name in (dead, used, strange):
                run(raw, f"DROP DATABASE IF EXISTS `{name}`")
