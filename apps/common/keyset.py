"""Keyset pagination: the cursor is the last row's (created_at, id), so that page 10,000 costs what page 1 does."""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def encode(at: datetime, pk: int) -> str:
    micros = (at - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(f"{micros}.{pk}".encode()).decode().rstrip("=")


def decode(text: str) -> tuple[datetime, int]:
    """Raises ValueError for a text that `encode` cannot have made."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
        micros, _dot, pk = raw.partition(".")
        at, number = _EPOCH + timedelta(microseconds=int(micros)), int(pk)
    except (binascii.Error, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise ValueError(text) from error
    if not 0 <= number < 2**63 or at.year < 1970:
        raise ValueError(text)
    return at, number


def page(rows: QuerySet, *, cursor: tuple[datetime, int] | None, limit: int) -> tuple[list[Any], str | None]:
    """One page, newest first, and the next page's cursor (None at the end). One query; it needs an index that ends in
    (created_at, id)."""
    if cursor:
        at, pk = cursor
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk), created_at__lte=at)
    return cut(list(rows.order_by("-created_at", "-pk")[: limit + 1]), limit=limit)


def cut(found: list[Any], *, limit: int) -> tuple[list[Any], str | None]:
    """The same of rows that were read up to one beyond the page. No query."""
    page_rows = found[:limit]
    more = len(found) > limit
    return page_rows, encode(page_rows[-1].created_at, page_rows[-1].pk) if more else None
