"""When planned jobs are due. Of several missed moments only the last is made up for."""

from datetime import UTC, datetime, timedelta

from celery.schedules import BaseSchedule, crontab, schedule
from django_celery_beat.clockedschedule import clocked
from django_celery_beat.models import PeriodicTask

LONGEST_LOOK_BACK = timedelta(days=8)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


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
    """The first planned moment after `after`, on the wall clock of the plan's own time zone.

    Of the hour that autumn repeats, a plan of every hour has both passes, one with hours of its own the first; a moment
    that spring leaves out is an hour later.
    """
    if len(plan.hour) == len(range(24)):
        begin = after.replace(second=0, microsecond=0)
        soon = (begin + minutes * MINUTE for minutes in range(1, 61))
        found = next((moment for moment in soon if _matches(plan, moment.astimezone(plan.tz))), None)
        if found:
            return found
    start = after
    # Celery knows no second pass: in it, it finds the first one, which is past.
    while (moment := _next_on_the_wall(plan, start)) <= after:
        start += HOUR
    return moment


def _next_on_the_wall(plan: crontab, after: datetime) -> datetime:
    local, delta, _now = plan.remaining_delta(after.astimezone(plan.tz))
    return (local + delta).astimezone(UTC)


def _matches(plan: crontab, local: datetime) -> bool:
    return (
        local.minute in plan.minute
        and local.isoweekday() % 7 in plan.day_of_week
        and local.day in plan.day_of_month
        and local.month in plan.month_of_year
    )
