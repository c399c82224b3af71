"""Retention of rate limits' counts and of used tokens."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import models

from apps.common.models import Attempts, Rate, UsedToken
from apps.common.throttle import MICROSECONDS

RATE_RETENTION = timedelta(minutes=1)
BATCH = 5000


def purge_counts(*, now: datetime) -> int:
    """Delete expired counts and used tokens; returns how many rows."""
    free_before = int((now - RATE_RETENTION).timestamp() * MICROSECONDS)
    old = (
        Rate.objects.filter(free_at__lt=free_before),
        Attempts.objects.filter(expires_at__lt=now),
        UsedToken.objects.filter(expires_at__lt=now),
    )
    return sum(sum(_deleted(rows)) for rows in old)


def _deleted(rows: models.QuerySet) -> Iterator[int]:
    while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
        # Asked again while deleting: what was counted since then stays.
        yield rows.filter(pk__in=keys).delete()[0]
        if len(keys) < BATCH:
            break
