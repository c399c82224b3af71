"""`archive_invoices` and `verify_invoices`: signed archives of closed months beside the backups, and their check with
that of the documents themselves."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain, islice

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.invoicing.models import Archive, Document, DocumentFile
from apps.invoicing.services import archive_due, archive_of, record_archive, verify_chain
from apps.invoicing.services.archive import is_signed
from apps.operations.errors import OperationFailed
from apps.operations.runs.definition import Operation, Options, Outcome, register
from apps.operations.runs.report import Reporter
from apps.operations.services.backup.store import Store, backups

MAX_LISTED = 20


class VerifyOptions(Options):
    files = forms.BooleanField(  # type: ignore[assignment]
        label=gettext_lazy("PDF"),
        required=False,
        help_text=gettext_lazy("compare aussi chaque PDF avec son empreinte"),
    )


def archive_invoices(*, dry_run: bool, report: Reporter, now: datetime) -> Outcome:
    """Each closed month without an archive. A file that a killed run has stored is taken over when it is the same, and
    refused when it is not: what is locked there is not overwritten."""
    store, stored = backups(), 0
    due = list(archive_due())
    if not due:
        return Outcome(_("Tous les mois clôturés sont archivés."), {"archived": 0}, is_idle=True)
    for number, closing in enumerate(due, start=1):
        report.progress(_("Archives"), number, len(due))
        signed = archive_of(closing)
        report.say(_("%(name)s : %(count)d documents.") % {"name": signed.key, "count": closing.count})
        if dry_run:
            continue
        there = store.get(signed.key)
        if there is not None and there != signed.body:
            raise OperationFailed(
                _("%(name)s existe déjà dans %(store)s et diffère.") % {"name": signed.key, "store": store.name}
            )
        if there is None:
            store.put(signed.key, signed.body)
        store.put(f"{signed.key}.json", signed.note)
        record_archive(closing=closing, signed=signed, now=now)
        stored += 1
    return Outcome(
        _("%(stored)d archives sur %(due)d écrites dans %(store)s.")
        % {"stored": stored, "due": len(due), "store": store.name},
        {"archived": stored, "due": len(due)},
    )


def verify_invoices(*, files: bool, dry_run: bool, report: Reporter, now: datetime) -> Outcome:
    """Reads everything and writes nothing. Not `ok` when there is a fault."""
    count, archives = Document.objects.count(), Archive.objects.count()

    def progress(done: int) -> None:
        report.progress(_("Documents"), done, count)

    found = chain(verify_chain(progress=progress), _archives(backups()), _files() if files else ())
    faults = 0
    for fault in found:
        faults += 1
        if faults <= MAX_LISTED:
            report.say(fault)
    data = {"documents": count, "archives": archives, "faults": faults}
    if faults:
        return Outcome(
            _("%(faults)d anomalies dans %(documents)d documents et %(archives)d archives.") % data, data, ok=False
        )
    return Outcome(_("%(documents)d documents et %(archives)d archives, tous conformes.") % data, data)


def _archives(store: Store) -> Iterator[str]:
    for archive in Archive.objects.order_by("pk"):
        body = store.get(archive.key)
        if body is None:
            yield f"archive {archive.key}: is not in {store.name}"
        elif not is_signed(archive, body):
            yield f"archive {archive.key}: was changed, or is not signed by this shop"


def _files() -> Iterator[str]:
    rows = DocumentFile.objects.select_related("document").order_by("pk").iterator(chunk_size=500)
    while some := list(islice(rows, 500)):
        yield from (fault for each in some if (fault := _file(each)))


def _file(each: DocumentFile) -> str:
    try:
        with each.file.open() as stored:
            same = hashlib.sha256(stored.read()).hexdigest() == each.sha256
    except FileNotFoundError:
        return f"document {each.document.number}: its PDF is missing"
    return "" if same else f"document {each.document.number}: its PDF was changed"


register(
    Operation(
        name="archive_invoices",
        title=gettext_lazy("Archives des factures"),
        about=gettext_lazy("Écrit chaque mois clôturé, signé, à côté des sauvegardes."),
        run=archive_invoices,
        time_limit=timedelta(minutes=25),
    )
)
register(
    Operation(
        name="verify_invoices",
        title=gettext_lazy("Vérification des factures"),
        about=gettext_lazy("Compare chaque facture, avoir, clôture et archive avec son empreinte."),
        run=verify_invoices,
        options=VerifyOptions,
        time_limit=timedelta(minutes=25),
    )
)
