"""Customers and past orders of a former shop: received, previewed, confirmed, written.

Orders are read-only history (`orders.PastOrder`). Customers become accounts without a password, which their owners
choose by « mot de passe oublié »; no e-mail is sent. A repeat adds nothing: orders by shop and number, customers by
e-mail.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.accounts.access_log import log_access
from apps.accounts.emails import AccountEmail
from apps.accounts.models import DataAccess, User
from apps.common import outbox
from apps.common.errors import DomainError
from apps.common.tabular.choice import Surveyed, column_keys, survey
from apps.common.tabular.rejects import rows_of
from apps.common.tabular.source import open_table
from apps.common.temporary import temporary_folder
from apps.imports.history.choice import HistoryChoice, guessed_choice, says_nothing
from apps.imports.history.columns import WORDS
from apps.imports.history.reading import HistoryFile, UnknownColumns
from apps.imports.history.write import BATCH, write_history
from apps.imports.models import HistoryImport, ImportedCustomer

logger = structlog.get_logger(__name__)
Status = HistoryImport.Status
MAX_BYTES = 50 * 1024 * 1024
STALE_AFTER = timedelta(minutes=3)
MOST_ATTEMPTS = 5
# Earlier imports among which the same columns are looked for.
MOST_REMEMBERED = 50
RUNNING = (Status.RECEIVED, Status.CONFIRMED, Status.UNDOING)


class HistoryRefused(DomainError):
    code = "import_refused"


class NotToConfirm(DomainError):
    code = "not_to_confirm"


def receive_history(
    *, file: UploadedFile, source: str, by: User | None, now: datetime, encoding: str = ""
) -> HistoryImport:
    """Store the file. What its header says is for the caller to preview; else it waits for its columns to be said.

    `encoding` is what a person chose for a file that does not prove its own, one of `CODECS`. Raises HistoryRefused,
    and UnreadableFile for what holds neither people nor orders.
    """
    if (file.size or 0) > MAX_BYTES:
        raise HistoryRefused(
            _("Ce fichier dépasse %(limit)s Mo. Coupez-le en plusieurs.")
            % {"limit": number_format(MAX_BYTES // 1024**2)}
        )
    name = (Path(file.name or "").name or "historique.csv")[-160:]
    report = {"encoding": encoding} if encoding else {}
    received = HistoryImport(
        name=name, source=source.strip(), created_by=by, created_at=now, beat_at=now, report=report
    )
    received.file.save(name, file, save=False)
    try:
        try:
            _opened(received)
        except UnknownColumns:
            if says_nothing(survey_history(received)[1]):
                raise
            received.status = Status.COLUMNS
        received.save()
    except BaseException:
        received.file.storage.delete(received.file.name or "")
        raise
    return received


def survey_history(received: HistoryImport) -> tuple[list[Surveyed], HistoryChoice, str]:
    """Its columns, with what the screen begins with: what was said of this file, or of the last one with these columns,
    whose name is the third, or a guess. Reads the file's first rows. Raises UnreadableFile."""
    former = _former_choice(received)
    if former is not None:
        return _surveyed(received, has_header=former.has_header), former, ""
    surveyed = _surveyed(received, has_header=True)
    if (found := _choice_for({each.key for each in surveyed})) is not None:
        return surveyed, *found
    guessed = guessed_choice(surveyed)
    if says_nothing(guessed):
        bare = _surveyed(received, has_header=False)
        if not says_nothing(without_header := guessed_choice(bare, has_header=False)):
            return bare, without_header, ""
    return surveyed, guessed, ""


def _surveyed(received: HistoryImport, *, has_header: bool) -> list[Surveyed]:
    encoding = received.report.get("encoding", "")
    source = open_table(_opener(received), received.name, words=WORDS, encoding=encoding, has_header=has_header)
    return survey(source.header, rows_of(source, has_header=has_header), has_header=has_header)


def choose_columns(*, received: HistoryImport, choice: HistoryChoice, now: datetime) -> None:
    """Keep the choice, for the next file with these columns too; the caller starts the preview.

    Raises InvalidChoice, and NotToConfirm for an import that is past its preview.
    """
    choice.check()
    waiting = HistoryImport.objects.filter(pk=received.pk, status__in=(Status.COLUMNS, Status.PREVIEWED))
    report = {"choice": choice.as_json(), "encoding": received.report.get("encoding", "")}
    if not waiting.update(status=Status.RECEIVED, report=report, progress=0, beat_at=now):
        raise NotToConfirm(_("Cet import est déjà confirmé : ses colonnes ne changent plus."))


