"""When planned jobs are due, and who may send each: a row for each planned moment, claimed under the lease's token."""

from datetime import UTC, datetime, timedelta

from celery.schedules import BaseSchedule, crontab, schedule
from django.db import IntegrityError, transaction

from apps.operations.models import BeatLease, DueJob
from apps.operations.planned.lease import NAME

LONGEST_LOOK_BACK = timedelta(days=8)
# A claimant that has not sent by then is gone.
SENDING = timedelta(seconds=20)


def latest_due(plan: BaseSchedule, *, after: datetime, now: datetime) -> datetime | None:
    """The last planned moment in ]after, now], or None. Earlier ones that were missed are not made up for.

    Intervals fall on multiples of their length since 1970: any two schedulers name the same moments.
    """
    if isinstance(plan, crontab):
        return _latest_cron(plan, after=max(after, now - LONGEST_LOOK_BACK), now=now)
    if not isinstance(plan, schedule):
        return None
    length = plan.run_every.total_seconds()
    moment = datetime.fromtimestamp(now.timestamp() // length * length, UTC)
    return moment if moment > after else None


def _latest_cron(plan: crontab, *, after: datetime, now: datetime) -> datetime | None:
    found = None
    # From near to far: a job of every minute needs no week of minutes counted.
    for span in (timedelta(hours=1), timedelta(days=1), now - after):
        start = max(after, now - span)
        while (moment := _next_cron(plan, start)) <= now:
            found = start = moment
        if found or start <= after:
            return found
    return found


def _next_cron(plan: crontab, after: datetime) -> datetime:
    """The first planned moment after `after`, on the wall clock of the plan's own time zone."""
    local, delta, _now = plan.remaining_delta(after.astimezone(plan.tz))
    return (local + delta).astimezone(UTC)


@transaction.atomic(durable=True)
def claim(*, job: str, task: str, due_at: datetime, token: int, now: datetime) -> DueJob | None:
    """Only the holder of `token` gets the row, and only once; locks the lease until it is committed."""
    if not BeatLease.objects.select_for_update().filter(name=NAME, token=token, expires_at__gt=now).exists():
        return None
    try:
        with transaction.atomic():
            return DueJob.objects.create(job=job, task=task, due_at=due_at, token=token, claimed_at=now)
    except IntegrityError:
        return None


def reclaim(*, token: int, now: datetime) -> list[DueJob]:
    """Rows that were claimed and not sent, by a holder that died or because the broker did not answer: the present
    holder sends them."""
    lost = DueJob.objects.filter(
        sent_at=None, token__lte=token, claimed_at__gte=now - timedelta(hours=1), claimed_at__lt=now - SENDING
    )
    taken = []
    for row in lost:
        if DueJob.objects.filter(pk=row.pk, sent_at=None, claimed_at=row.claimed_at).update(
            token=token, claimed_at=now
        ):
            row.token, row.claimed_at = token, now
            taken.append(row)
    return taken


def sent(row: DueJob, *, now: datetime) -> None:
    DueJob.objects.filter(pk=row.pk).update(sent_at=now)
