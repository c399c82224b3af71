import time

from django.db import transaction

from apps.catalogue import revision
from apps.catalogue.models.revision import CatalogueRevision


def bump_revision(*, vocabulary: bool = False) -> None:
    """Change the catalogue's revision: every process drops its cached pages, with `vocabulary` its words as well.

    The numbers are times in nanoseconds, not a counter: a number that was rolled back never returns. To be called in
    the transaction of the change; locks the single row until its end, so call it late.
    """
    number = time.time_ns()
    values = {"number": number, "vocabulary": number} if vocabulary else {"number": number}
    if not CatalogueRevision.objects.filter(pk=1).update(**values):
        CatalogueRevision.objects.update_or_create(pk=1, defaults=values)
    revision.invalidate()
    transaction.on_commit(revision.invalidate)
