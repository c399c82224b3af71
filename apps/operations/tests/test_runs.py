from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from botocore.exceptions import ClientError, NoCredentialsError
from django import forms
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from apps.accounts.tests.factories import UserFactory
from apps.operations import tasks
from apps.operations.errors import AlreadyRunning, BadOptions, OperationFailed
from apps.operations.models import OperationRun
from apps.operations.runs import run as runs
from apps.operations.runs.definition import Operation, Options, Outcome
from apps.operations.runs.run import Starter, abandon_lost_runs, queue_run, run_operation

pytestmark = pytest.mark.django_db
State = OperationRun.State


class Asked(Options):
    days = forms.IntegerField(min_value=1, initial=7)


def operation(run, **changes) -> Operation:
    return Operation(name="probe", title="Essai", about="", run=run, options=Asked, **changes)


def start(run, options=None, **given) -> OperationRun:
    changes = {"time_limit": given.pop("time_limit")} if "time_limit" in given else {}
    return run_operation(
        operation=operation(run, **changes),
        options=options or {},
        starter=Starter(OperationRun.Source.TERMINAL),
        now=timezone.now(),
        **given,
    )


def test_a_run_leaves_a_row_that_says_what_it_did():
    def work(*, days, dry_run, report, now):
        report.say(f"{days} jours")
        report.link("tableau", "https://example.org")
        return Outcome("Fait.", {"days": days})

    run = start(work)
    assert (run.state, run.message, run.result) == (State.SUCCEEDED, "Fait.", {"days": 7})
    assert run.options == {"days": 7}
    assert run.log.endswith("7 jours")
    assert run.links == {"tableau": "https://example.org"}
    assert run.finished_at is not None


def test_options_that_make_no_sense_are_refused_before_anything_is_done():
    with pytest.raises(BadOptions, match="days"):
        start(lambda **_: pytest.fail("ran"), {"days": 0})
    assert not OperationRun.objects.exists()


def test_a_second_run_is_refused_while_one_is_active():
    def work(**_):
        with pytest.raises(AlreadyRunning):
            start(lambda **_: Outcome("never"))
        return Outcome("Fait.")

    assert start(work).state == State.SUCCEEDED
    assert OperationRun.objects.count() == 2
    refused = OperationRun.objects.get(state=State.REFUSED)
    assert "Déjà en cours depuis" in refused.message
    assert (refused.result["code"], refused.options, refused.active_key) == ("already_running", {"days": 7}, None)
    assert refused.finished_at is not None
    assert start(lambda **_: Outcome("Encore.")).state == State.SUCCEEDED


