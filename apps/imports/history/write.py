"""Writes customers and past orders, or says what would be written.

Every batch is a transaction under unique keys, so that a task that was killed is simply run again.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import IO, Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from apps.accounts.access_log import fingerprint
from apps.accounts.models import Address, User
from apps.common.money import ZERO
from apps.common.transactions import retry_on_deadlock
from apps.imports.history.choice import Kind
from apps.imports.history.reading import HistoryFile
from apps.imports.history.records import CustomerRecord, OrderRecord, Refused
from apps.imports.history.report import MAX_SAMPLES, HistoryReport, Rejects
from apps.imports.models import HistoryImport, ImportedCustomer
from apps.orders.models import PastOrder

BATCH = 500


def write_history(
    received: HistoryImport, file: HistoryFile, *, dry_run: bool, now: datetime, rejects: IO[str] | None = None
) -> HistoryReport:
    report = HistoryReport(kind=str(file.kind), program=file.program, ignored=file.ignored)
    report.source = received.source or file.program or _("Ancienne boutique")
    report.choice = received.report.get("choice", {})
    report.encoding = received.report.get("encoding", "")
    report.lines = file.source.survey.lines
    received.kind = report.kind
    sheet = Rejects(file.source.header, rejects)
    seen: dict[tuple[str, str], int] = {}
    records = iter(file.records(now=now))
    line = 0
    while batch := list(islice(records, BATCH)):
        read: list[Any] = []
        for record in batch:
            if isinstance(record, OrderRecord):
                record.source = record.source or report.source
            refused = [record] if isinstance(record, Refused) else _twice(record, seen)
            if not refused:
                read.append(record)
            for each in refused:
                sheet.write(each, report)
        last = batch[-1]
        line = (last.rows[-1] if isinstance(last, OrderRecord) else last.row).line
        if file.kind is Kind.ORDERS:
            for refused in _orders(received, read, report, dry_run=dry_run, now=now):
                sheet.write(refused, report)
        else:
            _customers(received, read, report, dry_run=dry_run, now=now)
        if received.pk:
            beat(received, line)
    if not dry_run:
        _count_written(received, report)
    return report


def _count_written(received: HistoryImport, report: HistoryReport) -> None:
    """Of an import that was interrupted and run again: what it wrote before is known by now."""
    if report.kind == Kind.ORDERS:
        written = brought(received).count()
        paid = brought(received).filter(state=PastOrder.State.PAID).aggregate(sum=Sum("total"))["sum"]
        report.total = paid or ZERO
    else:
        written = received.customers.count()
    report.repeated -= written - report.created
    report.created = written


def _twice(record: CustomerRecord | OrderRecord, seen: dict[tuple[str, str], int]) -> list[Refused]:
    """A second order of one number, a second customer of one address."""
    remedy = _("Gardez une seule des deux lignes.")
    if isinstance(record, OrderRecord):
        key, line = (record.source, record.number), record.rows[0].line
        if (first := seen.setdefault(key, line)) != line:
            return _refused_rows(record, _("même numéro que la ligne %(line)s") % {"line": first}, remedy)
        return []
    line = record.row.line
    if (first := seen.setdefault(("", record.email), line)) != line:
        reason = _("même adresse que la ligne %(line)s") % {"line": first}
        return [Refused(record.row, "", record.email, reason, remedy)]
    return []


def _refused_rows(order: OrderRecord, reason: str, remedy: str) -> list[Refused]:
    """All rows of an order: corrected and given back, it is whole."""
    return [Refused(row, "", order.number, reason, remedy) for row in order.rows]


def _orders(
    received: HistoryImport, orders: list[OrderRecord], report: HistoryReport, *, dry_run: bool, now: datetime
) -> list[Refused]:
    held = _held(orders)
    refused: list[Refused] = []
    new: list[OrderRecord] = []
    for order in orders:
        held_at = held.get((order.source, order.number))
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
            _insert_orders(received, new, now)
        except IntegrityError:
            # Another worker, taken for dead, has written some of them at this moment.
            _insert_orders(received, new, now)
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


def _held(orders: Sequence[OrderRecord]) -> dict[tuple[str, str], datetime]:
    """When orders that are there already were placed, by former shop and number."""
    numbers: dict[str, list[str]] = {}
    for order in orders:
        numbers.setdefault(order.source, []).append(order.number)
    held = {}
    for source, of_source in numbers.items():
        rows = PastOrder.objects.filter(source=source, number__in=of_source).order_by()
        for number, placed_at in rows.values_list("number", "placed_at"):
            held[source, number] = placed_at.replace(microsecond=0)
    return held


@retry_on_deadlock
def _insert_orders(received: HistoryImport, orders: list[OrderRecord], now: datetime) -> None:
    """Those that another worker has written meanwhile stay as they are."""
    rows = [
        PastOrder(
            source=order.source,
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
        written = _held(orders)
        PastOrder.objects.bulk_create([row for row in rows if (row.source, row.number) not in written])


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
                    state_hash=state_hash(each.email, each.first_name, each.last_name, each.phone),
                )
                for each in customers
            ]
        )


def state_hash(*values: str) -> str:
    return salted_hmac("imports.history", json.dumps(values), algorithm="sha256").hexdigest()[:16]


def beat(received: HistoryImport, line: int) -> None:
    HistoryImport.objects.filter(pk=received.pk).update(progress=line, beat_at=timezone.now(), attempts=0)


def brought(received: HistoryImport) -> "QuerySet[PastOrder]":
    return PastOrder.objects.filter(import_number=received.pk, anonymised_at=None)
