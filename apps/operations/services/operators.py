"""Notifies the people who run the shop: by e-mail, and on the topic that alarms publish to."""

import structlog
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from apps.common import mail
from apps.common.tasks import send_after_commit
from apps.operations.aws.clients import client

logger = structlog.get_logger(__name__)


def notify_operators(*, subject: str, text: str, key: str) -> None:
    """Never fails: callers report trouble already. The same `key` is the same message."""
    for email in settings.OPERATIONS["emails"]:
        send_after_commit(
            mail.compose_text(subject=subject, text=text, to=email, language="fr", key=f"{key} {email}"), key=key
        )
    topic = settings.OPERATIONS["topic_arn"]
    if topic:
        try:
            client("sns").publish(TopicArn=topic, Subject=subject[:100], Message=text)
        except (BotoCoreError, ClientError) as error:
            logger.exception("topic_refused", topic=topic, error=str(error))
