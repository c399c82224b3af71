from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from celery import current_app as app
from celery.schedules import crontab, schedule
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.common.tests.races import race
from apps.operations.models import BeatLease, DueJob
from apps.operations.planned import due_jobs, lease
from apps.operations.planned.moments import due_moment, latest_due
from apps.operations.planned.scheduler import LeasedScheduler

NOON = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(hour: int, minute: int, day: int = 21) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


class Sent:
    """What a scheduler would put on the queue."""

    def __init__(self, monkeypatch) -> None:
        self.messages: list[tuple[str, dict]] = []
        monkeypatch.setattr(LeasedScheduler, "apply_async", self._take)

    def _take(self, entry, **_):
        self.messages.append((entry.name, entry.options))

    @property
    def names(self) -> list[str]:
        return [name for name, _options in self.messages]


@pytest.fixture
def sent(monkeypatch):
    return Sent(monkeypatch)


@pytest.fixture
def schedulers(transactional_db):
    """Two hosts' schedulers over one table of jobs, in which one job has been due since yesterday."""
    PeriodicTask.objects.all().delete()
    return [LeasedScheduler(app=app, lazy=True) for _ in range(2)]


def every_minute(name: str = "expire", **changes) -> PeriodicTask:
    interval, _ = IntervalSchedule.objects.get_or_create(every=1, period="minutes")
    job = PeriodicTask.objects.create(name=name, task="orders.expire_unpaid", interval=interval, **changes)
    PeriodicTask.objects.filter(pk=job.pk).update(date_changed=NOON - timedelta(days=2))
    return job


class TestLatestDue:
    def test_intervals_fall_on_the_same_moments_for_everybody(self):
        for second in (0, 1, 29, 59):
            now = at(12, 0) + timedelta(seconds=second)
            assert latest_due(schedule(MINUTE), after=at(11, 59), now=now) == at(12, 0)

    def test_nothing_is_due_twice(self):
        assert latest_due(schedule(MINUTE), after=at(12, 0), now=at(12, 0) + timedelta(seconds=59)) is None
        assert latest_due(crontab(hour=2, minute=30), after=at(2, 30), now=at(23, 0)) is None

    def test_a_night_that_was_missed_is_made_up_for_once(self):
        plan = crontab(hour=2, minute=30)
        assert latest_due(plan, after=at(2, 30, day=18), now=at(9, 0)) == at(2, 30)

    def test_a_weekly_job_looks_back_far_enough(self):
        plan = crontab(hour=4, minute=0, day_of_week="sun")
        assert latest_due(plan, after=at(4, 0, day=8), now=at(9, 0)) == at(4, 0, day=15)

    def test_hours_are_those_of_the_plans_time_zone(self, db):
        paris = CrontabSchedule(minute="30", hour="2", timezone="Europe/Paris").schedule
        assert latest_due(paris, after=at(0, 0), now=at(9, 0)) == at(1, 30)


PARIS = ZoneInfo("Europe/Paris")
# The Sundays of 2026 on which the clocks go back, from three to two, and forward, from two to three.
AUTUMN, SPRING = datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 3, 28, 20, tzinfo=UTC)


class TestNightsWhenTheClocksChange:
    @pytest.mark.parametrize(
        ("minute", "hour", "start", "wanted"),
        [
            ("30", "2", AUTUMN, ["02:30+0200"]),
            ("0", "2", AUTUMN, ["02:00+0200"]),
            ("59", "2", AUTUMN, ["02:59+0200"]),
            ("0", "3", AUTUMN, ["03:00+0100"]),
            ("30", "1,2,3", AUTUMN, ["01:30+0200", "02:30+0200", "03:30+0100"]),
            ("30", "*", AUTUMN, ["01:30+0200", "02:30+0200", "02:30+0100", "03:30+0100"]),
            ("0", "*/2", AUTUMN, ["02:00+0200"]),
            ("30", "2", SPRING, ["03:30+0200"]),
            ("0", "3", SPRING, ["03:00+0200"]),
            ("30", "*", SPRING, ["01:30+0100", "03:30+0200"]),
        ],
    )
    def test_each_moment_comes_once(self, minute, hour, start, wanted):
        plan = CrontabSchedule(minute=minute, hour=hour, timezone="Europe/Paris").schedule
        seen, last, now = [], start, start
        while now < start + timedelta(hours=10):
            now += timedelta(seconds=150)
            moment = latest_due(plan, after=last, now=now)
            if moment is not None:
                assert last < moment <= now
                last = moment
                seen.append(moment.astimezone(PARIS).strftime("%H:%M%z"))
        assert [each for each in seen if "01:00" <= each[:5] < "04:00"] == wanted

    @settings(max_examples=200, deadline=None)
    @given(
        minute=st.sampled_from(["0", "30", "*/7", "59"]),
        hour=st.sampled_from(["*", "2", "1-3", "*/2", "23"]),
        days=st.sampled_from(["*", "0", "6,0", "1-5"]),
        start=st.sampled_from([AUTUMN, SPRING, NOON]),
        offset=st.integers(-2000, 2000),
        gap=st.integers(0, 1500),
    )
    def test_what_is_due_lies_between(self, minute, hour, days, start, offset, gap):
        plan = CrontabSchedule(minute=minute, hour=hour, day_of_week=days, timezone="Europe/Paris").schedule
        after = start + timedelta(minutes=offset)
        now = after + timedelta(minutes=gap)
        moment = latest_due(plan, after=after, now=now)
        assert moment is None or after < moment <= now


