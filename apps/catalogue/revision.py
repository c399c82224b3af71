"""The number of the catalogue's state, by which a process knows that what it remembers is out of date.

Numbers are compared for equality only. A process asks for it at most once a second; inside a transaction it always asks
and never remembers, because the answer may be rolled back. A request sees one number from beginning to end.
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


_known: tuple[float, Revision] | None = None
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
    """Within it, the first answer stays until `invalidate`: all of a page is made from one state."""
    token = _request.set([])
    try:
        yield
    finally:
        _request.reset(token)


def invalidate() -> None:
    """Ask the database next time: this process has just changed something."""
    global _known
    _known = None
    if pinned := _request.get():
        pinned.clear()


def _latest() -> Revision:
    global _known
    if connection.in_atomic_block:
        return _ask()
    known = _known
    now = time.monotonic()
    if known and now - known[0] < POLL_SECONDS:
        return known[1]
    revision = _ask()
    _known = (now, revision)
    return revision


def _ask() -> Revision:
    row = CatalogueRevision.objects.filter(pk=1).values_list("number", "vocabulary").first()
    return Revision(*row) if row else Revision(0, 0)
