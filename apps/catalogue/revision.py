"""The catalogue's revision: the number by which each process invalidates what it has cached.

Numbers are compared for equality only. A process reads it at most once a second; inside a transaction it is always read
and never cached, because it may be rolled back. A request sees one number from beginning to end.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from django.db import connection

from apps.catalogue.models.revision import CatalogueRevision

POLL_SECONDS = 1.0


class Revision(NamedTuple):
    catalogue: int
    vocabulary: int


_cached: tuple[float, Revision] | None = None
_request: ContextVar[list[Revision] | None] = ContextVar("request_revision", default=None)


def current() -> int:
    """Changes whenever something shown on an anonymous page changes."""
    return both().catalogue


def both() -> Revision:
    pinned = _request.get()
    if pinned:
        return pinned[0]
    revision = _latest()
    if pinned is not None:
        pinned.append(revision)
    return revision


@contextmanager
def one_revision() -> Iterator[None]:
    """Within it, the first number read is used until `invalidate`: all of a page is built from one state."""
    token = _request.set([])
    try:
        yield
    finally:
        _request.reset(token)


def invalidate() -> None:
    """Drop the cached number: this process has just changed something, and the next call reads the database."""
    global _cached
    _cached = None
    if pinned := _request.get():
        pinned.clear()


def _latest() -> Revision:
    global _cached
    if connection.in_atomic_block:
        return _ask()
    cached = _cached
    now = time.monotonic()
    if cached and now - cached[0] < POLL_SECONDS:
        return cached[1]
    revision = _ask()
    _cached = (now, revision)
    return revision


def _ask() -> Revision:
    row = CatalogueRevision.objects.filter(pk=1).values_list("number", "vocabulary").first()
    return Revision(*row) if row else Revision(0, 0)
