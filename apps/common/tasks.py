from smtplib import SMTPException
from typing import Any

from celery import shared_task
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from apps.common import mail, retention
from apps.common.outbox import send_outbox_email, send_pending_emails

__all__ = ["post", "purge_counts", "send_email", "send_outbox_email", "send_pending_emails"]

# A message that waits longer than the queue's visibility timeout would be delivered, and sent, a second time.
LONGEST_WAIT = 900


@shared_task(
    autoretry_for=(SMTPException, OSError),
    retry_backoff=30,
    retry_backoff_max=LONGEST_WAIT,
    max_retries=20,
    time_limit=120,
)
def send_email(
    *, to: str, subject: str, text: str, html: str, key: str, reply_to: tuple[str, ...] = (), **_: Any
) -> None:
    """Send one composed message. A second run sends the same Message-ID."""
    mail.message(to=to, subject=subject, text=text, html=html, key=key, reply_to=reply_to).send()


@shared_task(name="common.forget_counts")
def purge_counts(**_: Any) -> None:
    retention.purge_counts(now=timezone.now())


def post(message: EmailMultiAlternatives, *, key: str) -> None:
    """Hand a composed message to the worker after commit: a slow mail server never holds a visitor up, nor tells
    by its slowness whether an address is known."""
    html, _mime_type = message.alternatives[0]
    send_email.delay_on_commit(
        to=message.to[0],
        subject=message.subject,
        text=message.body,
        html=html,
        key=key,
        reply_to=list(message.reply_to),
    )
