"""The catalogue's revision: the number by which each process invalidates what it has cached.

What is cached is compared with it for equality only.
A process reads it at most once a second; inside a transaction it is always read
and never cached, because it may be rolled back. A request sees one number from beginning to end. It is the primary's
number, also where pages are read from a replica: `has_arrived` says whether the replica has come as far.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection

from apps.catalogue.models.revision import CatalogueRevision

POLL_SECONDS = 1.0


class Revision(NamedTuple):
    catalogue: int
    vocabulary: int


_cached: tuple[float, Revision] | None = None
_arrived: dict[str, tuple[float, int]] = {}
"""For each replica when its number was read, and the number."""
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


@contextmanager
def pinned() -> Iterator[None]:
    """Within a request, that of the request; elsewhere one of its own."""
    if _request.get() is not None:
        yield
        return
    with one_revision():
        yield


def has_arrived(alias: str) -> bool:
    """Whether this replica has the present revision, and with it all that was changed before. Numbers only grow, in the
    order in which transactions are committed and replicated."""
    wanted = both().catalogue
    now = time.monotonic()
    asked_at, number = _arrived.get(alias, (float("-inf"), 0))
    if number < wanted or now - asked_at >= POLL_SECONDS:
        number = _ask(using=alias).catalogue
        _arrived[alias] = (now, number)
    return 0 < wanted <= number


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


def _ask(*, using: str = DEFAULT_DB_ALIAS) -> Revision:
    row = CatalogueRevision.objects.using(using).filter(pk=1).values_list("number", "vocabulary").first()
    return Revision(*row) if row else Revision(0, 0)
