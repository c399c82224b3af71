import time

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from apps.catalogue import revision
from apps.catalogue.models.revision import CatalogueRevision

STEP = 1_000_000


def bump_revision(*, vocabulary: bool = False) -> None:
    """Change the catalogue's revision: every process drops its cached pages, with `vocabulary` its words as well.

    The numbers are times in nanoseconds, not a counter: a number that was rolled back never returns. They grow in the
    order of commits all the same, also where the clock of one host is behind another's: a read replica with a number
    has all that was changed up to it. To be called in the transaction of the change; locks the single row until its
    end, so call it late.
    """
    now = time.time_ns()
    words = {"vocabulary": now} if vocabulary else {}
    # Behind a clock that runs ahead, a step of up to a millisecond that no other transaction is likely to take.
    grown = Greatest(F("number") + (now % STEP + 1), now)
    if not CatalogueRevision.objects.filter(pk=1).update(number=grown, **words):
        CatalogueRevision.objects.update_or_create(pk=1, defaults={"number": now, **words})
    revision.invalidate()
    transaction.on_commit(revision.invalidate)
