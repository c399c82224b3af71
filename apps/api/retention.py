"""Retention of responses to idempotency keys."""

from datetime import datetime, timedelta

from apps.api.models import StoredResponse

RESPONSE_RETENTION = timedelta(hours=24)
BATCH = 5000


def purge_answers(*, now: datetime) -> int:
    """Delete expired responses; returns how many."""
    gone = 0
    old = StoredResponse.objects.filter(created_at__lte=now - RESPONSE_RETENTION)
    while keys := list(old.values_list("pk", flat=True)[:BATCH]):
        gone += old.filter(pk__in=keys).delete()[0]
    return gone
