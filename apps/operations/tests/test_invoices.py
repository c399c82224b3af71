"""Signed archives of closed months, and what the check finds of them."""

import gzip

import pytest
from django.core.management import call_command

from apps.invoicing.models import Archive, Closing, Document, DocumentFile
from apps.invoicing.services import render_missing
from apps.invoicing.services.archive import archive_of, is_signed
from apps.invoicing.tests.factories import NOVEMBER, closed_october
from apps.operations.errors import OperationFailed
from apps.operations.runs.report import Reporter
from apps.operations.services.backup.store import backups
from apps.operations.services.invoices import archive_invoices, verify_invoices

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(tmp_path, settings):
    settings.OPERATIONS = {**settings.OPERATIONS, "backup_bucket": "", "backup_folder": tmp_path}
    closed_october()
    return backups()


def archive():
    return archive_invoices(dry_run=False, report=Reporter(), now=NOVEMBER)


def verify(*, files=False):
    return verify_invoices(files=files, dry_run=False, report=Reporter(), now=NOVEMBER)


def test_a_month_is_archived_once_and_signed(store):
    assert archive().data == {"archived": 1, "due": 1}
    assert archive().is_idle
    archived = Archive.objects.get()
    body = store.get("invoicing/2026-10.jsonl.gz")
    assert is_signed(archived, body)
    lines = gzip.decompress(body).decode().splitlines()
    # A head, five documents, 27 days, the month.
    assert len(lines) == 1 + 5 + 27 + 1
    assert all(each.hash in "\n".join(lines) for each in Document.objects.all())
    assert verify().ok


def test_a_changed_archive(store):
    archive()
    body = gzip.decompress(store.get("invoicing/2026-10.jsonl.gz")).replace(b"Camille", b"Camilla")
    store.put("invoicing/2026-10.jsonl.gz", gzip.compress(body, mtime=0))
    outcome = verify()
    assert (outcome.ok, outcome.data["faults"]) == (False, 1)


def test_a_removed_archive(store):
    archive()
    store.delete(["invoicing/2026-10.jsonl.gz"])
    assert not verify().ok


def test_an_archive_that_somebody_else_signed(store, settings):
    settings.SECRET_KEY, ours = "another", settings.SECRET_KEY
    archive()
    settings.SECRET_KEY = ours
    assert not verify().ok
    settings.SECRET_KEY_FALLBACKS = ["another"]
    assert verify().ok


def test_an_archive_is_not_written_over(store):
    store.put("invoicing/2026-10.jsonl.gz", b"else")
    with pytest.raises(OperationFailed):
        archive()
    assert not Archive.objects.exists()


def test_a_run_that_died_after_storing_is_finished(store):
    store.put("invoicing/2026-10.jsonl.gz", archive_of(Closing.objects.get(period="MONTH")).body)
    assert archive().data["archived"] == 1
    assert verify().ok


def test_a_pdf_that_was_changed_or_is_gone(store):
    render_missing(now=NOVEMBER)
    assert verify(files=True).ok
    first, second, *_others = DocumentFile.objects.order_by("pk")
    with first.file.storage.open(first.file.name, "wb") as file:
        file.write(b"%PDF-else")
    second.file.storage.delete(second.file.name)
    assert verify().ok
    assert verify(files=True).data["faults"] == 2


def test_each_is_a_command_with_its_exit_code(store):
    call_command("archive_invoices")
    call_command("verify_invoices")
    store.put("invoicing/2026-10.jsonl.gz", b"else")
    with pytest.raises(SystemExit):
        call_command("verify_invoices")
