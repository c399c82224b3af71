"""What a full disk, a lost connection or a kill leaves of what an operation was writing, and who clears it up."""

import errno
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from apps.catalogue.tests.factories import VariantFactory
from apps.common.files_on_disk import WholeFileSystemStorage
from apps.operations.models import OperationRun
from apps.operations.runs.definition import Outcome
from apps.operations.runs.report import Reporter
from apps.operations.services.backup import leftovers
from apps.operations.services.backup import manifest as manifests
from apps.operations.services.backup.dump import dump
from apps.operations.services.backup.leftovers import lock_name
from apps.operations.services.backup.loading import run
from apps.operations.services.backup.media import put_back_media
from apps.operations.services.backup.store import Folder
from apps.operations.services.cleanup import cleanup
from apps.operations.tests.restore.restored import State, databases, manage, server

FULL = OSError(errno.ENOSPC, "No space left on device")
AWAY = EndpointConnectionError(endpoint_url="https://s3.eu-west-3.amazonaws.com")
NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)


class Failing(Folder):
    """Fails as soon as it writes, or reads back, a key with this ending."""

    def __init__(self, folder: Path, error: BaseException, *, writes: str = "\0", reads: str = "\0") -> None:
        super().__init__(folder)
        self.error, self.writes, self.reads = error, writes, reads

    def put(self, key: str, content: bytes) -> None:
        if key.endswith(self.writes):
            raise self.error
        super().put(key, content)

    def get(self, key: str) -> bytes | None:
        if key.endswith(self.reads):
            raise self.error
        return super().get(key)


@pytest.fixture
def folder(transactional_db, settings, tmp_path) -> Folder:
    settings.OPERATIONS = {
        **settings.OPERATIONS,
        "backup_folder": tmp_path / "backups",
        "lake_folder": tmp_path / "lake",
        "backup_bucket": "",
        "lake_bucket": "",
        "database_instance": "",
        "restore_url": "",
    }
    VariantFactory()
    return Folder(tmp_path / "backups")


@pytest.mark.parametrize("error", [FULL, AWAY, KeyboardInterrupt()], ids=["disk full", "S3 away", "Ctrl-C"])
@pytest.mark.parametrize(
    "moment",
    [
        {"writes": "/00001.gz"},
        {"reads": "/00001.gz"},
        {"writes": manifests.CHECKSUM},
        {"writes": manifests.SIGNATURE},
        {"writes": manifests.MANIFEST},
    ],
    ids=lambda moment: " ".join(*moment.items()),
)
def test_a_backup_that_fails_leaves_nothing(folder, error, moment):
    with pytest.raises(type(error)):
        dump(store=Failing(folder.folder, error, **moment), report=Reporter(), now=NOW)
    assert list(folder.folder.rglob("*")) == []


def half(folder: Folder, at: datetime, name: str = "orders/00001.gz") -> str:
    """A backup whose process was killed."""
    prefix = manifests.new_prefix(at)
    folder.put(f"{prefix}{name}", b"half")
    return prefix


def row(at: datetime, **changes) -> OperationRun:
    ended = {"state": State.ABANDONED, "finished_at": at}
    moments = {"started_at": at, "expires_at": at + timedelta(hours=30)}
    return OperationRun.objects.create(operation="backup_manager", pid=1, **moments, **ended | changes)


def left(folder: Folder) -> set[str]:
    return {"/".join(each.key.split("/")[:2]) + "/" for each in folder.listed("")}


def clear_by_cleanup() -> None:
    outcome = manage("cleanup", "--yes")
    assert outcome.state == State.SUCCEEDED, outcome.message


def clear_by_next_run() -> None:
    outcome = manage("backup_manager", "--logical")
    assert outcome.state == State.SUCCEEDED, outcome.message


