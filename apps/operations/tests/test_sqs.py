"""A real worker takes a task from SQS: the settings, the transport and the queues as production has them."""

import os
import subprocess
import sys
import time

import pytest
from celery import current_app
from django.conf import settings
from kombu import Connection

GROUP = "/webmarket/webmarket-test/workers"


@pytest.fixture
def queues(aws) -> dict[str, str]:
    """As terraform/modules/queue makes them: each with its dead letters."""
    sqs = aws("sqs")
    return {
        name: sqs.create_queue(QueueName=f"webmarket-test-{name}")["QueueUrl"] for name in ("default", "operations")
    }


@pytest.fixture
def environment(queues) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "webmarket.settings",
        "DEMO": "true",
        "SECRET_KEY": "only for tests",
        "DATABASE_URL": "sqlite:///:memory:",
        "AWS_REGION": "eu-west-3",
        "METRICS_LOG_GROUP": GROUP,
        "CELERY_BROKER_URL": "sqs://",
        "CELERY_QUEUE_URLS": ",".join(f"{name}={url}" for name, url in queues.items()),
    }


def send(task: str, queues: dict[str, str]) -> None:
    options = {"region": "eu-west-3", "predefined_queues": {name: {"url": url} for name, url in queues.items()}}
    with Connection("sqs://", transport_options=options) as connection:
        current_app.send_task(task, producer=current_app.amqp.Producer(connection), queue="default")


def waiting(aws, url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


@pytest.mark.filterwarnings("ignore::celery.exceptions.AlwaysEagerIgnored")
def test_a_worker_does_what_sqs_brings_and_acknowledges_it(aws, queues, environment, tmp_path):
    aws("logs").create_log_group(logGroupName=GROUP)
    send("beat.heartbeat", queues)
    assert {name: waiting(aws, url) for name, url in queues.items()} == {"default": 1, "operations": 0}
    log = tmp_path / "worker.log"
    with log.open("w") as file:
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "webmarket", "worker", "-Q", "default", "--pool", "solo"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=file,
            stderr=file,
        )
        try:
            limit = time.monotonic() + 60
            while waiting(aws, queues["default"]) and worker.poll() is None and time.monotonic() < limit:
                time.sleep(0.1)
        finally:
            worker.terminate()
            worker.wait(timeout=30)
    assert waiting(aws, queues["default"]) == 0, log.read_text()
    (stream,) = aws("logs").describe_log_streams(logGroupName=GROUP)["logStreams"]
    (event,) = aws("logs").get_log_events(logGroupName=GROUP, logStreamName=stream["logStreamName"])["events"]
    assert "BeatHeartbeat" in event["message"]
