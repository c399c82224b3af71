"""When planned jobs are due. Of several missed moments only the last is made up for."""

from datetime import UTC, datetime, timedelta

from celery.schedules import BaseSchedule, crontab, schedule
from django_celery_beat.clockedschedule import clocked
from django_celery_beat.models import PeriodicTask

LONGEST_LOOK_BACK = timedelta(days=8)


def due_moment(job: PeriodicTask, *, now: datetime) -> datetime | None:
    """When the job was last due and has not run since; changing a job does not make it due for what is past."""
    if (job.start_time and now < job.start_time) or (job.expires and now >= job.expires):
        return None
    plan: BaseSchedule = job.schedule
    since = job.last_run_at or datetime(2000, 1, 1, tzinfo=UTC)
    if isinstance(plan, clocked):
        return plan.clocked_time if since < plan.clocked_time <= now else None
    return latest_due(plan, after=max(since, job.date_changed), now=now)


def latest_due(plan: BaseSchedule, *, after: datetime, now: datetime) -> datetime | None:
    """The last planned moment in ]after, now], or None; earlier missed ones are skipped.

    Intervals fall on multiples of their length since 1970, so that any two schedulers compute the same moments.
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
    # From near to far, so that a job of every minute does not iterate over a week of minutes.
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
