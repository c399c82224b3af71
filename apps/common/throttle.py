"""How often somebody may do something, counted in tables that all processes and instances share.

Two ways to count. `take` is for floods: so many a second and a burst, one statement a call. `attempt` is for what is
done a few times an hour: it remembers each time, so that in no span of an hour more than the limit come through, also
not around the end of a window.
"""

import hashlib
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.db import connection, models

from apps.common.insert import insert_new
from apps.common.models import Attempts, Rate, UsedToken

# Of as many who count the same key at once, one gets ahead each turn.
TURNS = 50
MICROSECONDS = 1_000_000
RATES_KEPT = timedelta(minutes=1)
BATCH = 5000


def take(*, who: str, per_second: int, burst: int, now: float) -> int:
    """Take one of what `who` may do. 0 when there was one; else the moment, in microseconds, when there is one again.

    In any span of t seconds at most per_second · t + burst are let through (the generic cell rate algorithm). The one
    UPDATE asks and counts at once; `now` is in seconds since 1970.
    """
    key = hashlib.sha256(who.encode()).hexdigest()
    at, step = int(now * MICROSECONDS), MICROSECONDS // per_second
    latest = at + (burst - 1) * step
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE common_rate SET free_at = CASE WHEN free_at > %s THEN free_at ELSE %s END + %s "
                "WHERE who = %s AND free_at <= %s",
                [at, at, step, key, latest],
            )
            if cursor.rowcount:
                return 0
        known = Rate.objects.filter(pk=key).values_list("free_at", flat=True).first()
        if known is not None and known > latest:
            return known - (burst - 1) * step
        if known is None and insert_new(Rate(who=key, free_at=at + step)):
            return 0


def attempt(*, action: str, who: str, times: int, within: timedelta) -> float:
    """Count one attempt of `who`. 0 when fewer than `times` were let through in the time `within` before it; else the
    seconds until the next one may come. What is refused is not counted."""
    key, span = _key(action, who), within.total_seconds()
    for _turn in range(TURNS):
        now = time.time()
        known = Attempts.objects.filter(pk=key).values_list("marks", "version").first()
        recent = [mark for mark in json.loads(known[0]) if mark > now - span] if known else []
        if len(recent) >= times:
            return max(1.0, recent[-times] + span - now)
        marks = json.dumps([*recent, now])
        expires_at = datetime.fromtimestamp(now + span, UTC)
        if known is None:
            counted = insert_new(Attempts(key=key, marks=marks, expires_at=expires_at))
        else:
            same = Attempts.objects.filter(pk=key, version=known[1])
            counted = same.update(marks=marks, version=models.F("version") + 1, expires_at=expires_at) == 1
        if counted:
            return 0.0
    return 1.0


def allowed(*, action: str, who: str, times: int, within: timedelta) -> bool:
    """Count one attempt of `who`; whether fewer than `times` were let through in the time `within` before it."""
    return not attempt(action=action, who=who, times=times, within=within)


def forget(*, action: str, who: str) -> None:
    """Begin again at none: the attempts turned out to be somebody's who may."""
    Attempts.objects.filter(pk=_key(action, who)).delete()


def forget_old(*, now: datetime) -> int:
    """Delete counts and used tokens that say nothing any more; returns how many rows."""
    free_before = int((now - RATES_KEPT).timestamp() * MICROSECONDS)
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


def _key(action: str, who: str) -> str:
    return f"{action}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
