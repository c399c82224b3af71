"""A catalogue uploaded in the admin: received, previewed, confirmed, imported."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import is_zipfile

import structlog
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.catalogue.models import CatalogueImport
from apps.catalogue.models.product import VatClass
from apps.common.errors import DomainError
from apps.common.tabular.encoding import CODECS, GZIP, ZIP, opening_encoding
from apps.common.tabular.errors import UnreadableFile
from apps.imports.catalogue.run import Format, RejectsFile, Report, open_catalogue, run_import

logger = structlog.get_logger(__name__)
MAX_BYTES = 50 * 1024 * 1024
MAX_LISTED = 20


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


def preview_import(*, import_id: int, now: datetime) -> None:
    """Compute the changes, writing nothing to the catalogue. A repeat of a finished preview does nothing."""
    received = CatalogueImport.objects.filter(pk=import_id, status=CatalogueImport.Status.RECEIVED).first()
    if received is not None:
        _run(received, CatalogueImport.Status.PREVIEWED, dry_run=True, author=None, now=now)


def confirm_import(*, received: CatalogueImport, by: User, now: datetime) -> None:
    """Confirm the preview; the caller starts the import. Raises NotToConfirm when there is nothing to confirm; only one
    of two clicks counts."""
    confirmed = CatalogueImport.objects.filter(pk=received.pk, status=CatalogueImport.Status.PREVIEWED).update(
        status=CatalogueImport.Status.CONFIRMED, confirmed_by=by, confirmed_at=now, progress=0
    )
    if not confirmed:
        raise NotToConfirm(_("Cet import n’attend pas de confirmation : rechargez la page pour voir où il en est."))


def apply_import(*, import_id: int, now: datetime) -> bool:
    """Import what was confirmed; returns whether there are pictures to fetch. Interrupted, it is run again and
    completes; finished, a repeat does nothing."""
    received = CatalogueImport.objects.filter(pk=import_id, status=CatalogueImport.Status.CONFIRMED).first()
    if received is None:
        return False
    report = _run(received, CatalogueImport.Status.DONE, dry_run=False, author=received.confirmed_by, now=now)
    return report is not None and bool(report.images)


def _run(received: CatalogueImport, done: str, *, dry_run: bool, author: User | None, now: datetime) -> Report | None:
    """None for a file that is no catalogue."""
    mine = CatalogueImport.objects.filter(pk=received.pk, status=received.status)
    storage, name = received.file.storage, received.file.name or ""

    def store_progress(line: int) -> None:
        mine.update(progress=line)

    # The preview's, so that what is written was read as what was shown.
    encoding = received.report.get("encoding", "")
    with _rejects() as (rejects, saved):
        try:
            source = open_catalogue(
                lambda: storage.open(name, "rb"), received.name, encoding=encoding if encoding in CODECS else ""
            )
            mine.update(lines=source.survey.lines)
            report = run_import(
                source=source,
                format_=Format(received.format),
                dry_run=dry_run,
                rejects=rejects,
                vat=VatClass(received.vat_class),
                author=author,
                now=now,
                progress=store_progress,
            )
        except UnreadableFile as error:
            mine.update(status=CatalogueImport.Status.REFUSED, problem=error.message[:500], finished_at=now)
            return None
        except Exception:
            # Whatever it was, the page says that it ended, rather than that it is going on.
            logger.exception("catalogue_import_failed", import_id=received.pk)
            mine.update(status=CatalogueImport.Status.REFUSED, problem=_failure(received, dry_run), finished_at=now)
            return None
        rejects.close()
        if (file := saved()) is not None:
            with file:
                file.name = f"{Path(received.name).stem}.rejets.csv"
                received.rejects.save(file.name, file, save=False)
    finished = None if dry_run else now
    mine.update(status=done, report=_summary(report), rejects=received.rejects.name or "", finished_at=finished)
    return report


def _failure(received: CatalogueImport, dry_run: bool) -> str:
    if dry_run:
        return _("Une erreur de notre part a interrompu l’aperçu : rien n’est écrit. Incident n° %(number)s.") % {
            "number": received.pk
        }
    return _(
        "Une erreur de notre part a interrompu l’import. Ce qui était écrit le reste ; le même fichier, envoyé à "
        "nouveau, le complète. Incident n° %(number)s."
    ) % {"number": received.pk}


@contextmanager
def _rejects() -> Iterator[tuple[RejectsFile, Callable[[], File | None]]]:
    """A rejects file on disk, and how to read what was written to it."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "rejets.csv"
        rejects = RejectsFile(lambda: path.open("w", encoding="utf-8-sig", newline=""))
        try:
            yield rejects, lambda: File(path.open("rb")) if path.exists() else None
        finally:
            rejects.close()


def _summary(report: Report) -> dict[str, Any]:
    """The report as JSON, with the first few of everything that there may be thousands of."""
    return {
        "format": str(report.format),
        "encoding": report.encoding,
        "rows": report.rows,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "defined": report.defined,
        "rejected": report.rejected,
        "images": report.images,
        "drafts": report.drafts,
        "doubtful": report.doubtful,
        "without_stock": report.without_stock,
        "big_price_change_count": report.big_price_change_count,
        "big_price_changes": [
            [difference.code, difference.before, difference.after]
            for difference in report.big_price_changes[:MAX_LISTED]
        ],
        "reasons": report.reasons.most_common(MAX_LISTED),
        "rejects": [[reject.row.line, reject.reason] for reject in report.rejects[:MAX_LISTED]],
        "warnings": [[text, count, report.warned[text]] for text, count in report.warnings.most_common(MAX_LISTED)],
        "differences": [
            [difference.code, difference.column, difference.before, difference.after]
            for difference in report.differences[:MAX_LISTED]
        ],
        "new_names": report.new_names[:MAX_LISTED],
    }
