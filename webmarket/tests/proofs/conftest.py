import logging
from collections.abc import Callable

import pytest

from apps.operations.tests.conftest import aws, aws_server

__all__ = ["aws", "aws_server", "make_queues"]


@pytest.fixture(autouse=True)
def _only_what_is_counted() -> None:
    """Silences moto's server, which logs each of thousands of requests, and what it has not."""
    for name in ("werkzeug", "botocore"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


@pytest.fixture
def make_queues(aws) -> Callable[..., dict[str, str]]:
    """`make_queues(visible_again=5)` creates both queues with their dead-letter queues; returns their URLs."""

    def make(*, visible_again: int, attempts: int = 100) -> dict[str, str]:
        sqs = aws("sqs")
        urls = {}
        for name in ("default", "operations"):
            dead = sqs.create_queue(QueueName=f"webmarket-proof-{name}-dead")["QueueUrl"]
            arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            redrive = f'{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": {attempts}}}'
            attributes = {"VisibilityTimeout": str(visible_again), "RedrivePolicy": redrive}
            urls[name] = sqs.create_queue(QueueName=f"webmarket-proof-{name}", Attributes=attributes)["QueueUrl"]
        return urls

    return make