@pytest.mark.parametrize("clear", [clear_by_cleanup, clear_by_next_run])
class TestKilled:
    def test_a_backup_whose_run_has_ended_goes(self, folder, clear):
        at = timezone.now() - timedelta(minutes=5)
        prefix = half(folder, at)
        row(at)
        clear()
        assert prefix not in left(folder)

    def test_one_that_is_being_written_stays(self, folder, clear):
        at = timezone.now() - timedelta(minutes=5)
        prefix = half(folder, at)
        row(at, state=State.RUNNING, finished_at=None)
        clear()
        assert prefix in left(folder)

    @pytest.mark.parametrize(("hours", "goes"), [(5, False), (7, True)])
    def test_one_of_another_database_goes_once_nobody_writes_to_it(self, folder, clear, hours, goes):
        at = timezone.now() - timedelta(hours=hours)
        prefix = half(folder, at)
        os.utime(folder.folder / prefix / "orders" / "00001.gz", (at.timestamp(), at.timestamp()))
        clear()
        assert (prefix not in left(folder)) is goes

    @pytest.mark.parametrize("more", ["hold", "somebodys.sql"])
    def test_one_that_is_held_or_not_ours_alone_stays(self, folder, clear, more):
        at = timezone.now() - timedelta(minutes=5)
        prefix = half(folder, at)
        folder.put(f"{prefix}{more}", b"of somebody")
        row(at)
        clear()
        assert prefix in left(folder)

    def test_a_piece_that_was_being_written_goes_and_a_living_process_keeps_its_own(self, folder, clear):
        dead, living = (
            folder.folder / f"database/2026-11-2{day}T03-00-00/orders/.00001.gz.{pid}-0123abcd.partial"
            for day, pid in ((7, 4000000), (8, os.getpid()))
        )
        for path in (dead, living):
            path.parent.mkdir(parents=True)
            path.write_bytes(b"half")
        clear()
        assert not dead.exists()
        assert living.exists()


def test_cleanup_takes_halves_of_the_lake_and_of_the_shops_files_too(folder, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    documents_on_disk = {"BACKEND": "apps.common.documents.DocumentsOnDisk"}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "apps.common.files_on_disk.WholeFileSystemStorage"},
        "documents": {**documents_on_disk, "OPTIONS": {"location": tmp_path / "documents"}},
    }
    halves = [tmp_path / place / ".x.4000000-0123abcd.partial" for place in ("lake", "media", "documents")]
    for path in halves:
        path.parent.mkdir(parents=True)
        path.write_bytes(b"customers")
    assert set(manage("cleanup", "--yes").result["deleted"]) >= {str(path) for path in halves}
    assert not any(path.exists() for path in halves)


def test_an_inventory_says_that_what_was_not_finished_goes(folder):
    at = timezone.now() - timedelta(minutes=5)
    prefix = half(folder, at)
    row(at)
    (found,) = manage("backup_inventory").result["backups"]
    assert (found["name"], found["is_whole"], found["kept"]) == (prefix, False, "")


class Meanwhile:
    """A screen; something happens just before `cleanup` deletes."""

    def __init__(self, happen: Callable[[], object]) -> None:
        self.happen = happen

    def line(self, text: str) -> None:
        """Not looked at."""

    def progress(self, text: str) -> None:
        self.happen()


def clean_while(happen: Callable[[], object]) -> Outcome:
    asked = {"days": 7, "weeks": 0, "months": 0, "max_delete": 20, "yes": True, "unsigned": False, "dry_run": False}
    return cleanup(**asked, report=Reporter(Meanwhile(happen)), now=timezone.now())


def test_what_cannot_be_deleted_is_refused_and_not_called_deleted(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    dead = tmp_path / "webmarket-restore-4000000-abcdef"
    dead.mkdir()
    outcome = clean_while(lambda: dead.is_dir() and (dead.rmdir(), dead.touch()))
    assert (outcome.ok, outcome.data["refused"]) == (False, {str(dead): "ENOTDIR"})
    assert str(dead) not in outcome.data["deleted"]


@pytest.mark.mysql
def test_a_database_that_a_check_takes_meanwhile_is_refused(folder):
    name = f"{leftovers.PREFIX}dead0003"
    with server() as living, server() as raw:
        run(raw, f"CREATE DATABASE `{name}`")
        try:
            outcome = clean_while(lambda: run(living, f"SELECT GET_LOCK('{lock_name(name)}', 0)"))
            assert (outcome.ok, outcome.data["refused"]) == (False, {name: "busy"})
            assert name in databases()
        finally:
            run(raw, f"DROP DATABASE `{name}`")


def test_a_full_disk_leaves_no_half_picture_and_the_next_restore_puts_it_back(folder, settings, tmp_path):
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": f"{__name__}.FullOnce"}}
    settings.MEDIA_ROOT = tmp_path / "media"
    folder.put("media/products/1/tea.webp", b"whole")
    with pytest.raises(OSError, match="No space"):
        put_back_media(store=folder, dry_run=False, report=Reporter())
    assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []
    FullOnce.is_full = False
    assert put_back_media(store=folder, dry_run=False, report=Reporter())["copied"] == 1
    with default_storage.open("products/1/tea.webp") as file:
        assert file.read() == b"whole"


class FullOnce(WholeFileSystemStorage):
    is_full = True

    def _save(self, name, content):
        class Half(ContentFile):
            def chunks(self, chunk_size=None):
                yield b"wh"
                raise FULL

        return super()._save(name, Half(b"") if FullOnce.is_full else content)
