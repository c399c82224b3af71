"""Rate limits, counted in tables that all processes and instances share.

`take` limits floods: a rate per second and a burst, one statement per call. `attempt` limits what is done a few times
an hour: it stores the time of each, so that no span of an hour (not only a fixed window) has more than the limit.
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

# Retries of the compare-and-set: of concurrent attempts with one key, one succeeds in each turn.
TURNS = 50
MICROSECONDS = 1_000_000


# MySQL's row count is the same for an inserted and an unchanged row; LAST_INSERT_ID marks the unchanged (refused) one.
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
    """Count one call of `who`. Returns 0 when it is allowed; else when the next one is, in microseconds since 1970.

    In any span of t seconds at most per_second · t + burst are allowed (generic cell rate algorithm). One statement
    checks and counts; `now` is in seconds since 1970.
    """
    key = _hash(who)
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
    """Count one attempt of `who`. Returns 0 when fewer than `times` were allowed in the time `within` before it; else
    the seconds until the next one is. Refused attempts are not counted.

    With `about`, at most `times_about` of them may have the same `about`: an attempt counts for both limits or none.
    """
    key, span, about = _key(action, who), within.total_seconds(), about and _hash(about)[:16]
    now = time.time()
    # Most attempts are the first of their hour: one statement decides it.
    if _keep(key, [_mark(now, about)], now + span, None):
        return 0.0
    for _turn in range(TURNS):
        now = time.time()
        with connection.cursor() as cursor:
            cursor.execute("SELECT marks, version FROM common_attempts WHERE common_attempts.key = %s", [key])
            row = cursor.fetchone()
        marks = [mark for mark in json.loads(row[0]) if _time(mark) > now - span] if row else []
        alike = [mark for mark in marks if mark[1] == about] if about else []
        full = [each[-limit] for each, limit in ((marks, times), (alike, times_about)) if each and len(each) >= limit]
        if full:
            return max(1.0, max(map(_time, full)) + span - now)
        marks.append(_mark(now, about))
        if _keep(key, marks, now + span, row and row[1]):
            return 0.0
    return 1.0


@retry_on_deadlock
def _keep(key: str, marks: list[Any], until: float, version: int | None) -> bool:
    """Compare-and-set by `version` (None: there was no row); False when a concurrent attempt came first."""
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


def _mark(now: float, about: str) -> Any:
    return [now, about] if about else now


def _time(mark: Any) -> float:
    return mark[0] if isinstance(mark, list) else mark


def allowed(*, action: str, who: str, times: int, within: timedelta) -> bool:
    """`attempt` as a boolean: whether fewer than `times` were allowed in the time `within` before it."""
    return not attempt(action=action, who=who, times=times, within=within)


def _key(action: str, who: str) -> str:
    return f"{action}:{_hash(who)[:32]}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
