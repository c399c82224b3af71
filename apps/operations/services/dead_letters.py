"""Dead-letter queues of SQS: messages that were delivered as often as allowed and never acknowledged."""

import base64
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from celery import current_app
from django.conf import settings
from django.utils.translation import gettext as _

from apps.operations.aws.clients import client
from apps.operations.errors import OperationFailed
from apps.operations.models import DueJob

# The suffix of dead-letter queues in terraform/modules/queue.
SUFFIX = "-dead"
MAX_MESSAGES = 100
# Visibility timeout while messages are listed.
LOOK_SECONDS = 5


@dataclass(frozen=True)
class DeadLetter:
    """A message: its task, and of its arguments only ids and numbers, since others may be personal data."""

    key: str
    queue: str
    task: str
    sent_at: datetime
    arguments: str
    error: str


def dead_letters() -> list[DeadLetter]:
    """Those of all queues, the oldest first, at most MAX_MESSAGES of each; empty where the broker is not SQS."""
    # Registers the tasks, which a web process loads lazily.
    current_app.loader.import_default_modules()
    sqs = client("sqs")
    found = []
    for queue in _queues():
        messages = list(_received(sqs, queue, limit=MAX_MESSAGES))
        found += [_described(queue, message) for message in messages]
        for message in messages:
            # Visible again at once, for the next listing.
            sqs.change_message_visibility(
                QueueUrl=_queues()[queue] + SUFFIX, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )
    return sorted(found, key=lambda each: each.sent_at)


def give_back(*, queue: str, key: str) -> None:
    """Return a message to its queue. Raises OperationFailed when it is not among the dead any more.

    It is sent before it is deleted: a process that dies in between leaves it in both, and a task may run twice.
    """
    sqs = client("sqs")
    message = _found(sqs, queue, key)
    sqs.send_message(QueueUrl=_queues()[queue], MessageBody=message["Body"])
    _delete(sqs, queue, message)


def delete(*, queue: str, key: str) -> None:
    """For good. Raises OperationFailed when it is not there any more."""
    sqs = client("sqs")
    _delete(sqs, queue, _found(sqs, queue, key))


def _queues() -> dict[str, str]:
    """URL by name; none with the embedded broker."""
    named = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("predefined_queues", {})
    return {name: queue["url"] for name, queue in named.items()}


def _received(sqs: Any, queue: str, *, limit: int) -> Iterator[dict[str, Any]]:
    """Each message once. SQS cannot list a queue: messages are received, and become visible again."""
    seen: set[str] = set()
    while len(seen) < limit:
        answer = sqs.receive_message(
            QueueUrl=_queues()[queue] + SUFFIX,
            MaxNumberOfMessages=10,
            VisibilityTimeout=LOOK_SECONDS,
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        new = [message for message in answer.get("Messages", []) if message["MessageId"] not in seen]
        if not new:
            return
        seen |= {message["MessageId"] for message in new}
        yield from new


def _found(sqs: Any, queue: str, key: str) -> dict[str, Any]:
    if queue in _queues():
        for message in _received(sqs, queue, limit=10 * MAX_MESSAGES):
            if message["MessageId"] == key:
                return message
    raise OperationFailed(
        _("Ce message n’est plus là, ou quelqu’un d’autre le regarde : rechargez la page dans quelques secondes.")
    )


def _delete(sqs: Any, queue: str, message: dict[str, Any]) -> None:
    sqs.delete_message(QueueUrl=_queues()[queue] + SUFFIX, ReceiptHandle=message["ReceiptHandle"])


def _described(queue: str, message: dict[str, Any]) -> DeadLetter:
    headers, arguments = _read(message["Body"])
    task = str(headers.get("task", ""))
    return DeadLetter(
        key=message["MessageId"],
        queue=queue,
        task=task,
        sent_at=datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC),
        arguments=", ".join(_described_argument(name, value) for name, value in arguments.items()),
        error=_error(task, headers),
    )


def _read(body: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A message's headers and its task's named arguments, as kombu and celery write them; nothing if others did."""
    with suppress(ValueError, KeyError, TypeError, IndexError, AttributeError):
        envelope = json.loads(base64.b64decode(body, validate=True))
        positional, named, _embedded = json.loads(base64.b64decode(envelope["body"]))
        return envelope["headers"], {**{str(number): each for number, each in enumerate(positional)}, **named}
    return {}, {}


def _described_argument(name: str, value: Any) -> str:
    return f"{name}={value}" if isinstance(value, bool | int | float) or value is None else f"{name}=…"


def _error(task: str, headers: dict[str, Any]) -> str:
    if not task:
        return _("ce n’est pas un message de la boutique")
    if task not in current_app.tasks:
        return _("cette version ne connaît pas la tâche")
    planned = DueJob.objects.filter(pk=headers.get("due_job") or 0).first()
    return planned.error if planned and planned.error else _("a arrêté chaque worker qui l’a commencée")
