"""How often somebody may do something, counted in tables that all processes and instances share.

Two ways to count. `take` is for floods: so many a second and a burst, one statement a call. `attempt` is for what is
done a few times an hour: it remembers each time, so that in no span of an hour more than the limit come through, also
not around the end of a window.
"""

import hashlib
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from apps.common.insert import insert_new
from apps.common.models import Attempts, Rate
from apps.common.transactions import retry_on_deadlock

# Of as many who count the same key at once, one gets ahead each turn.
TURNS = 50
MICROSECONDS = 1_000_000


# MySQL counts a row that it leaves as it is like one that it inserts; LAST_INSERT_ID tells that there was none to take.
_TAKE = {
    "sqlite": (
        "INSERT INTO common_rate (who, free_at) VALUES (%s, %s) "
        "ON CONFLICT (who) DO UPDATE SET free_at = MAX(free_at, %s) + %s WHERE free_at <= %s"
    ),
    "mysql": (
        "INSERT INTO common_rate (who, free_at) VALUES (%s, %s) ON DUPLICATE KEY UPDATE "
        "free_at = IF(free_at <= %s, GREATEST(free_at, %s) + %s, LAST_INSERT_ID(free_at))"
    ),
}


@retry_on_deadlock
def take(*, who: str, per_second: int, burst: int, now: float) -> int:
    """Take one of what `who` may do. 0 when there was one; else the moment, in microseconds, when there is one again.

    In any span of t seconds at most per_second · t + burst are let through (the generic cell rate algorithm). One
    statement asks and counts; `now` is in seconds since 1970.
    """
    key = _digest(who)
    at, step = int(now * MICROSECONDS), MICROSECONDS // per_second
    latest = at + (burst - 1) * step
    with connection.cursor() as cursor:
        if connection.vendor == "mysql":
            cursor.execute(_TAKE["mysql"], [key, at + step, latest, at, step])
            free_at = cursor.lastrowid
        else:
            cursor.execute(_TAKE["sqlite"], [key, at + step, at, step, latest])
            free_at = 0 if cursor.rowcount else _free_at(key) or latest + 1
    return free_at - (burst - 1) * step if free_at else 0


def _free_at(key: str) -> int:
    return Rate.objects.filter(pk=key).values_list("free_at", flat=True).first() or 0


def attempt(*, action: str, who: str, times: int, within: timedelta, about: str = "", times_about: int = 0) -> float:
    """Count one attempt of `who`. 0 when fewer than `times` were let through in the time `within` before it; else the
    seconds until the next one may come. What is refused is not counted.

    With `about`, at most `times_about` of them may be about the same thing: two limits, counted as one or not at all.
    """
    key, span, about = _key(action, who), within.total_seconds(), about and _digest(about)[:16]
    for _turn in range(TURNS):
        now = time.time()
        with connection.cursor() as cursor:
            cursor.execute("SELECT marks, version FROM common_attempts WHERE common_attempts.key = %s", [key])
            known = cursor.fetchone()
        marks = [mark for mark in json.loads(known[0]) if _time(mark) > now - span] if known else []
        alike = [mark for mark in marks if mark[1] == about] if about else []
        full = [each[-limit] for each, limit in ((marks, times), (alike, times_about)) if each and len(each) >= limit]
        if full:
            return max(1.0, max(map(_time, full)) + span - now)
        marks.append([now, about] if about else now)
        if _keep(key, marks, now + span, known and known[1]):
            return 0.0
    return 1.0


@retry_on_deadlock
def _keep(key: str, marks: list[Any], until: float, version: int | None) -> bool:
    """Whether nobody else has counted since `version` was read; None when there was no row."""
    text, expires_at = json.dumps(marks), datetime.fromtimestamp(until, UTC)
    if version is None:
        return insert_new(Attempts(key=key, marks=text, expires_at=expires_at))
    when = connection.ops.adapt_datetimefield_value(expires_at)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE common_attempts SET marks = %s, version = version + 1, expires_at = %s "
            "WHERE common_attempts.key = %s AND version = %s",
            [text, when, key, version],
        )
        return cursor.rowcount == 1


def _time(mark: Any) -> float:
    return mark[0] if isinstance(mark, list) else mark


def allowed(*, action: str, who: str, times: int, within: timedelta) -> bool:
    """Count one attempt of `who`; whether fewer than `times` were let through in the time `within` before it."""
    return not attempt(action=action, who=who, times=times, within=within)


def _key(action: str, who: str) -> str:
    return f"{action}:{_digest(who)[:32]}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
