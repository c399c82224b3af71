"""Customers and past orders of a former shop: received, previewed, confirmed, written, undone.

Orders are read-only history (`orders.PastOrder`). Customers become accounts without a password, which their owners
choose by « mot de passe oublié »; no e-mail is sent. A repeat adds nothing: orders by shop and number, customers by
e-mail. Every batch is a transaction under unique keys, so that a task that was killed is simply run again.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any

import structlog
from allauth.account.models import EmailAddress
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet, Sum
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.accounts.access_log import fingerprint, log_access
from apps.accounts.emails import AccountEmail
from apps.accounts.models import Address, DataAccess, User
from apps.common import outbox
from apps.common.errors import DomainError
from apps.common.money import ZERO
from apps.common.spreadsheets import DANGEROUS
from apps.common.tabular.table import REJECT_LINE, REJECT_REASON
from apps.common.temporary import temporary_folder
from apps.common.transactions import retry_on_deadlock
from apps.imports.history.reading import HistoryFile, Kind
from apps.imports.history.records import CustomerRecord, OrderRecord, Refused
from apps.imports.models import HistoryImport, ImportedCustomer
from apps.imports.retention import JOURNAL_RETENTION
from apps.imports.services.undo import NotToUndo
from apps.orders.models import Order, PastOrder
from apps.prospects.models import Prospect

logger = structlog.get_logger(__name__)
Status = HistoryImport.Status
MAX_BYTES = 50 * 1024 * 1024
MAX_LISTED = 200
MAX_SAMPLES = 20
BATCH = 500
STALE_AFTER = timedelta(minutes=3)
MOST_ATTEMPTS = 5
RUNNING = (Status.RECEIVED, Status.CONFIRMED, Status.UNDOING)


class HistoryRefused(DomainError):
    code = "import_refused"


class NotToConfirm(DomainError):
    code = "not_to_confirm"


@dataclass
class HistoryReport:
    """Figures of a preview or of what was written, and no person's name; samples are shown in the preview alone."""

    kind: str = ""
    program: str = ""
    source: str = ""
    created: int = 0
    repeated: int = 0
    erased: int = 0
    rejected: int = 0
    total: Decimal = ZERO
    without_email: int = 0
    without_postal_address: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    states: Counter[str] = field(default_factory=Counter)
    unknown_statuses: Counter[str] = field(default_factory=Counter)
    # [line, column, value, reason, remedy]
    rejects: list[list[Any]] = field(default_factory=list)
    ignored: str = ""
    samples: list[list[str]] = field(default_factory=list)
    undone: int = 0
    left: int = 0

    def as_json(self) -> dict[str, Any]:
        return {
            **vars(self),
            "states": dict(self.states),
            "total": str(self.total),
            "first_at": self.first_at.isoformat() if self.first_at else "",
            "last_at": self.last_at.isoformat() if self.last_at else "",
            "unknown_statuses": self.unknown_statuses.most_common(MAX_SAMPLES),
        }


