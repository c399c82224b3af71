"""The outbox: e-mails enqueued in the transaction of the change that they are about, and sent once after commit.

A row goes PENDING → SENDING → HANDED → SENT, each step a compare-and-set, so that two workers never send one message. A
row left in SENDING by a dead worker was not transmitted: the sweep takes it over after `STALE`. A refusal by the mail
server or an error of the composer sets it back to PENDING, for another attempt after the next of `PAUSES`. A row
without pauses left (after refusals, errors or dead workers) is FAILED.

HANDED is set just before the message's last line is transmitted. When the worker dies between that and the server's
answer, or gets none, no protocol can find out whether the server accepted the message (RFC 1047). Such a message is
not sent again automatically: staff look for its Message-ID at the mail server, and mark it as sent or send it again.

Composers are registered by kind (`composes`) in `apps.notifications`, so that services need neither texts nor URLs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

import structlog
from celery import shared_task
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise

from apps.common import mail
from apps.common.insert import insert_new
from apps.common.models import OutboxEmail
from apps.common.smtp import AnswerUnknown

logger = structlog.get_logger(__name__)

Status = OutboxEmail.Status
# Returns None when nobody is to be notified any more.
Composer = Callable[[OutboxEmail], EmailMultiAlternatives | None]

# Longer than sending can take (`time_limit` of the task), so that no live worker is overtaken.
STALE = timedelta(minutes=10)
# The row's own task, sent at commit, comes first; the sweep is for rows whose task was lost.
GRACE = timedelta(minutes=2)
# The n-th follows the n-th refusal; then the row is FAILED and staff must act.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440)]
SWEEP_LIMIT = 200


class Overtaken(SMTPException):
    """Another worker considered this one dead and claimed the message: it must not be completed here."""


@dataclass(frozen=True)
class _Kind:
    label: str | Promise
    compose: Composer


_kinds: dict[str, _Kind] = {}


def composes(kind: str, *, label: str | Promise) -> Callable[[Composer], Composer]:
    """Decorator: register the composer of a kind. `label` is the kind's name for staff."""

    def register(composer: Composer) -> Composer:
        _kinds[str(kind)] = _Kind(label, composer)
        return composer

    return register


def compose(email: OutboxEmail) -> EmailMultiAlternatives | None:
    return _kinds[email.kind].compose(email)


def labels() -> dict[str, str]:
    return {kind: str(registered.label) for kind, registered in _kinds.items()}


def enqueue(*, kind: str, key: str, object_id: int, language: str, now: datetime, occasion: str = "") -> bool:
    """Insert an e-mail in the caller's transaction; False when there is one with this key already. One statement.

    The task is sent after commit. If the broker is down, nothing is lost: the sweep sends what is pending.
    """
    email = OutboxEmail(
        key=key, kind=str(kind), object_id=object_id, language=language, occasion=occasion, created_at=now
    )
    is_new = insert_new(email)
    if is_new:
        transaction.on_commit(partial(send_outbox_email.delay, key=key), robust=True)
    return is_new


@shared_task(name="common.send_outbox_email", time_limit=120)
def send_outbox_email(key: str, **_unknown: Any) -> None:
    deliver(key=key, now=timezone.now())


@shared_task(name="common.send_pending_emails")
def send_pending_emails(**_unknown: Any) -> None:
    """Every minute (the sweep): send tasks for `pending` rows."""
    for key in pending(now=timezone.now()):
        send_outbox_email.delay(key=key)


def pending(*, now: datetime) -> list[str]:
    """Keys of rows whose task was lost, whose worker died, or whose pause after a refusal is over; oldest first."""
    waiting = Q(attempts=0, created_at__lte=now - GRACE)
    for attempts, pause in enumerate(PAUSES, start=1):
        waiting |= Q(attempts=attempts, claimed_at__lte=now - pause)
    dead = Q(status=Status.SENDING, claimed_at__lte=now - STALE)
    emails = _ours().filter((Q(status=Status.PENDING) & waiting) | dead)
    return list(emails.order_by("created_at", "pk").values_list("key", flat=True)[:SWEEP_LIMIT])


def in_doubt(*, now: datetime) -> QuerySet[OutboxEmail]:
    """Messages that the mail server may have accepted or not (HANDED), and whose worker is dead."""
    return OutboxEmail.objects.filter(status=Status.HANDED, claimed_at__lte=now - STALE)


def deliver(*, key: str, now: datetime) -> bool:
    """Claim, compose and send one message. False when it was not sent, or not claimable: sent before, or claimed.

    Raises what a composer raises, after the row was set back for its next pause.
    """
    claimable = Q(status=Status.PENDING) | Q(status=Status.SENDING, claimed_at__lte=now - STALE)
    claimed = (
        _ours().filter(claimable, key=key).update(status=Status.SENDING, claimed_at=now, attempts=F("attempts") + 1)
    )
    if not claimed:
        return False
    email = OutboxEmail.objects.get(key=key)
    # Only the worker whose claim is still valid writes the outcome.
    claim = OutboxEmail.objects.filter(pk=email.pk, status__in=[Status.SENDING, Status.HANDED], claimed_at=now)

    def mark_handed() -> None:
        if not claim.update(status=Status.HANDED):
            raise Overtaken

    def put_back(error: str) -> None:
        final = email.attempts > len(PAUSES)
        claim.update(status=Status.FAILED if final else Status.PENDING)
        logger.warning("email_failed", key=key, error=error, final=final)

    if email.attempts > len(PAUSES) + 1:
        put_back("WorkerDied")
        return False
    try:
        message = compose(email)
    except Exception as error:
        put_back(type(error).__name__)
        raise
    if message is None:
        claim.update(status=Status.FAILED)
        logger.info("email_without_recipient", key=key)
        return False
    message.connection = get_connection(before_last_line=mark_handed)
    try:
        message.send()
    except (AnswerUnknown, Overtaken) as error:
        logger.warning("email_in_doubt", key=key, error=type(error).__name__)
        return False
    except SMTPRecipientsRefused:
        claim.update(status=Status.FAILED)
        logger.warning("email_refused", key=key)
        return False
    except (SMTPException, OSError) as error:
        put_back(type(error).__name__)
        return False
    claim.update(status=Status.SENT, sent_at=timezone.now())
    logger.info("email_sent", key=key)
    return True


@transaction.atomic(durable=True)
def send_again(*, email: OutboxEmail, now: datetime) -> bool:
    """Enqueue again a message that staff have found not to be sent. False when it is pending, being sent or sent."""
    again = Q(status=Status.FAILED) | Q(status=Status.HANDED, claimed_at__lte=now - STALE)
    if not OutboxEmail.objects.filter(again, pk=email.pk).update(status=Status.PENDING, attempts=0):
        return False
    transaction.on_commit(partial(send_outbox_email.delay, key=email.key), robust=True)
    return True


def settle_as_sent(*, email: OutboxEmail, now: datetime) -> bool:
    """Mark as sent a message that staff have found at the mail server. False unless it is `in_doubt`."""
    return bool(in_doubt(now=now).filter(pk=email.pk).update(status=Status.SENT, sent_at=F("claimed_at")))


def message_id(email: OutboxEmail) -> str:
    """The Message-ID by which it is found at the mail server."""
    return mail.message_id(email.key)


def _ours() -> QuerySet[OutboxEmail]:
    """Rows that this release can compose; those of a newer release wait for a worker of it."""
    return OutboxEmail.objects.filter(kind__in=list(_kinds))