def _opened(received: HistoryImport) -> HistoryFile:
    encoding = received.report.get("encoding", "")
    return HistoryFile(_opener(received), received.name, _former_choice(received), encoding=encoding)


def _opener(received: HistoryImport) -> Callable[[], Any]:
    return partial(received.file.storage.open, received.file.name or "", "rb")


def _former_choice(received: HistoryImport) -> HistoryChoice | None:
    return HistoryChoice.from_json(stored) if (stored := received.report.get("choice")) else None


def _choice_for(keys: set[str]) -> tuple[HistoryChoice, str] | None:
    """What was said of the last file whose chosen columns are all there, and that file's name."""
    ended = HistoryImport.objects.filter(status__in=(Status.DONE, Status.UNDONE)).order_by("-pk")
    for name, report in ended.values_list("name", "report")[:MOST_REMEMBERED]:
        stored = report.get("choice")
        if stored and set(stored["columns"]) <= keys:
            return HistoryChoice.from_json(stored), name
    return None


def preview_history(*, import_id: int, now: datetime) -> None:
    """Say what the file would bring; writes nothing else. A repeat does nothing."""
    received = HistoryImport.objects.filter(pk=import_id, status=Status.RECEIVED).first()
    if received is not None:
        with outcome(received, Status.REFUSED):
            _run(received, Status.PREVIEWED, dry_run=True, now=now)


def confirm_history(*, received: HistoryImport, now: datetime) -> None:
    """The caller starts the import. Raises NotToConfirm; of two clicks one counts."""
    waiting = HistoryImport.objects.filter(pk=received.pk, status=Status.PREVIEWED)
    if not waiting.update(status=Status.CONFIRMED, progress=0, beat_at=now):
        raise NotToConfirm(_("Cet import n’attend pas de confirmation : rechargez la page pour voir où il en est."))


def apply_history(*, import_id: int, now: datetime) -> None:
    """Write what was confirmed. Interrupted, it is run again and completes; a repeat does nothing."""
    received = HistoryImport.objects.filter(pk=import_id, status=Status.CONFIRMED).first()
    if received is not None:
        with outcome(received, Status.REFUSED):
            _run(received, Status.DONE, dry_run=False, now=now)


def uninvited(received: HistoryImport) -> "QuerySet[ImportedCustomer]":
    """Those of its customers who have never logged in; who was invited before is invited no second time."""
    return received.customers.filter(user__last_login=None, user__is_active=True)


def invite_customers(*, import_id: int, now: datetime) -> int:
    """Send each customer of an import, once, a link to choose a password; returns how many are sent. Because somebody
    asked for it: the import itself writes to nobody. Interrupted, a repeat completes it."""
    received = HistoryImport.objects.filter(pk=import_id, status=Status.DONE).first()
    if received is None:
        return 0
    invited = last = 0
    waiting = uninvited(received).select_related("user").order_by("pk")
    while batch := list(waiting.filter(pk__gt=last)[:BATCH]):
        with transaction.atomic():
            for customer in batch:
                user = customer.user
                key = f"invitation-{user.pk}"
                invited += outbox.enqueue(
                    kind=AccountEmail.INVITATION, key=key, object_id=user.pk, language=user.language, now=now
                )
        last = batch[-1].pk
    with transaction.atomic():
        received = HistoryImport.objects.select_for_update().get(pk=import_id)
        report = {**received.report, "invited": received.report.get("invited", 0) + invited}
        HistoryImport.objects.filter(pk=import_id).update(report=report)
    return invited


def stale_imports(*, now: datetime) -> list[tuple[int, str]]:
    """(id, status) of those whose task was lost, to be sent again; a task that lives beats with each batch. Those that
    were sent often enough without getting on are ended, and say so."""
    rows = HistoryImport.objects.filter(status__in=RUNNING, beat_at__lt=now - STALE_AFTER)
    # A command that was killed has no stored file: the same command completes it.
    rows.filter(status=Status.CONFIRMED, file="").update(status=Status.REFUSED, problem=_interrupted(), finished_at=now)
    problem = _("Cet import s’est arrêté plusieurs fois. Ce qui est repris le reste ; recommencez, ou annulez.")
    rows.filter(attempts__gte=MOST_ATTEMPTS).update(status=Status.REFUSED, problem=problem, finished_at=now)
    lost = list(rows.order_by("pk").values_list("pk", "status"))
    HistoryImport.objects.filter(pk__in=[pk for pk, _status in lost]).update(attempts=F("attempts") + 1, beat_at=now)
    return lost