class TestQueued:
    """What a page asks for waits as a row until a worker begins it."""

    @pytest.fixture
    def person(self):
        return UserFactory(email="nadia@example.org")

    def queue(self, person, **changes) -> OperationRun:
        given = {"options": {"days": 3}, "now": timezone.now(), "is_dry_run": False} | changes
        return queue_run(operation=operation(lambda **_: Outcome("")), user=person, **given)

    def begin(self, run: OperationRun, work=lambda **_: Outcome("Fait.")) -> OperationRun:
        return run_operation(
            operation=operation(work),
            options=run.options,
            starter=Starter(OperationRun.Source.BACK_OFFICE, run.started_by),
            now=timezone.now(),
            queued=run.pk,
        )

    def test_a_worker_runs_it_in_its_row(self, person):
        waiting = self.queue(person)
        assert (waiting.state, waiting.host, waiting.started_by) == (State.QUEUED, "", person)
        run = self.begin(waiting)
        assert (run.pk, run.state, run.message) == (waiting.pk, State.SUCCEEDED, "Fait.")
        assert run.host
        assert OperationRun.objects.count() == 1

    @pytest.mark.parametrize("has_begun", [False, True])
    def test_a_second_one_is_refused_and_says_who_asked_for_the_first(self, person, has_begun):
        waiting = self.queue(person)
        if has_begun:
            OperationRun.objects.filter(pk=waiting.pk).update(state=State.RUNNING, host="worker-1")
        other = UserFactory()
        with pytest.raises(AlreadyRunning, match="Déjà en cours" if has_begun else "pas encore commencée") as refusal:
            self.queue(other)
        assert str(person) in refusal.value.message
        refused = OperationRun.objects.get(state=State.REFUSED)
        assert (refused.started_by, refused.message) == (other, refusal.value.message)
        with pytest.raises(AlreadyRunning):
            start(lambda **_: pytest.fail("ran"))

    def test_a_dry_run_is_asked_for_beside_it(self, person):
        self.queue(person)
        assert self.queue(person, is_dry_run=True).state == State.QUEUED

    def test_a_message_that_comes_twice_begins_it_once(self, person):
        waiting = self.queue(person)
        assert self.begin(waiting).state == State.SUCCEEDED
        with pytest.raises(AlreadyRunning):
            self.begin(waiting, lambda **_: pytest.fail("ran twice"))
        waiting.refresh_from_db()
        assert waiting.state == State.SUCCEEDED

    def test_one_that_no_worker_begins_frees_its_place(self, person):
        waiting = self.queue(person)
        later = timezone.now() + timedelta(hours=2)
        assert abandon_lost_runs(now=later) == 1
        waiting.refresh_from_db()
        assert (waiting.state, waiting.active_key) == (State.ABANDONED, None)
        assert "Aucun serveur" in waiting.message
        with pytest.raises(AlreadyRunning):
            self.begin(waiting, lambda **_: pytest.fail("ran too late"))

    def test_options_that_this_release_refuses_end_it(self, person):
        waiting = self.queue(person, options={"days": 0})
        with pytest.raises(BadOptions):
            self.begin(waiting)
        assert OperationRun.objects.get().state == State.REFUSED


def test_a_dry_run_stands_in_nobodys_way():
    def work(**_):
        return Outcome(start(lambda **_: Outcome("Essai."), is_dry_run=True).message)

    assert start(work).message == "Essai."


def test_a_refusal_is_the_rows_message():
    def work(**_):
        raise OperationFailed("Le disque est plein : faites de la place.", free=0)

    run = start(work)
    assert (run.state, run.message) == (State.FAILED, "Le disque est plein : faites de la place.")
    assert run.result == {"code": "operation_failed", "free": 0}


def test_an_unexpected_error_is_written_down_and_raised():
    with pytest.raises(ZeroDivisionError):
        start(lambda **_: 1 / 0)
    run = OperationRun.objects.get()
    assert run.state == State.FAILED
    assert "ZeroDivisionError" in run.message
    assert run.active_key is None


def test_a_run_that_takes_too_long_is_stopped():
    def work(**_):
        while True:
            pass

    assert start(work, time_limit=timedelta(seconds=0.05)).state == State.OUT_OF_TIME


def test_the_place_of_a_dead_process_is_free():
    run = start(lambda **_: Outcome(""))
    OperationRun.objects.filter(pk=run.pk).update(
        finished_at=None, state=State.RUNNING, active_key="probe", pid=4_000_000
    )
    assert start(lambda **_: Outcome("")).state == State.SUCCEEDED
    run.refresh_from_db()
    assert run.state == State.ABANDONED


def test_another_hosts_run_is_given_its_time():
    run = start(lambda **_: Outcome(""))
    OperationRun.objects.filter(pk=run.pk).update(
        finished_at=None, state=State.RUNNING, active_key="probe", host="elsewhere"
    )
    assert abandon_lost_runs(now=timezone.now()) == 0
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert abandon_lost_runs(now=timezone.now()) == 1


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (NoCredentialsError(), "AWS ne sait pas qui nous sommes"),
        (ClientError({"Error": {"Code": "AccessDenied", "Message": ""}}, "PutObject"), "pas le droit PutObject"),
        (ClientError({"Error": {"Code": "ExpiredToken", "Message": ""}}, "PutObject"), "renouvelez"),
        (ClientError({"Error": {"Code": "SlowDown", "Message": ""}}, "PutObject"), "ralentir"),
        (ClientError({"Error": {"Code": "NoSuchBucket", "Message": "no bucket"}}, "PutObject"), "vérifiez le nom"),
        (ClientError({"Error": {"Code": "Odd", "Message": "a reason"}}, "PutObject"), "a reason"),
    ],
)
def test_what_aws_says_becomes_a_sentence(error, says):
    def work(**_):
        raise error

    run = start(work)
    assert run.state == State.FAILED
    assert says in run.message


