"""Checks every document and closing against its hash and the one before; nothing is written."""

import json
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from apps.common.money import ZERO
from apps.invoicing.canonical import canonical, chained
from apps.invoicing.models import Chain, Closing, Document, Series
from apps.invoicing.services.close import hashed, sums_between

AT_ONCE = 1000
RATES = ("rate", "net", "vat", "gross")


def verify_chain(*, progress: Callable[[int], None] = lambda _count: None) -> Iterator[str]:
    """One line per fault: a changed or removed row, rows that changed places, closings that do not add up.

    Four queries for each thousand of documents, which are never all in memory.
    """
    yield from _documents(progress)
    yield from _closings()


def _documents(progress: Callable[[int], None]) -> Iterator[str]:
    position, previous = 0, ""
    numbers: dict[tuple[str, int], int] = {}
    rows = Document.objects.order_by("position").select_related("order", "corrects").prefetch_related("vat_lines")
    while documents := list(rows.filter(position__gt=position)[:AT_ONCE]):
        for document in documents:
            if document.position != position + 1:
                yield _gap(position + 1, document.position - 1)
            elif (document.previous_id or "") != previous:
                yield f"document {document.number}: does not follow the one before it"
            yield from (f"document {document.number}: {fault}" for fault in _row(document))
            series = (document.kind, document.year)
            if document.sequence != numbers.get(series, 0) + 1:
                yield f"document {document.number}: its number does not follow {numbers.get(series, 0)}"
            numbers[series] = document.sequence
            position, previous = document.position, document.hash
        progress(position)
    yield from _ends(position, previous, numbers)


def _gap(first: int, last: int) -> str:
    return f"document {first} is missing" if first == last else f"documents {first} to {last} are missing"


def _ends(position: int, last_hash: str, numbers: dict[tuple[str, int], int]) -> Iterator[str]:
    chain = Chain.objects.first() or Chain()
    if chain.last_position > position:
        yield _gap(position + 1, chain.last_position)
    elif chain.last_position < position:
        yield "the chain's end is behind its documents"
    elif chain.last_hash != last_hash:
        yield "the chain's end has another hash than its last document"
    for each in Series.objects.all():
        if each.last_sequence != numbers.get((each.kind, each.year), 0):
            yield f"series {each.kind} {each.year}: its last number is {each.last_sequence}, its documents end before"


def _row(document: Document) -> Iterator[str]:
    """Faults of one row by itself."""
    if document.hash != chained(document.previous_id or "", document.content):
        yield "its content has another hash"
    try:
        content = json.loads(document.content)
        written = sorted(tuple(Decimal(each[name]) for name in RATES) for each in content["vat"])
    except (ValueError, KeyError, TypeError, ArithmeticError):
        yield "its content cannot be read"
        return
    wrong = [name for name, value in _columns(document).items() if canonical(content.get(name)) != canonical(value)]
    if wrong:
        yield f"its columns differ from its content: {', '.join(wrong)}"
    if sorted(tuple(getattr(each, name) for name in RATES) for each in document.vat_lines.all()) != written:
        yield "its VAT differs from its content"


def _columns(document: Document) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "position": document.position,
        "kind": document.kind,
        "year": document.year,
        "sequence": document.sequence,
        "number": document.number,
        "source": document.source,
        "order": document.order.number,
        "issue_date": document.issue_date,
        "issued_at": document.issued_at,
        "language": document.language,
        "net": f"{document.net:.2f}",
        "vat_total": f"{document.vat:.2f}",
        "gross": f"{document.gross:.2f}",
    }
    if document.corrects:
        columns["corrects"] = {"number": document.corrects.number, "date": document.corrects.issue_date}
    return columns


def _closings() -> Iterator[str]:
    for period in Closing.Period:
        yield from _closings_of(Closing.objects.filter(period=period).order_by("start_date").iterator())


def _closings_of(closings: Iterable[Closing]) -> Iterator[str]:
    before: Closing | None = None
    for closing in closings:
        where = f"closing {closing.period} {closing.start_date}"
        if closing.hash != chained(closing.previous_id or "", canonical(hashed(closing))):
            yield f"{where}: its content has another hash"
        if (closing.previous_id or "") != (before.hash if before else ""):
            yield f"{where}: does not follow the one before it"
        if before and (closing.start_date - before.end_date).days != 1:
            yield f"{where}: the period before it is not closed"
        sums = sums_between(closing.start_date, closing.end_date)
        if any(sums[name] != getattr(closing, name) for name in (*Closing.AMOUNTS, "count")):
            yield f"{where}: its documents do not add up to it"
        for name in Closing.AMOUNTS:
            life = getattr(before, f"life_{name}") if before else ZERO
            if getattr(closing, f"life_{name}") != life + getattr(closing, name):
                yield f"{where}: {name} since the first document does not add up"
        if closing.last_position and not _ends_with(closing):
            yield f"{where}: its last document has another hash"
        before = closing


def _ends_with(closing: Closing) -> bool:
    return Document.objects.filter(position=closing.last_position, hash=closing.last_hash).exists()