def receive_history(*, file: UploadedFile, source: str, by: User | None, now: datetime) -> HistoryImport:
    """Store the file; the caller starts its preview. Raises HistoryRefused, and UnreadableFile for another file."""
    if (file.size or 0) > MAX_BYTES:
        raise HistoryRefused(
            _("Ce fichier dépasse %(limit)s Mo. Coupez-le en plusieurs.")
            % {"limit": number_format(MAX_BYTES // 1024**2)}
        )
    name = (Path(file.name or "").name or "historique.csv")[-160:]
    received = HistoryImport(name=name, source=source.strip(), created_by=by, created_at=now, beat_at=now)
    received.file.save(name, file, save=False)
    try:
        HistoryFile(partial(received.file.storage.open, received.file.name or "", "rb"), name)
        received.save()
    except BaseException:
        received.file.storage.delete(received.file.name or "")
        raise
    return received


def preview_history(*, import_id: int, now: datetime) -> None:
    """Say what the file would bring; writes nothing else. A repeat does nothing."""
    received = HistoryImport.objects.filter(pk=import_id, status=Status.RECEIVED).first()
    if received is not None:
        with _outcome(received, Status.REFUSED):
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
        with _outcome(received, Status.REFUSED):
            _run(received, Status.DONE, dry_run=False, now=now)


def can_undo(received: HistoryImport, *, now: datetime) -> bool:
    ended = received.finished_at
    if received.status not in (Status.DONE, Status.REFUSED) or ended is None or now >= ended + JOURNAL_RETENTION:
        return False
    return _brought(received).exists() or received.customers.exists()


def _brought(received: HistoryImport) -> "QuerySet[PastOrder]":
    return PastOrder.objects.filter(import_number=received.pk, anonymised_at=None)


def start_undo(*, received: HistoryImport, now: datetime) -> None:
    """Raises NotToUndo; of two clicks one counts. The caller starts the task."""
    mine = HistoryImport.objects.filter(pk=received.pk, status=received.status)
    if not can_undo(received, now=now) or not mine.update(status=Status.UNDOING, progress=0, beat_at=now, problem=""):
        raise NotToUndo(
            _("Cet import ne peut plus être annulé : il n’a rien écrit, l’est déjà, ou date de plus de 30 jours.")
        )


def undo_history(*, import_id: int, now: datetime) -> None:
    """Delete the past orders that the import brought, and the accounts that it opened and nobody used or changed since.
    Interrupted, it is run again and completes."""
    received = HistoryImport.objects.filter(pk=import_id, status=Status.UNDOING).first()
    if received is None:
        return
    with _outcome(received, Status.DONE):
        undone = left = 0
        while count := _delete_orders(received):
            undone += count
            _beat(received, undone)
        last = 0
        while pks := list(received.customers.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
            deleted = _delete_accounts(pks)
            undone, left, last = undone + deleted, left + len(pks) - deleted, pks[-1]
            _beat(received, undone)
        report = {**received.report, "undone": received.report.get("created", undone) - left, "left": left}
        HistoryImport.objects.filter(pk=received.pk, status=Status.UNDOING).update(status=Status.UNDONE, report=report)


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
    file = HistoryFile(partial(path.open, "rb"), path.name)
    if not dry_run:
        received.save()
    try:
        report = _write(received, file, dry_run=dry_run, now=now)
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


def _interrupted() -> str:
    return _("La commande a été interrompue. Ce qui est repris le reste ; relancez-la, ou annulez.")


@contextmanager
def _outcome(received: HistoryImport, ended: str) -> Iterator[None]:
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
    file = HistoryFile(partial(received.file.storage.open, stored, "rb"), received.name)
    with temporary_folder("rejects") as folder:
        path = Path(folder) / "rejets.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as rejects:
            report = _write(received, file, dry_run=dry_run, now=now, rejects=rejects)
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


def _write(
    received: HistoryImport, file: HistoryFile, *, dry_run: bool, now: datetime, rejects: IO[str] | None = None
) -> HistoryReport:
    report = HistoryReport(kind=str(file.kind), program=file.program, ignored=file.ignored)
    report.source = received.source or file.program or _("Ancienne boutique")
    received.kind = report.kind
    sheet = _Rejects(file.source.header, rejects)
    seen: dict[str, int] = {}
    records = iter(file.records(now=now))
    line = 0
    while batch := list(islice(records, BATCH)):
        read: list[Any] = []
        for record in batch:
            refused = record if isinstance(record, Refused) else _twice(record, seen)
            if refused is None:
                read.append(record)
                continue
            sheet.write(refused, report)
        last = batch[-1]
        line = (last.rows[-1] if isinstance(last, OrderRecord) else last.row).line
        if file.kind is Kind.ORDERS:
            for refused in _orders(received, read, report, dry_run=dry_run, now=now):
                sheet.write(refused, report)
        else:
            _customers(received, read, report, dry_run=dry_run, now=now)
        if received.pk:
            _beat(received, line)
    if not dry_run:
        _count_written(received, report)
    return report


def _count_written(received: HistoryImport, report: HistoryReport) -> None:
    """Of an import that was interrupted and run again: what it wrote before is known by now."""
    if report.kind == Kind.ORDERS:
        written = _brought(received).count()
        paid = _brought(received).filter(state=PastOrder.State.PAID).aggregate(sum=Sum("total"))["sum"]
        report.total = paid or ZERO
    else:
        written = received.customers.count()
    report.repeated -= written - report.created
    report.created = written


class _Rejects:
    """Refused rows as a CSV that can be corrected and given back: two columns in front, then the file's own."""

    def __init__(self, header: Sequence[str], stream: IO[str] | None) -> None:
        self._skip = {at for at, name in enumerate(header) if name in (REJECT_LINE, REJECT_REASON)}
        self._writer = csv.writer(stream, delimiter=";") if stream is not None else None
        if self._writer is not None:
            self._writer.writerow([REJECT_LINE, REJECT_REASON, *self._own(header)])

    def _own(self, cells: Sequence[str]) -> list[str]:
        return [cell for at, cell in enumerate(cells) if at not in self._skip]

    def write(self, refused: Refused, report: HistoryReport) -> None:
        report.rejected += 1
        if len(report.rejects) < MAX_LISTED:
            report.rejects.append([refused.row.line, refused.column, refused.value, refused.reason, refused.remedy])
        if self._writer is not None:
            cells = [cell.replace("\0", "") for cell in self._own(refused.row.cells)]
            safe = [f"'{cell}" if cell.startswith(DANGEROUS) else cell for cell in cells]
            self._writer.writerow([refused.row.line, refused.sentence(), *safe])


def _twice(record: CustomerRecord | OrderRecord, seen: dict[str, int]) -> Refused | None:
    """A second order of one number, a second customer of one address."""
    if isinstance(record, OrderRecord):
        key, row, what = record.number, record.rows[0], _("même numéro que la ligne %(line)s")
    else:
        key, row, what = record.email, record.row, _("même adresse que la ligne %(line)s")
    if key not in seen:
        seen[key] = row.line
        return None
    return Refused(row, "", key, what % {"line": seen[key]}, _("Gardez une seule des deux lignes."))


def _orders(
    received: HistoryImport, orders: list[OrderRecord], report: HistoryReport, *, dry_run: bool, now: datetime
) -> list[Refused]:
    held = _held(report.source, orders)
    refused: list[Refused] = []
    new: list[OrderRecord] = []
    for order in orders:
        held_at = held.get(order.number)
        if held_at is None:
            new.append(order)
        elif held_at == order.placed_at.replace(microsecond=0):
            report.repeated += 1
        else:
            reason = _("ce numéro est déjà celui d’une autre commande de « %(shop)s »") % {"shop": report.source}
            remedy = _("Si ce fichier vient d’une autre boutique, donnez son nom en l’envoyant.")
            refused.append(Refused(order.rows[0], "", order.number, reason, remedy))
    if not dry_run:
        try:
            _insert_orders(received, report.source, new, now)
        except IntegrityError:
            # Another worker, taken for dead, has written some of them at this moment.
            _insert_orders(received, report.source, new, now)
    report.created += len(new)
    for order in new:
        report.total += order.total if order.state == PastOrder.State.PAID else ZERO
        report.without_email += not order.email
        report.states[order.state] += 1
        if order.unknown_status:
            report.unknown_statuses[order.unknown_status] += 1
        report.first_at = min(report.first_at or order.placed_at, order.placed_at)
        report.last_at = max(report.last_at or order.placed_at, order.placed_at)
        if len(report.samples) < MAX_SAMPLES:
            date = timezone.localdate(order.placed_at).isoformat()
            state = str(PastOrder.State(order.state).label)
            what = ", ".join(f"{line.quantity} × {line.name or line.sku}" for line in order.lines[:3])
            report.samples.append([order.number, date, order.email or order.name, state, str(order.total), what])
    return refused


def _held(source: str, orders: Sequence[OrderRecord]) -> dict[str, datetime]:
    """When orders that are there already were placed, by number."""
    numbers = [order.number for order in orders]
    rows = PastOrder.objects.filter(source=source, number__in=numbers).order_by().values_list("number", "placed_at")
    return {number: placed_at.replace(microsecond=0) for number, placed_at in rows}


@retry_on_deadlock
def _insert_orders(received: HistoryImport, source: str, orders: list[OrderRecord], now: datetime) -> None:
    """Those that another worker has written meanwhile stay as they are."""
    rows = [
        PastOrder(
            source=source,
            number=order.number,
            email=order.email,
            name=order.name,
            phone=order.phone,
            delivered_to=order.delivered_to,
            placed_at=order.placed_at.replace(microsecond=0),
            state=order.state,
            status_text=order.status_text,
            payment_text=order.payment_text,
            lines=[line.as_json() for line in order.lines],
            delivery_total=order.delivery_total,
            total=order.total,
            refunded=order.refunded,
            import_number=received.pk,
            created_at=now,
        )
        for order in orders
    ]
    with transaction.atomic():
        written = _held(source, orders)
        PastOrder.objects.bulk_create([row for row in rows if row.number not in written])


def _customers(
    received: HistoryImport, customers: list[CustomerRecord], report: HistoryReport, *, dry_run: bool, now: datetime
) -> None:
    emails = [customer.email for customer in customers]
    held = set(User.objects.filter(email__in=emails).values_list("email", flat=True))
    held |= set(EmailAddress.objects.filter(email__in=emails, verified=True).values_list("email", flat=True))
    hashes = {fingerprint(customer.email): customer for customer in customers}
    erased = set(
        ImportedCustomer.objects.filter(email_hash__in=hashes, user__erased_at__isnull=False).values_list(
            "email_hash", flat=True
        )
    )
    new = [customer for key, customer in hashes.items() if customer.email not in held and key not in erased]
    report.repeated += len(held)
    report.erased += len(erased)
    report.created += len(new)
    report.without_postal_address += sum(1 for each in new if not (each.has_postal_address and each.country))
    for each in new[: MAX_SAMPLES - len(report.samples)]:
        where = " ".join(filter(None, (each.postcode, each.city, each.country)))
        report.samples.append([each.email, f"{each.first_name} {each.last_name}".strip(), each.phone, where])
    if not dry_run:
        try:
            _insert_customers(received, new, now)
        except IntegrityError:
            # Somebody signed up with one of these addresses at this moment: theirs stays.
            for each in new:
                if not User.objects.filter(email=each.email).exists():
                    _insert_customers(received, [each], now)


@retry_on_deadlock
def _insert_customers(received: HistoryImport, customers: list[CustomerRecord], now: datetime) -> None:
    with transaction.atomic():
        users = []
        for each in customers:
            user = User(
                email=each.email,
                first_name=each.first_name,
                last_name=each.last_name,
                phone=each.phone,
                date_joined=now,
            )
            user.set_unusable_password()
            users.append(user)
        User.objects.bulk_create(users)
        # MySQL gives no ids back.
        ids = dict(User.objects.filter(email__in=[each.email for each in customers]).values_list("email", "pk"))
        # Not proved to be theirs: nothing that belongs to the address is shown before it is.
        EmailAddress.objects.bulk_create(
            [EmailAddress(user_id=ids[each.email], email=each.email, primary=True) for each in customers]
        )
        Address.objects.bulk_create(
            [
                Address(
                    user_id=ids[each.email],
                    recipient=(f"{each.first_name} {each.last_name}".strip() or each.company or each.email)[:120],
                    company=each.company,
                    line1=each.line1,
                    line2=each.line2,
                    postcode=each.postcode,
                    city=each.city,
                    country=each.country,
                    phone=each.phone,
                    is_default=True,
                    created_at=now,
                )
                for each in customers
                if each.has_postal_address and each.country
            ]
        )
        ImportedCustomer.objects.bulk_create(
            [
                ImportedCustomer(
                    received=received,
                    user_id=ids[each.email],
                    email_hash=fingerprint(each.email),
                    state_hash=_state_hash(each.email, each.first_name, each.last_name, each.phone),
                )
                for each in customers
            ]
        )


def _state_hash(*values: str) -> str:
    return salted_hmac("imports.history", json.dumps(values), algorithm="sha256").hexdigest()[:16]


def _beat(received: HistoryImport, line: int) -> None:
    HistoryImport.objects.filter(pk=received.pk).update(progress=line, beat_at=timezone.now(), attempts=0)


@retry_on_deadlock
def _delete_orders(received: HistoryImport) -> int:
    """A batch of those that it brought. Who was erased stays, without a name: the file must not bring them back."""
    with transaction.atomic():
        pks = list(_brought(received).order_by("pk").values_list("pk", flat=True)[:BATCH])
        return PastOrder.objects.filter(pk__in=pks).delete()[0] if pks else 0


@retry_on_deadlock
def _delete_accounts(pks: Sequence[int]) -> int:
    """Those of these that nobody has used or changed; locks them in pk order."""
    with transaction.atomic():
        rows = {row.user_id: row for row in ImportedCustomer.objects.filter(pk__in=pks)}
        users = User.objects.filter(pk__in=rows).order_by("pk").select_for_update()
        used = set(Order.objects.filter(user__in=rows).values_list("user", flat=True))
        used |= set(Prospect.objects.filter(customer__in=rows).values_list("customer", flat=True))
        proved = set(EmailAddress.objects.filter(user__in=rows, verified=True).values_list("user", flat=True))
        gone = [
            user.pk
            for user in users
            if user.last_login is None
            and not user.is_staff
            and user.erased_at is None
            and user.pk not in used | proved
            and rows[user.pk].state_hash == _state_hash(user.email, user.first_name, user.last_name, user.phone)
        ]
        User.objects.filter(pk__in=gone).delete()
        return len(gone)
