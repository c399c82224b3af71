"""A catalogue uploaded in the admin: received, previewed, confirmed, imported."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import structlog
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.catalogue.models import CatalogueImport
from apps.catalogue.models.product import VatClass
from apps.common.errors import DomainError
from apps.common.tabular.encoding import CODECS, GZIP, ZIP, opening_encoding
from apps.common.tabular.errors import DoubtfulEncoding, UnreadableFile
from apps.common.tabular.source import Tabular
from apps.common.temporary import temporary_folder
from apps.imports.catalogue.columns import survey_columns
from apps.imports.catalogue.formats import Format, UnknownColumns, open_catalogue
from apps.imports.catalogue.journal import Journal
from apps.imports.catalogue.matching import Supplier
from apps.imports.catalogue.reading import Reading
from apps.imports.catalogue.report import RejectsFile, Report, summary
from apps.imports.catalogue.run import run_import
from apps.imports.models import ImportedProduct
from apps.imports.services import mappings
from apps.imports.services.jobs import Job, Paused, Replaced, Stopped, claimed

logger = structlog.get_logger(__name__)
Status = CatalogueImport.Status
MAX_BYTES = 50 * 1024 * 1024


class FileTooLarge(DomainError):
    code = "file_too_large"


class NotToConfirm(DomainError):
    """Confirmed already, not previewed yet, or refused."""

    code = "not_to_confirm"


def receive_import(
    *, file: UploadedFile, format_: str, vat_class: str, author: User | None, now: datetime, encoding: str = ""
) -> CatalogueImport:
    """Store the file; the caller starts its preview. Raises FileTooLarge, and UnreadableFile for no catalogue.

    `encoding` is what a person chose for a file that does not prove its own, one of `CODECS`.
    """
    check_upload(file=file)
    received = CatalogueImport(
        name=(file.name or "catalogue.csv")[-200:],
        format=format_,
        vat_class=vat_class,
        created_by=author,
        created_at=now,
        report={"encoding": encoding} if encoding else {},
    )
    received.file.save(received.name, file, save=False)
    received.save()
    return received


def check_upload(*, file: UploadedFile) -> None:
    """Validation of a form: the size, and leading bytes that are no text."""
    if (file.size or 0) > MAX_BYTES:
        raise FileTooLarge(
            _(
                "Ce fichier dépasse %(limit)s Mo. Compressez-le (gzip), ou importez-le sur le serveur par "
                "import_catalogue."
            )
            % {"limit": number_format(MAX_BYTES // 1024**2)}
        )
    file.seek(0)
    opening = file.read(4096)
    file.seek(0)
    if opening.startswith(ZIP):
        if not is_zipfile(file):
            raise UnreadableFile(_("Ce classeur ou cette archive est abîmé : envoyez-le à nouveau, ou au format CSV."))
        file.seek(0)
    elif not opening.startswith(GZIP):
        opening_encoding(opening, file.name or "")


def choose_columns(*, received: CatalogueImport, reading: Reading, by: User | None, now: datetime) -> None:
    """Keep the choice, for the supplier's next file too, and wait for a new preview, which the caller starts.

    Raises InvalidReading, and NotToConfirm for an import that is past its preview.
    """
    reading.check()
    with transaction.atomic():
        waiting = CatalogueImport.objects.filter(pk=received.pk, status__in=(Status.MAPPING, Status.PREVIEWED))
        if not waiting.update(status=Status.RECEIVED, reading=reading.as_json(), progress=0):
            raise NotToConfirm(_("Cet import est déjà confirmé : ses colonnes ne changent plus."))
        mappings.save_mapping(reading=reading, by=by, now=now)


def choose_encoding(*, received: CatalogueImport, encoding: str) -> None:
    """Of a file that does not prove its own; the caller starts the preview again. Raises NotToConfirm."""
    offered = [codec for codec, _name, _word in received.report.get("readings", [])]
    refused = CatalogueImport.objects.filter(pk=received.pk, status=Status.REFUSED, confirmed_at=None)
    if encoding not in offered or not refused.update(
        status=Status.RECEIVED, report={"encoding": encoding}, problem="", finished_at=None, progress=0
    ):
        raise NotToConfirm(_("Cet encodage n’est pas à choisir : rechargez la page pour voir où en est l’import."))


def reopen_columns(*, received: CatalogueImport) -> None:
    """From a preview back to the choice of columns, at which the task looks that the caller starts.

    Raises NotToConfirm.
    """
    report = {"encoding": received.report.get("encoding", ""), "former": received.reading}
    reopened = CatalogueImport.objects.filter(pk=received.pk, status=Status.PREVIEWED).update(
        status=Status.RECEIVED, format=CatalogueImport.Format.MAPPED, reading=None, report=report, progress=0
    )
    if not reopened:
        raise NotToConfirm(_("Cet import est déjà confirmé : ses colonnes ne changent plus."))


def preview_import(*, import_id: int, now: datetime) -> None:
    """Compute the changes, writing nothing to the catalogue. A repeat of a finished preview does nothing."""
    with claimed(import_id, now=now) as job:
        received = CatalogueImport.objects.filter(pk=import_id, status=Status.RECEIVED).first()
        if job is not None and received is not None:
            _run(received, job, Status.PREVIEWED, dry_run=True, author=None, now=now)


def confirm_import(*, received: CatalogueImport, by: User, now: datetime, starting_stock: int | None = None) -> None:
    """Confirm the preview; the caller starts the import. Raises NotToConfirm when there is nothing to confirm; only one
    of two clicks counts.

    `starting_stock` is for new variants whose pieces the file does not give.
    """
    confirmed = CatalogueImport.objects.filter(pk=received.pk, status=Status.PREVIEWED).update(
        status=Status.CONFIRMED,
        confirmed_by=by,
        confirmed_at=now,
        progress=0,
        wish="",
        report={**received.report, "starting_stock": starting_stock},
    )
    if not confirmed:
        raise NotToConfirm(_("Cet import n’attend pas de confirmation : rechargez la page pour voir où il en est."))


def apply_import(*, import_id: int, now: datetime) -> bool:
    """Import what was confirmed; returns whether there are pictures to fetch. Interrupted, it is run again and
    completes; finished, a repeat does nothing."""
    with claimed(import_id, now=now) as job:
        received = CatalogueImport.objects.filter(pk=import_id, status=Status.CONFIRMED).first()
        if job is None or received is None:
            return False
        report = _run(received, job, Status.DONE, dry_run=False, author=received.confirmed_by, now=now)
    return report is not None and bool(report.images)


def ask_to(*, received: CatalogueImport, wish: str, now: datetime) -> None:
    """Pause or stop what runs, after its batch; stop at once what waits. Raises NotToConfirm when it is over."""
    rows = CatalogueImport.objects.filter(pk=received.pk)
    waiting = rows.filter(status__in=(Status.MAPPING, Status.PREVIEWED, Status.PAUSED))
    if wish == CatalogueImport.Wish.STOP and waiting.update(status=Status.STOPPED, wish="", finished_at=now):
        return
    if not rows.filter(status__in=(Status.RECEIVED, Status.CONFIRMED)).update(wish=wish):
        raise NotToConfirm(_("Cet import ne tourne plus : rechargez la page pour voir où il en est."))


def resume_import(*, received: CatalogueImport) -> None:
    """Go on after a pause; the caller starts the task. Raises NotToConfirm."""
    paused = CatalogueImport.objects.filter(pk=received.pk, status=Status.PAUSED)
    if not paused.update(status=Status.CONFIRMED, wish=""):
        raise NotToConfirm(_("Cet import n’est pas en pause : rechargez la page pour voir où il en est."))


def abandon(*, import_id: int, now: datetime) -> None:
    """After as many attempts as there may be: say that it ended."""
    received = CatalogueImport.objects.get(pk=import_id)
    mine = CatalogueImport.objects.filter(pk=import_id, status=received.status)
    if received.status == Status.UNDOING:
        problem = _("L’annulation s’est arrêtée plusieurs fois. Ce qui est annulé le reste ; reprenez-la.")
        mine.update(status=Status.DONE, problem=problem)
        return
    problem = _failure(received, dry_run=received.status == Status.RECEIVED)
    mine.update(status=Status.REFUSED, problem=problem, finished_at=now)


def _run(
    received: CatalogueImport, job: Job, done: str, *, dry_run: bool, author: User | None, now: datetime
) -> Report | None:
    """None for a file that is no catalogue, and for a run that a person or another worker ended."""
    mine = CatalogueImport.objects.filter(pk=received.pk, status=received.status)
    storage, name = received.file.storage, received.file.name or ""

    def store_progress(line: int) -> None:
        mine.update(progress=line)

    # The preview's, so that what is written was read as what was shown.
    encoding = received.report.get("encoding", "")
    source: Tabular | None = None
    try:
        reading = Reading.from_json(received.reading) if received.reading else None
        with _rejects(has_header=reading is None or reading.has_header) as (rejects, saved):
            source = open_catalogue(
                lambda: storage.open(name, "rb"),
                received.name,
                encoding=encoding if encoding in CODECS else "",
                reading=reading,
            )
            mine.update(lines=source.survey.lines)
            journal = Journal(received, is_written=not dry_run)
            journal.begin()
            report = run_import(
                source=source,
                format_=Format(received.format),
                dry_run=dry_run,
                rejects=rejects,
                vat=VatClass(received.vat_class),
                author=author,
                now=now,
                progress=store_progress,
                reading=reading,
                supplier=Supplier.named(reading.supplier if reading else ""),
                journal=journal,
                beat=job.beat,
                starting_stock=received.report.get("starting_stock"),
            )
            rejects.close()
            if (file := saved()) is not None:
                with file:
                    file.name = f"{Path(received.name).stem}.rejets.csv"
                    received.rejects.save(file.name, file, save=False)
    except (Replaced, Paused, Stopped) as ended:
        _end_early(received, ended, dry_run=dry_run, now=now)
        return None
    except Exception as error:
        _fail(received, error, source, dry_run=dry_run, now=now)
        return None
    if not dry_run:
        count_written(received, report)
    mine.update(
        status=done,
        report=summary(report),
        rejects=received.rejects.name or "",
        finished_at=None if dry_run else now,
        problem="",
    )
    return report


def _end_early(received: CatalogueImport, ended: Exception, *, dry_run: bool, now: datetime) -> None:
    """As a person wished; another worker that took the import over says itself how it ends."""
    mine = CatalogueImport.objects.filter(pk=received.pk, status=received.status)
    report = {**received.report, **written_counts(received)}
    if isinstance(ended, Stopped) or (isinstance(ended, Paused) and dry_run):
        # A preview writes nothing: there is nothing to go on with later.
        mine.update(status=Status.STOPPED, wish="", finished_at=now, report=received.report if dry_run else report)
    elif isinstance(ended, Paused):
        mine.update(status=Status.PAUSED, wish="", report=report)


def _fail(
    received: CatalogueImport,
    error: Exception,
    source: Tabular | None,
    *,
    dry_run: bool,
    now: datetime,
) -> None:
    mine = CatalogueImport.objects.filter(pk=received.pk, status=received.status)
    if isinstance(error, UnknownColumns) and source is not None:
        try:
            mine.update(status=Status.MAPPING, report=_columns(received, source, error))
            return
        except UnreadableFile as unreadable:
            error = unreadable
    if isinstance(error, DomainError):
        readings = {"readings": error.readings} if isinstance(error, DoubtfulEncoding) and dry_run else {}
        mine.update(
            status=Status.REFUSED,
            problem=error.message[:500],
            finished_at=now,
            report={**received.report, **readings},
        )
        return
    # Whatever it was, the page says that it ended, rather than that it is going on.
    logger.error("catalogue_import_failed", import_id=received.pk, exc_info=error)
    mine.update(status=Status.REFUSED, problem=_failure(received, dry_run=dry_run), finished_at=now)


def _columns(received: CatalogueImport, source: Tabular, error: UnknownColumns) -> dict[str, Any]:
    """What the screen of columns shows."""
    return {
        "encoding": source.survey.encoding,
        "why": error.reason,
        "former": received.report.get("former"),
        "header": source.header,
        "columns": [asdict(column) for column in survey_columns(source.header, source.rows())],
    }


@contextmanager
def from_command(*, name: str, format_: str, vat_class: str, now: datetime) -> Iterator[tuple[CatalogueImport, Job]]:
    """A record of an import by command, so that the back office shows it and it can be undone.

    It ends with the command, and says so when that is interrupted.
    """
    received = CatalogueImport.objects.create(
        name=Path(name).name[-200:],
        format=format_,
        vat_class=vat_class,
        status=Status.CONFIRMED,
        created_at=now,
        confirmed_at=now,
    )
    mine = CatalogueImport.objects.filter(pk=received.pk, status=Status.CONFIRMED)
    with claimed(received.pk, now=now) as job:
        assert job is not None  # noqa: S101
        try:
            yield received, job
        except BaseException as error:
            is_asked = isinstance(error, Paused | Stopped)
            problem = error.message if isinstance(error, DomainError) else _failure(received, dry_run=False)
            mine.update(
                status=Status.STOPPED if is_asked else Status.REFUSED,
                problem="" if is_asked else problem[:500],
                finished_at=now,
                report={**received.report, **written_counts(received)},
            )
            raise


def finish_command(*, received: CatalogueImport, report: Report, now: datetime) -> None:
    CatalogueImport.objects.filter(pk=received.pk, status=Status.CONFIRMED).update(
        status=Status.DONE, report=summary(report), finished_at=now, lines=report.rows, progress=report.rows
    )


def count_written(received: CatalogueImport, report: Report) -> None:
    """Counts of an import that was interrupted and run again: what it wrote before is unchanged by now."""
    seen = report.created + report.updated + report.unchanged
    written = written_counts(received)
    report.created, report.updated = written["created"], written["updated"]
    report.unchanged = max(seen - report.created - report.updated, 0)


def written_counts(received: CatalogueImport) -> dict[str, int]:
    rows = ImportedProduct.objects.filter(received=received, is_written=True).order_by()
    counts = dict(rows.values_list("outcome").annotate(Count("pk")))
    outcomes = ImportedProduct.Outcome
    return {"created": counts.get(outcomes.NEW, 0), "updated": counts.get(outcomes.CHANGED, 0)}


def _failure(received: CatalogueImport, *, dry_run: bool) -> str:
    if dry_run:
        return _("Une erreur de notre part a interrompu l’aperçu : rien n’est écrit. Incident n° %(number)s.") % {
            "number": received.pk
        }
    return _(
        "Une erreur de notre part a interrompu l’import. Ce qui était écrit le reste ; le même fichier, envoyé à "
        "nouveau, le complète. Incident n° %(number)s."
    ) % {"number": received.pk}


@contextmanager
def _rejects(*, has_header: bool) -> Iterator[tuple[RejectsFile, Callable[[], File | None]]]:
    """A rejects file on disk, and how to read what was written to it."""
    with temporary_folder("rejects") as directory:
        path = Path(directory) / "rejets.csv"
        rejects = RejectsFile(lambda: path.open("w", encoding="utf-8-sig", newline=""), has_header=has_header)
        try:
            yield rejects, lambda: File(path.open("rb")) if path.exists() else None
        finally:
            rejects.close()
