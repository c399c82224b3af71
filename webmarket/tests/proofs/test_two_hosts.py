"""Two worker hosts with beat and clocks a minute apart; one is killed or cut off: each due job runs once."""

import os
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django_celery_beat.models import ClockedSchedule, PeriodicTask

from apps.operations.models import BeatLease, DueJob
from apps.operations.planned import lease
from webmarket.tests.proofs.hosts import Host, Relay, database_url, environment, running, wait_for
from webmarket.tests.proofs.probe import TABLE

pytestmark = [pytest.mark.proof, pytest.mark.mysql, pytest.mark.django_db(transaction=True)]
# A job is due each second for this long.
SECONDS = int(os.environ.get("SECONDS", "210"))
VISIBLE_AGAIN = 100
CUT = 45
REFUSED = 15
WORKER = ("worker", "-Q", "default", "--concurrency", "2", "--include", "webmarket.tests.proofs.probe")
WORKER += ("--without-gossip", "--without-mingle", "-l", "WARNING")
BEAT = ("beat", "--pidfile=", "-l", "INFO")


@pytest.fixture
def runs(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        cursor.execute(
            f"CREATE TABLE {TABLE} (id BIGINT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50), host VARCHAR(100), "
            "began_at DATETIME(6), ended_at DATETIME(6))"
        )
        yield lambda sql="SELECT name, host, began_at, ended_at": cursor.execute(f"{sql} FROM {TABLE}") and list(cursor)
        cursor.execute(f"DROP TABLE {TABLE}")


def plan(name: str, at, **kwargs) -> None:
    moment = ClockedSchedule.objects.create(clocked_time=at)
    arguments = str({"name": name, **kwargs}).replace("'", '"')
    PeriodicTask.objects.create(name=name, task="proof.probe", clocked=moment, one_off=True, kwargs=arguments)


class Machine(Host):
    """A host whose database connection can be cut."""

    def __init__(self, name, queues, folder, skew):
        here = connection.settings_dict
        self.network = Relay((here["HOST"], int(here["PORT"])))
        super().__init__(name, environment(queues, DATABASE_URL=database_url(self.network.port)), folder, skew=skew)

    def boot(self) -> None:
        self.start(*WORKER, "--hostname", self.name)
        self.start(*BEAT)


def leader(*machines: Machine) -> Machine | None:
    """The process id of the lease's holder, if the lease has not expired."""
    held = BeatLease.objects.filter(expires_at__gt=lease.database_now()).first()
    found = [m for m in machines if held and "beat" in m.programs and f":{m.programs['beat'].pid}:" in held.holder]
    return found[0] if found else None


def test_each_due_job_runs_once(make_queues, runs, tmp_path):
    queues = make_queues(visible_again=VISIBLE_AGAIN)
    early, late = (Machine(name, queues, tmp_path, skew) for name, skew in (("early", 30.0), ("late", -30.0)))
    PeriodicTask.objects.all().delete()
    happened: list[str] = []
    with running(early, late):
        early.boot()
        late.boot()
        wait_for("somebody leads", lambda: leader(early, late), seconds=60)
        start = lease.database_now() + timedelta(seconds=5)
        names = [f"due {number:03d}" for number in range(SECONDS)]
        for number, name in enumerate(names):
            plan(name, start + timedelta(seconds=number))
        time.sleep(20)

        first = leader(early, late)
        other = late if first is early else early
        plan("in mid-run", lease.database_now(), seconds=6)
        wait_for("a job is in mid-run", lambda: begun("in mid-run", runs), seconds=30)
        victim = early if begun("in mid-run", runs) == "early" else late
        if victim is not first:
            victim.kill("worker")
        first.kill()
        took = wait_for("the other leads", lambda: leader(other) is other, seconds=60)
        happened.append(
            f"{first.name} (clock {first.skew:+.0f} s) killed with -9: {other.name} leads after {took:.1f} s"
        )
        first.boot()
        if victim is not first:
            victim.start(*WORKER, "--hostname", victim.name)
        time.sleep(15)

        other.network.cut()
        took = wait_for("the one that was killed leads", lambda: leader(first) is first, seconds=60)
        happened.append(f"{other.name} cut off from the database for {CUT} s: {first.name} leads after {took:.1f} s")
        time.sleep(max(0.0, CUT - took))
        other.network.mend()
        time.sleep(10)

        first.network.refuse()
        time.sleep(REFUSED)
        first.network.answer()
        happened.append(f"{first.name}’s connections broken and refused for {REFUSED} s")

        limit = SECONDS + VISIBLE_AGAIN + 60
        finished = {"finished_at__isnull": False}
        wait_for(
            "every job has ended",
            lambda: DueJob.objects.filter(task="proof.probe", **finished).count() == SECONDS + 1,
            seconds=limit,
            every=1,
        )
        # What is still in the queue finds its job done.
        time.sleep(5)
    rows = runs()
    began, ended = (Counter(row[0] for row in rows if row[column]) for column in (2, 3))
    late_by = max((row[2] - due_at(row[0], start)).total_seconds() for row in rows if row[0] in names)
    print("\n" + "\n".join(happened))
    print(f"{'':<26}{'jobs':>6}{'begun':>7}{'ended':>7}{'missing':>9}{'twice':>7}")
    for title, those in (("due each second", names), (f"in mid-run on {victim.name}", ["in mid-run"])):
        missing, twice = sum(not ended[name] for name in those), sum(ended[name] > 1 for name in those)
        totals = sum(began[name] for name in those), sum(ended[name] for name in those)
        print(f"{title:<26}{len(those):>6}{totals[0]:>7}{totals[1]:>7}{missing:>9}{twice:>7}")
    print(f"run by: {dict(Counter(row[1] for row in rows))}")
    print(f"latest start after its moment: {late_by:.1f} s")
    assert {name: ended[name] for name in names} == dict.fromkeys(names, 1)
    assert ended["in mid-run"] == 1


def begun(name: str, runs) -> str:
    return next((row[1] for row in runs() if row[0] == name), "")


def due_at(name: str, start):
    return (start + timedelta(seconds=int(name.split()[1]))).replace(tzinfo=None)
