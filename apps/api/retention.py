"""How long responses to an idempotency key are kept."""

from datetime import datetime, timedelta

from apps.api.models import KeptAnswer

ANSWERS_KEPT = timedelta(hours=24)
BATCH = 5000


def purge_answers(*, now: datetime) -> int:
    """Delete what nobody may ask for any more; returns how many."""
    gone = 0
    old = KeptAnswer.objects.filter(created_at__lte=now - ANSWERS_KEPT)
    while keys := list(old.values_list("pk", flat=True)[:BATCH]):
        gone += old.filter(pk__in=keys).delete()[0]
    return gone