class TestDatabaseAway:
    """Errors as MySQL's driver raises them while another host takes over."""

    @pytest.fixture(autouse=True)
    def own_transactions(self, transactional_db, monkeypatch):
        monkeypatch.setattr(runs, "STORE_SECONDS", 0.0)

    def away(self, is_hit, times=1000):
        left = iter(range(times))

        def execute(call, sql, params, many, context):
            if is_hit(sql) and next(left, None) is not None:
                raise OperationalError(2006, "Server has gone away")
            return call(sql, params, many, context)

        return connection.execute_wrapper(execute)

    def reads(self, sql: str) -> bool:
        return sql.startswith("SELECT") and "operations_" not in sql

    def test_a_planned_run_is_tried_again_and_a_persons_is_not(self):
        person = UserFactory()
        with self.away(self.reads), pytest.raises(OperationalError, match="ne répond pas"):
            tasks.start(operation="publish_metrics")
        with self.away(lambda sql: self.reads(sql) and "accounts_" not in sql), pytest.raises(OperationFailed):
            tasks.start(operation="publish_metrics", user_id=person.pk)
        for run in OperationRun.objects.all():
            assert (run.state, run.result["code"], run.active_key) == (State.FAILED, "database_away", None)
        tasks.start(operation="publish_metrics")
        assert OperationRun.objects.latest("pk").state == State.SUCCEEDED

    def test_its_row_waits_for_another_host(self):
        run = self.ended_without_a_row("SCHEDULE")
        assert (run.state, OperationRun.objects.get(pk=run.pk).state) == (State.SUCCEEDED, State.SUCCEEDED)

    def test_at_a_terminal_it_has_failed_when_its_row_is_not_written(self):
        """As the row will say: it did not succeed."""
        run = self.ended_without_a_row("TERMINAL")
        assert OperationRun.objects.get(pk=run.pk).state == State.RUNNING
        assert (run.state, run.result["code"]) == (State.FAILED, "database_away")
        assert run.message.startswith("Fait. Mais la base de la boutique ne répond pas")

    def test_a_command_whose_row_is_not_written_fails(self):
        errors = StringIO()
        with self.away(self.writes_the_end), pytest.raises(SystemExit) as ended:
            call_command("publish_metrics", stdout=StringIO(), stderr=errors)
        assert ended.value.code == 1
        assert "ne répond pas" in errors.getvalue()

    def writes_the_end(self, sql: str) -> bool:
        return sql.startswith("UPDATE") and "result" in sql

    def ended_without_a_row(self, source: str) -> OperationRun:
        with self.away(self.writes_the_end, times=5):
            return run_operation(
                operation=operation(lambda **_: Outcome("Fait.")),
                options={},
                starter=Starter(source),
                now=timezone.now(),
            )

    @pytest.mark.parametrize(
        ("driver", "arguments", "code"),
        [
            ("MySQLdb", (2013, "Lost connection to MySQL server during query"), "database_away"),
            ("MySQLdb", (1114, "The table is full"), "disk_full"),
            ("sqlite3", ("unable to open database file",), "database_away"),
            ("sqlite3", ("database or disk is full",), "disk_full"),
        ],
    )
    def test_a_drivers_own_error_says_the_same(self, driver, arguments, code):
        error = pytest.importorskip(driver).OperationalError(*arguments)

        def work(**_):
            raise error

        assert start(work).result == {"code": code}
