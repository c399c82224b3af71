"""Closings of days, months and years that have ended (art. 286, I, 3° bis CGI): totals of the period and for life."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Min, Q, Sum
from django.utils import timezone

from apps.common.insert import insert
from apps.common.money import ZERO, round_cents
from apps.common.transactions import retry_on_deadlock
from apps.invoicing.canonical import canonical, chained
from apps.invoicing.models import Chain, Closing, Document
from apps.invoicing.services.chain import lock_chain

Period = Closing.Period


def close_ended(*, now: datetime) -> list[Closing]:
    """Close every day, month and year that has ended and is not closed, oldest first; returns the new closings.

    A day without documents is closed too, so that a missing closing is seen. A repeat finds nothing to close. Locks the
    chain for one day at a time; no document is dated in a closed day afterwards.
    """
    closed: list[Closing] = []
    while new := _close_next(now):
        closed += new
    return closed


@retry_on_deadlock
def _close_next(now: datetime) -> list[Closing]:
    today = timezone.localdate(now)
    with transaction.atomic(durable=True):
        chain = lock_chain()
        day = _next_day(chain)
        if day is None or day >= today:
            return []
        closed = [_close(chain, period, first, day, now) for period, first in _ending(day)]
        chain.closed_through = day
        chain.save(update_fields=["closed_through"])
    return closed


def _next_day(chain: Chain) -> date | None:
    if chain.closed_through:
        return chain.closed_through + timedelta(days=1)
    first: date | None = Document.objects.aggregate(first=Min("issue_date"))["first"]
    return first


def _ending(day: date) -> Iterator[tuple[Closing.Period, date]]:
    """The periods that end with this day, with their first days."""
    yield Period.DAY, day
    tomorrow = day + timedelta(days=1)
    if tomorrow.day == 1:
        yield Period.MONTH, day.replace(day=1)
    if (tomorrow.month, tomorrow.day) == (1, 1):
        yield Period.YEAR, day.replace(month=1, day=1)


def _close(chain: Chain, period: Closing.Period, first: date, last: date, now: datetime) -> Closing:
    before = Closing.objects.filter(period=period).order_by("-start_date").first()
    sums = sums_between(first, last)
    amounts = {name: sums[name] for name in Closing.AMOUNTS}
    life = {f"life_{name}": amounts[name] + (getattr(before, f"life_{name}") if before else ZERO) for name in amounts}
    position, last_hash = sums["last_position"], ""
    if position:
        last_hash = Document.objects.values_list("hash", flat=True).get(position=position)
    elif before:
        position, last_hash = before.last_position, before.last_hash
    closing = Closing(
        period=period,
        start_date=first,
        end_date=last,
        count=sums["count"],
        last_position=position or 0,
        last_hash=last_hash,
        closed_at=now,
        previous_id=before.hash if before else None,
        **amounts,
        **life,
    )
    closing.hash = chained(closing.previous_id or "", canonical(hashed(closing)))
    insert(closing)
    return closing


def sums_between(first: date, last: date) -> dict[str, Any]:
    """What the documents of these days add up to, by the database. One query."""
    invoices, notes = Q(kind=Document.Kind.INVOICE), Q(kind=Document.Kind.CREDIT_NOTE)
    found = Document.objects.filter(issue_date__range=(first, last)).aggregate(
        count=Count("pk"),
        last_position=Max("position"),
        invoiced=Sum("gross", filter=invoices),
        invoiced_vat=Sum("vat", filter=invoices),
        credited=Sum("gross", filter=notes),
        credited_vat=Sum("vat", filter=notes),
    )
    return found | {name: round_cents(found[name] or ZERO) for name in Closing.AMOUNTS}


def hashed(closing: Closing) -> dict[str, Any]:
    """What the hash of a closing covers: everything but its key and hashes."""
    amounts: dict[str, Decimal] = {
        name: getattr(closing, name) for each in Closing.AMOUNTS for name in (each, f"life_{each}")
    }
    return {
        "period": str(closing.period),
        "start_date": closing.start_date,
        "end_date": closing.end_date,
        "count": closing.count,
        "last_position": closing.last_position,
        "last_hash": closing.last_hash,
        "closed_at": closing.closed_at,
        **{name: f"{amount:.2f}" for name, amount in amounts.items()},
    }
