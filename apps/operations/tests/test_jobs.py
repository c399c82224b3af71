from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from celery import shared_task
from celery.app.task import Context
from celery.exceptions import Retry
from django.core import mail
from django.db import OperationalError, connection
from django.utils import timezone

from apps.operations.models import DueJob
from apps.operations.planned import due_jobs
from apps.operations.planned import task as planning

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RUNS: list[str] = []


@shared_task(name="operations_tests.probe")
def probe(*, fails: bool = False, breaks: bool = False) -> None:
    RUNS.append("run")
    if breaks and len(RUNS) == 1:
        raise OperationalError("gone away")
    if fails:
        raise ValueError("le disque est plein")


@pytest.fixture(autouse=True)
def people(settings):
    RUNS.clear()
    settings.OPERATIONS = {**settings.OPERATIONS, "emails": ["exploitation@webmarket.example"]}


def planned(minute: int) -> DueJob:
    due_at = NOON + minute * MINUTE
    return DueJob.objects.create(
        job="probe", task="operations_tests.probe", due_at=due_at, token=1, claimed_at=due_at, sent_at=due_at
    )


def run(row: DueJob, *, brought: dict | None = None, **options) -> DueJob:
    """As a worker runs it; `brought` is what the broker says of the message."""
    with mock.patch.object(Context, "properties", brought):
        probe.apply(kwargs=options, headers={"due_job": row.pk}, throw=False)
    row.refresh_from_db()
    return row


def test_a_planned_task_says_when_it_began_and_ended():
    row = run(planned(0))
    assert row.started_at is not None
    assert row.finished_at is not None
    assert row.error == ""


def test_a_message_that_comes_twice_is_done_once():
    row = planned(0)
    run(row)
    run(row)
    assert RUNS == ["run"]


def test_a_second_message_leaves_a_job_to_who_is_at_it():
    row = planned(0)
    assert due_jobs.begin(row_id=row.pk)
    run(row)
    assert RUNS == []
    DueJob.objects.filter(pk=row.pk).update(started_at=timezone.now() - due_jobs.LONGEST_RUN - MINUTE)
    run(row)
    assert RUNS == ["run"]


def test_a_message_that_a_dead_worker_had_is_done_again():
    row = planned(0)
    assert due_jobs.begin(row_id=row.pk)
    received = {"sqs_message": {"Attributes": {"ApproximateReceiveCount": "2"}}}
    run(row, brought={"delivery_info": received})
    run(row, brought={"delivery_info": received})
    assert RUNS == ["run"]


def test_a_failure_is_not_repeated_by_a_second_message():
    row = run(planned(0), fails=True)
    run(row, fails=True)
    assert RUNS == ["run"]


def test_a_job_that_a_lost_connection_breaks_off_is_done_again_once():
    row = run(planned(0), breaks=True)
    assert RUNS == ["run", "run"]
    assert (row.error, row.finished_at is not None) == ("", True)
    run(row)
    assert RUNS == ["run", "run"]


def test_of_two_copies_of_a_second_try_one_runs():
    row = planned(0)
    began_at = due_jobs.begin(row_id=row.pk)
    first, second = (due_jobs.begin(row_id=row.pk, began_at=began_at) for _copy in range(2))
    assert (first is not None, second) == (True, None)


@pytest.mark.mysql
def test_a_job_ends_after_it_began_whatever_the_servers_time_zone():
    with connection.cursor() as cursor:
        cursor.execute("SET time_zone = '-05:00'")
        try:
            row = run(planned(0))
        finally:
            cursor.execute("SET time_zone = DEFAULT")
    assert timedelta() <= row.finished_at - row.started_at < MINUTE


@pytest.mark.django_db(transaction=True)
def test_a_job_that_had_begun_outlasts_two_tries_without_a_database():
    row = planned(0)
    began = due_jobs.begin(row_id=row.pk).isoformat()

    def away(execute, sql, params, many, context):
        raise OperationalError("gone away")

    with connection.execute_wrapper(away), pytest.raises(Retry) as asked:
        probe.apply(headers={"due_job": row.pk, "began": began}, throw=True)
    passed_on = asked.value.sig.options["headers"]
    assert (passed_on["due_job"], passed_on["began"]) == (row.pk, began)
    probe.apply(headers=passed_on, throw=True)
    row.refresh_from_db()
    assert (RUNS, row.finished_at is not None) == (["run"], True)


@pytest.mark.django_db(transaction=True)
def test_a_job_waits_for_a_database_that_is_away():
    row = planned(0)

    def away(execute, sql, params, many, context):
        if sql.startswith("UPDATE"):
            raise OperationalError("gone away")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(away), pytest.raises(Retry) as asked:
        probe.apply(headers={"due_job": row.pk}, throw=True)
    assert asked.value.when == planning.RETRY_SECONDS
    assert RUNS == []
    assert run(row).finished_at is not None
    assert RUNS == ["run"]


def test_people_are_told_once_while_a_job_fails(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for minute in range(3):
            assert run(planned(minute), fails=True).error == "le disque est plein"
    assert len(mail.outbox) == 1
    assert "probe" in mail.outbox[0].subject
    with django_capture_on_commit_callbacks(execute=True):
        run(planned(4))
        run(planned(5), fails=True)
    assert len(mail.outbox) == 2


def test_a_job_of_which_nothing_was_heard_is_noticed_once(django_capture_on_commit_callbacks):
    for minute in range(3):
        planned(minute)
    with django_capture_on_commit_callbacks(execute=True):
        assert due_jobs.note_overdue(now=NOON + timedelta(hours=2)) == 3
        assert due_jobs.note_overdue(now=NOON + timedelta(hours=2)) == 0
    assert len(mail.outbox) == 1


def test_the_topic_of_the_alarms_is_told_too(aws, settings):
    topic = aws("sns").create_topic(Name="alarms")["TopicArn"]
    queue = aws("sqs").create_queue(QueueName="listener")["QueueUrl"]
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:eu-west-3:123456789012:listener")
    settings.OPERATIONS = {**settings.OPERATIONS, "topic_arn": topic}
    run(planned(0), fails=True)
    (message,) = aws("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert "le disque est plein" in message["Body"]


def test_a_topic_that_refuses_does_not_hide_the_failure(aws, settings):
    settings.OPERATIONS = {**settings.OPERATIONS, "topic_arn": "arn:aws:sns:eu-west-3:123456789012:gone"}
    assert run(planned(0), fails=True).error == "le disque est plein"