def run_command(*, path: Path, source: str, dry_run: bool, now: datetime) -> HistoryImport:
    """An import by command, with its record in the back office unless it is a dry run. Raises UnreadableFile."""
    received = HistoryImport(name=path.name[-160:], source=source.strip(), status=Status.CONFIRMED, created_at=now)
    file, received.report = _file_of_command(path)
    if not dry_run:
        received.save()
    try:
        report = write_history(received, file, dry_run=dry_run, now=now)
    except BaseException:
        if not dry_run:
            HistoryImport.objects.filter(pk=received.pk).update(
                status=Status.REFUSED, problem=_interrupted(), finished_at=timezone.now()
            )
        raise
    received.kind, received.report, received.status = report.kind, report.as_json(), Status.DONE
    received.source, received.finished_at = report.source, timezone.now()
    if not dry_run:
        received.save()
        # What names people is printed, and not stored.
        HistoryImport.objects.filter(pk=received.pk).update(report={**received.report, "samples": [], "rejects": []})
    return received


def _file_of_command(path: Path) -> tuple[HistoryFile, dict[str, Any]]:
    """Read as its header says, or as a person said in the back office of a file with these columns."""
    opener = partial(path.open, "rb")
    try:
        return HistoryFile(opener, path.name), {}
    except UnknownColumns:
        header = open_table(opener, path.name, words=WORDS).header
        if (found := _choice_for(set(column_keys(header)))) is None:
            raise
        choice, _name = found
        return HistoryFile(opener, path.name, choice), {"choice": choice.as_json()}


def _interrupted() -> str:
    return _("La commande a été interrompue. Ce qui est repris le reste ; relancez-la, ou annulez.")


@contextmanager
def outcome(received: HistoryImport, ended: str) -> Iterator[None]:
    """Whatever happens, the page says that it ended, rather than that it is going on."""
    try:
        yield
    except Exception as error:
        if isinstance(error, DomainError):
            problem = error.message
        else:
            logger.error("history_import_failed", import_id=received.pk, exc_info=error)
            problem = _("Une erreur de notre part a interrompu cet import. Ce qui est repris le reste ; recommencez.")
        HistoryImport.objects.filter(pk=received.pk, status=received.status).update(
            status=ended, problem=problem[:500], finished_at=timezone.now()
        )


def _run(received: HistoryImport, done: str, *, dry_run: bool, now: datetime) -> None:
    stored = received.file.name or ""
    file = _opened(received)
    # The page says how far it is from the first batch on.
    received.report = {**received.report, "lines": file.source.survey.lines}
    HistoryImport.objects.filter(pk=received.pk, status=received.status).update(report=received.report)
    with temporary_folder("rejects") as folder:
        path = Path(folder) / "rejets.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as rejects:
            report = write_history(received, file, dry_run=dry_run, now=now, rejects=rejects)
        former = received.rejects.name or ""
        if report.rejected:
            with path.open("rb") as written:
                received.rejects.save("rejets.csv", File(written), save=False)
    changes: dict[str, Any] = {"status": done, "report": report.as_json(), "kind": report.kind, "problem": ""}
    changes |= {"source": report.source, "rejects": (received.rejects.name or "") if report.rejected else ""}
    if not dry_run:
        changes["report"]["samples"] = []
        changes |= {"file": "", "finished_at": timezone.now()}
    with transaction.atomic():
        if HistoryImport.objects.filter(pk=received.pk, status=received.status).update(**changes):
            for gone in {former, *([] if dry_run else [stored])} - {changes["rejects"], ""}:
                transaction.on_commit(partial(received.file.storage.delete, gone), robust=True)
            if not dry_run and received.created_by:
                log_access(
                    action=DataAccess.Action.IMPORTED,
                    what=received.get_kind_display() or report.kind,
                    count=report.created,
                    detail=received.name,
                    by=received.created_by,
                    now=now,
                )
