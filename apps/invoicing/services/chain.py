"""Appending to the chain: position, number and hash, under the lock of the chain's row."""

import json
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from apps.common.insert import insert, insert_new
from apps.invoicing.canonical import canonical, chained
from apps.invoicing.identity import seller
from apps.invoicing.models import Chain, Document, DocumentVat, Series
from apps.orders.models import Order
from apps.payments.models import Refund

KEY = 1
PREFIXES = {Document.Kind.INVOICE: "F", Document.Kind.CREDIT_NOTE: "A"}


def lock_chain() -> Chain:
    """Inside the caller's transaction: the chain's row, locked until it ends; created when there is none."""
    found = Chain.objects.select_for_update().filter(pk=KEY).first()
    if found is None:
        insert_new(Chain(pk=KEY))
        found = Chain.objects.select_for_update().get(pk=KEY)
    return found


def starts_at() -> datetime | None:
    """From when sales are documented here; None: all of them."""
    return Chain.objects.filter(pk=KEY).values_list("starts_at", flat=True).first()


def append(
    chain: Chain,
    *,
    kind: Document.Kind,
    source: str,
    order: Order,
    content: dict[str, Any],
    now: datetime,
    refund: Refund | None = None,
    corrects: Document | None = None,
) -> Document:
    """Inside the caller's transaction, which holds the chain's lock: give the content its number and its place.

    Whatever kills the process before the commit leaves neither a number nor a place behind.
    """
    issued_at = _after_the_last(chain, now)
    issue_date = timezone.localdate(issued_at)
    sequence = _next(kind, issue_date.year)
    number = f"{PREFIXES[kind]}{issue_date.year}-{sequence:06}"
    position = chain.last_position + 1
    written = canonical(
        {
            **content,
            "kind": kind.value,
            "number": number,
            "position": position,
            "year": issue_date.year,
            "sequence": sequence,
            "source": source,
            "issue_date": issue_date,
            "issued_at": issued_at,
            "language": order.language,
            "currency": "EUR",
            "seller": seller(),
        }
    )
    document = Document(
        position=position,
        kind=kind,
        year=issue_date.year,
        sequence=sequence,
        number=number,
        source=source,
        order=order,
        refund=refund,
        corrects=corrects,
        issue_date=issue_date,
        issued_at=issued_at,
        language=order.language,
        net=content["net"],
        vat=content["vat_total"],
        gross=content["gross"],
        content=written,
        previous_id=chain.last_hash or None,
        hash=chained(chain.last_hash, written),
    )
    insert(document)
    insert(*[DocumentVat(document=document, **each) for each in content["vat"]])
    chain.last_position, chain.last_hash, chain.last_issued_at = position, document.hash, issued_at
    chain.save(update_fields=["last_position", "last_hash", "last_issued_at"])
    return document


def read(document: Document) -> dict[str, Any]:
    """Its content; amounts and dates are text."""
    content: dict[str, Any] = json.loads(document.content)
    return content


def _after_the_last(chain: Chain, now: datetime) -> datetime:
    """Numbers follow dates although clocks of hosts differ, and no document is dated in a closed day."""
    moments = [now]
    if chain.last_issued_at:
        moments.append(chain.last_issued_at)
    if chain.closed_through:
        moments.append(day_start(chain.closed_through + timedelta(days=1)))
    return max(moments)


def day_start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _next(kind: Document.Kind, year: int) -> int:
    series, _created = Series.objects.select_for_update().get_or_create(kind=kind.value, year=year)
    series.last_sequence += 1
    series.save(update_fields=["last_sequence"])
    return series.last_sequence
