"""Numbers by which each process invalidates what it has cached: those of the catalogue, of the shop.

What is cached is compared with them for equality only. A process reads them, all in one query, at most once a second;
inside a transaction they are always read and never cached, because they may be rolled back. A request sees the same
numbers from beginning to end.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection
from django.db.models import Model

POLL_SECONDS = 1.0

Numbers = tuple[int, ...]

_columns: list[str] = []
_places: dict[str, int] = {}
_cached: tuple[float, Numbers] | None = None
_request: ContextVar[list[Numbers] | None] = ContextVar("request_revision", default=None)


def register(name: str, model: type[Model], column: str) -> None:
    """Have `column` of the model's row 1 read with the others; without that row it is 0."""
    if name not in _places:
        _places[name] = len(_places)
        _columns.append(f"(SELECT {column} FROM {model._meta.db_table} WHERE id = 1)")  # noqa: S608
        invalidate()


def of(name: str) -> int:
    return current()[_places[name]]


def of_each(*names: str) -> list[int]:
    """Of one moment, in one query."""
    numbers = current()
    return [numbers[_places[name]] for name in names]


def recently(name: str) -> int:
    """As `of`; but a number read within the last second is recent enough inside a transaction too, even one that has
    changed it."""
    cached = _cached
    if not _request.get() and cached and time.monotonic() - cached[0] < POLL_SECONDS:
        return cached[1][_places[name]]
    return of(name)


def current() -> Numbers:
    """All numbers: they change whenever something that an anonymous page shows does."""
    pinned = _request.get()
    if pinned:
        return pinned[0]
    numbers = _latest()
    if pinned is not None:
        pinned.append(numbers)
    return numbers


@contextmanager
def one_state() -> Iterator[None]:
    """Within it, the first numbers read are used until `invalidate`: all of a page is built from one state."""
    token = _request.set([])
    try:
        yield
    finally:
        _request.reset(token)


@contextmanager
def pinned() -> Iterator[None]:
    """Within a request, the numbers of the request; elsewhere some of its own."""
    if _request.get() is not None:
        yield
        return
    with one_state():
        yield


def invalidate() -> None:
    """Drop the cached numbers: this process has just changed something, and the next call reads the database."""
    global _cached
    _cached = None
    if pinned := _request.get():
        pinned.clear()


def assume_none() -> None:
    """For processes without a database: every number is 0, as where no row was ever written."""
    global _cached
    _cached = (float("inf"), (0,) * len(_columns))


def _latest() -> Numbers:
    global _cached
    if connection.in_atomic_block:
        return _ask()
    cached = _cached
    now = time.monotonic()
    if cached and now - cached[0] < POLL_SECONDS:
        return cached[1]
    numbers = _ask()
    _cached = (now, numbers)
    return numbers


def _ask() -> Numbers:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(_columns)}")
        return tuple(number or 0 for number in cursor.fetchone())
