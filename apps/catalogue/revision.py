"""The catalogue's revision: the number by which each process invalidates what it has cached (`common.revisions`).

It is the primary's number, also where pages are read from a replica: `has_arrived` says whether the replica has come
as far.
"""

import time
from typing import NamedTuple

from apps.catalogue.models.revision import CatalogueRevision
from apps.common import revisions
from apps.common.revisions import POLL_SECONDS
from apps.common.revisions import invalidate as invalidate
from apps.common.revisions import one_state as one_revision
from apps.common.revisions import pinned as pinned

__all__ = ["Revision", "both", "current", "has_arrived", "invalidate", "one_revision", "pinned"]

revisions.register("catalogue", CatalogueRevision, "number")
revisions.register("vocabulary", CatalogueRevision, "vocabulary")

_arrived: dict[str, tuple[float, int]] = {}
"""For each replica when its number was read, and the number."""


class Revision(NamedTuple):
    catalogue: int
    vocabulary: int


def current() -> int:
    """Changes whenever what anonymous pages show of the catalogue changes."""
    return revisions.of("catalogue")


def both() -> Revision:
    return Revision(*revisions.of_each("catalogue", "vocabulary"))


def has_arrived(alias: str) -> bool:
    """Whether this replica has the present revision, and with it all that was changed before. Numbers only grow, in the
    order in which transactions are committed and replicated."""
    wanted = current()
    now = time.monotonic()
    asked_at, number = _arrived.get(alias, (float("-inf"), 0))
    if number < wanted or now - asked_at >= POLL_SECONDS:
        found = CatalogueRevision.objects.using(alias).filter(pk=1).values_list("number", flat=True).first()
        number = found or 0
        _arrived[alias] = (now, number)
    return 0 < wanted <= number
