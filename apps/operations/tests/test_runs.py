from datetime import timedelta

import pytest
import time_machine
from botocore.exceptions import ClientError, NoCredentialsError
from django import forms
from django.utils import timezone

from apps.operations.errors import AlreadyRunning, BadOptions, OperationFailed
from apps.operations.models import OperationRun
from apps.operations.runs.definition import Operation, Options, Outcome
from apps.operations.runs.run import Starter, abandon_lost_runs, run_operation

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
    assert OperationRun.objects.count() == 1
    assert start(lambda **_: Outcome("Encore.")).state == State.SUCCEEDED


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
