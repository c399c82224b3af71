from datetime import UTC, datetime, timedelta

import pytest
from celery import shared_task
from django.core import mail

from apps.operations.models import DueJob
from apps.operations.services import jobs

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RUNS: list[str] = []


@shared_task(name="operations_tests.probe")
def probe(*, fails: bool = False) -> None:
    RUNS.append("run")
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


def run(row: DueJob, **options) -> DueJob:
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
        assert jobs.note_overdue(now=NOON + timedelta(hours=2)) == 3
        assert jobs.note_overdue(now=NOON + timedelta(hours=2)) == 0
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
