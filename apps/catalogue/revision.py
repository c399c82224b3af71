"""The catalogue's revision: the number by which each process invalidates what it has cached (`common.revisions`)."""

from typing import NamedTuple

from apps.catalogue.models.revision import CatalogueRevision
from apps.common import revisions
from apps.common.revisions import invalidate as invalidate
from apps.common.revisions import one_state as one_revision

__all__ = ["Revision", "both", "current", "invalidate", "one_revision"]

revisions.register("catalogue", CatalogueRevision, "number")
revisions.register("vocabulary", CatalogueRevision, "vocabulary")


class Revision(NamedTuple):
    catalogue: int
    vocabulary: int


def current() -> int:
    """Changes whenever what anonymous pages show of the catalogue changes."""
    return revisions.of("catalogue")


def both() -> Revision:
    return Revision(revisions.of("catalogue"), revisions.of("vocabulary"))
