"""The number of the catalogue's state, by which a process knows that what it remembers is out of date.

Numbers are compared for equality only. A process asks for it at most once a second; inside a transaction it always asks
and never remembers, because the answer may be rolled back.
"""

import time
from typing import NamedTuple

from django.db import connection

from apps.catalogue.models import CatalogueRevision

POLL_SECONDS = 1.0


class Revision(NamedTuple):
    catalogue: int
    vocabulary: int


_known: tuple[float, Revision] | None = None


def current() -> int:
    """Changes whenever something shown on an anonymous page changes."""
    return both().catalogue


def both() -> Revision:
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


def forget() -> None:
    """Ask the database next time: this process has just changed something."""
    global _known
    _known = None


def _ask() -> Revision:
    row = CatalogueRevision.objects.filter(pk=1).values_list("number", "vocabulary").first()
    return Revision(*row) if row else Revision(0, 0)
