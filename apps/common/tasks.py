from smtplib import SMTPException
from typing import Any

from celery import shared_task
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from apps.common import mail, retention
from apps.common.outbox import send_outbox_email, send_pending_emails

__all__ = ["purge_counts", "send_after_commit", "send_email", "send_outbox_email", "send_pending_emails"]

# A task that waits longer than the queue's visibility timeout would be delivered, and its e-mail sent, a second time.
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
    """Send one composed message. A second run sends it with the same Message-ID."""
    mail.message(to=to, subject=subject, text=text, html=html, key=key, reply_to=reply_to).send()


@shared_task(name="common.forget_counts")
def purge_counts(**_: Any) -> None:
    retention.purge_counts(now=timezone.now())


def send_after_commit(message: EmailMultiAlternatives, *, key: str) -> None:
    """Send a composed message by a task after commit: the response time depends neither on the mail server nor on
    whether the e-mail has an account."""
    html, _mime_type = message.alternatives[0]
    send_email.delay_on_commit(
        to=message.to[0],
        subject=message.subject,
        text=message.body,
        html=html,
        key=key,
        reply_to=list(message.reply_to),
    )
