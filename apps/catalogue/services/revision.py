import time

from django.db import transaction

from apps.catalogue import revision
from apps.catalogue.models.revision import CatalogueRevision


def bump_revision(*, vocabulary: bool = False) -> None:
    """Announce to every process that anonymous pages show something else; `vocabulary` when the search's words do.

    The numbers are times in nanoseconds, not a counter: a number that was rolled back never comes again. Called in the
    transaction of the change; keeps its single row locked until the end of it, so call it late.
    """
    number = time.time_ns()
    values = {"number": number, "vocabulary": number} if vocabulary else {"number": number}
    if not CatalogueRevision.objects.filter(pk=1).update(**values):
        CatalogueRevision.objects.update_or_create(pk=1, defaults=values)
    revision.invalidate()
    transaction.on_commit(revision.invalidate)
