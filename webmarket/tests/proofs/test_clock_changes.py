"""The two nights on which the clocks change, minute by minute: each job runs once at each of its moments.

Two schedulers act by the database's clock, which the proof sets (`SET TIMESTAMP`, of their connection alone); jobs are
those of the timetable's kinds: by UTC, by the shop's clock, every hour, and by intervals.
"""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from celery import current_app as app
from django.db import connection
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from apps.operations.models import BeatLease, DueJob
from apps.operations.planned.scheduler import LeasedScheduler
from webmarket.tests.proofs.probe import TABLE

pytestmark = [pytest.mark.proof, pytest.mark.mysql, pytest.mark.django_db(transaction=True)]
PARIS = ZoneInfo("Europe/Paris")
NIGHTS = {"autumn": datetime(2026, 10, 24, 20, tzinfo=UTC), "spring": datetime(2026, 3, 28, 20, tzinfo=UTC)}
LENGTH, TICK = timedelta(hours=10), timedelta(seconds=20)
# Minute, hour and time zone of each job; by which clock it is due is worked out below.
JOBS = {
    "one, UTC": ("0", "1", "UTC"),
    "half past two, Paris": ("30", "2", "Europe/Paris"),
    "two, Paris": ("0", "2", "Europe/Paris"),
    "three, Paris": ("0", "3", "Europe/Paris"),
    "every hour, Paris": ("15", "*", "Europe/Paris"),
    "every quarter, Paris": ("*/15", "*", "Europe/Paris"),
}


@pytest.fixture
def runs(transactional_db, monkeypatch):
    # One connection for the whole night: another would have another clock.
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", None)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        cursor.execute(
            f"CREATE TABLE {TABLE} (id BIGINT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50), host VARCHAR(100), "
            "began_at DATETIME(6), ended_at DATETIME(6))"
        )
        yield lambda: cursor.execute(f"SELECT name, began_at FROM {TABLE}") and list(cursor)  # noqa: S608
        cursor.execute("SET TIMESTAMP = DEFAULT")
        cursor.execute(f"DROP TABLE {TABLE}")


def wanted(minute: str, hour: str, zone: str, start: datetime) -> list[datetime]:
    """Each minute that passes, by the wall clock: of a repeated hour the first pass, unless the job is of every hour;
    of hours that are left out, an hour later."""
    minutes = range(0, 60, int(minute[2:])) if minute.startswith("*/") else [int(minute)]
    passing = [start + timedelta(minutes=number) for number in range(1, int(LENGTH.total_seconds() // 60) + 1)]
    local = [(moment, moment.astimezone(ZoneInfo(zone))) for moment in passing]
    if hour == "*":
        return [moment for moment, here in local if here.minute in minutes]
    found = [moment for moment, here in local if (here.hour, here.minute) == (int(hour), int(minute)) and not here.fold]
    if not found:
        found = [moment for moment, here in local if (here.hour, here.minute) == (int(hour) + 1, int(minute))]
    return found


@pytest.mark.parametrize("night", NIGHTS)
def test_each_moment_of_the_night_has_its_run(night, runs):
    start = NIGHTS[night]
    PeriodicTask.objects.all().delete()
    DueJob.objects.all().delete()
    BeatLease.objects.all().delete()
    plans = {}
    for name, (minute, hour, zone) in JOBS.items():
        plans[name] = {"crontab": CrontabSchedule.objects.create(minute=minute, hour=hour, timezone=zone)}
    plans["every ten minutes"] = {"interval": IntervalSchedule.objects.create(every=10, period="minutes")}
    for name, plan in plans.items():
        job = PeriodicTask.objects.create(name=name, task="proof.probe", kwargs=json.dumps({"name": name}), **plan)
        PeriodicTask.objects.filter(pk=job.pk).update(date_changed=start, last_run_at=start)
    schedulers = [LeasedScheduler(app=app, lazy=True) for _host in range(2)]
    now = start
    with connection.cursor() as cursor:
        while now < start + LENGTH:
            now += TICK
            cursor.execute("SET TIMESTAMP = %s", [now.timestamp()])
            for scheduler in schedulers:
                scheduler.tick()
            if now == start + LENGTH / 2:
                # The host that acts is gone; the other acts when its lease has ended.
                del schedulers[0]
    oracle = {name: wanted(*job, start) for name, job in JOBS.items()}
    oracle["every ten minutes"] = [start + timedelta(minutes=10 * number) for number in range(1, 61)]
    ran = {name: [] for name in plans}
    for name, began in runs():
        ran[name].append(began.replace(tzinfo=UTC))
    print(f"\n{night}, {start.astimezone(PARIS):%d %B %H:%M} to {now.astimezone(PARIS):%H:%M} in Paris")
    print(f"{'':<24}{'moments':>8}{'runs':>6}{'missing':>9}{'twice':>7}{'latest':>9}")
    for name, moments in oracle.items():
        due = Counter(DueJob.objects.filter(job=name).values_list("due_at", flat=True))
        missing, twice = set(moments) - set(due), len(ran[name]) - len(due)
        latest = max(
            (began - moment).total_seconds() for began, moment in zip(sorted(ran[name]), moments, strict=False)
        )
        print(f"{name:<24}{len(moments):>8}{len(ran[name]):>6}{len(missing):>9}{twice:>7}{latest:>7.0f} s")
        assert sorted(due) == moments
        assert len(ran[name]) == len(moments)
        assert latest < 90