class TestLease:
    pytestmark = pytest.mark.django_db

    def test_one_holder_at_a_time(self, db):
        assert lease.hold(holder="a", now=NOON) == 1
        assert lease.hold(holder="b", now=NOON) is None
        assert lease.hold(holder="a", now=NOON + lease.LENGTH / 2) == 1

    def test_a_silent_holder_is_replaced_within_a_minute_and_fenced_off(self, db):
        every_minute()
        old = lease.hold(holder="a", now=NOON)
        later = NOON + lease.LENGTH
        assert lease.hold(holder="b", now=later) == 2
        claim = {"job": "expire", "task": "orders.expire_unpaid", "due_at": NOON}
        assert due_jobs.claim(**claim, token=old, now=later) is None
        assert due_jobs.claim(**claim, token=2, now=later) is not None
        assert lease.LENGTH < MINUTE

    def test_a_holder_that_slept_past_its_lease_gets_a_new_token(self, db):
        lease.hold(holder="a", now=NOON)
        assert lease.hold(holder="a", now=NOON + 2 * lease.LENGTH) == 2

    def test_who_leaves_gives_it_up_at_once(self, db):
        lease.hold(holder="a", now=NOON)
        lease.release(holder="a")
        assert lease.hold(holder="b", now=NOON) == 2

    def test_the_clock_is_the_databases(self, db):
        assert abs(lease.database_now() - datetime.now(UTC)) < timedelta(seconds=5)


class TestScheduler:
    def test_of_two_hosts_one_sends(self, schedulers, sent):
        every_minute()
        first, second = schedulers
        assert first.tick() < second.tick()
        assert sent.names == ["expire"]
        assert DueJob.objects.get().sent_at is not None

    def test_a_message_names_its_planned_moment(self, schedulers, sent):
        every_minute()
        schedulers[0].tick()
        ((_name, options),) = sent.messages
        assert options["headers"]["due_job"] == DueJob.objects.get().pk

    def test_what_a_dead_host_claimed_is_sent_by_the_next(self, schedulers, sent):
        every_minute()
        first, second = schedulers
        first.tick()
        now = lease.database_now()
        DueJob.objects.update(sent_at=None, claimed_at=now - 2 * due_jobs.SENDING)
        PeriodicTask.objects.update(last_run_at=now)
        BeatLease.objects.update(expires_at=now - MINUTE)
        second.tick()
        assert sent.names == ["expire", "expire"]
        assert sent.messages[0][1]["task_id"] == sent.messages[1][1]["task_id"]
        second.tick()
        assert len(sent.names) == 2

    def test_a_job_that_is_switched_off_is_left_alone(self, schedulers, sent):
        every_minute(enabled=False)
        schedulers[0].tick()
        assert sent.names == []

    def test_a_changed_hour_is_not_due_for_the_past(self, db):
        hour = CrontabSchedule.objects.create(minute="0", hour="9", timezone="UTC")
        job = PeriodicTask.objects.create(name="nightly", task="x", crontab=hour)
        job.last_run_at, job.date_changed = at(2, 30), at(12, 0)
        assert due_moment(job, now=at(12, 30)) is None
        assert due_moment(job, now=at(9, 1, day=22)) == at(9, 0, day=22)

    def test_hours_that_staff_changed_outlive_a_release(self, transactional_db):
        scheduler = LeasedScheduler(app=app, lazy=True)
        scheduler.setup_schedule()
        name = "purge-baskets"
        other = CrontabSchedule.objects.create(minute="5", hour="5", timezone="UTC")
        PeriodicTask.objects.filter(name=name).update(crontab=other)
        scheduler.setup_schedule()
        assert PeriodicTask.objects.get(name=name).crontab == other

    def test_every_planned_task_exists(self, db):
        app.loader.import_default_modules()
        assert {job["task"] for job in app.conf.beat_schedule.values()} <= set(app.tasks)


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_two_hosts_that_race_for_one_moment_get_one_row():
    token = lease.hold(holder="a", now=NOON)
    claim = partial(due_jobs.claim, job="j", task="t", due_at=NOON, token=token, now=NOON)
    rows = race(claim, claim)
    assert sum(row is not None for row in rows) == 1
    assert DueJob.objects.count() == 1
