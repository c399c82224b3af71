"""The outbox: e-mails owed in the transaction that they are about, sent once after commit.

A row goes OWED → SENDING → HANDED → SENT, each step a compare-and-set, so two workers never send one message. A worker
that dies leaves SENDING behind: the mail server has nothing, and the sweep takes it over after `STALE`. A mail server
that refuses, or a composer that fails, puts it back to OWED, to be tried again after the next pause of `PAUSES`. What
has used up its pauses, by refusals, failures or dead workers, is FAILED.

HANDED is written just before the message's last line leaves. Who dies between that and the server's answer, or never
gets one, leaves a doubt that no protocol resolves (RFC 1047). Such a message is not sent again by itself: people are
told, look for its Message-ID at the mail server, and say « envoyé » or send it again.

Composers are registered by kind (`composes`), in `apps.notifications`: whoever enqueues knows no sentence and no link.
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
# None: there is nobody to notify any more, or nothing to say.
Composer = Callable[[OutboxEmail], EmailMultiAlternatives | None]

# Longer than a sending can take (`time_limit` of the task), so that a live worker is never overtaken.
STALE = timedelta(minutes=10)
# A task enqueued at commit comes first; the sweep is for those whose task was lost.
GRACE = timedelta(minutes=2)
# After the n-th refusal; then the message is FAILED and a person has to look.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440)]
SWEEP_LIMIT = 200


class Overtaken(SMTPException):
    """Another worker took the message for abandoned and claimed it: this one must not end it."""


@dataclass(frozen=True)
class _Kind:
    label: str | Promise
    compose: Composer


_kinds: dict[str, _Kind] = {}


def composes(kind: str, *, label: str | Promise) -> Callable[[Composer], Composer]:
    """Registers the composer of a kind, and what staff call such a message."""

    def register(composer: Composer) -> Composer:
        _kinds[str(kind)] = _Kind(label, composer)
        return composer

    return register


def compose(email: OutboxEmail) -> EmailMultiAlternatives | None:
    return _kinds[email.kind].compose(email)


def labels() -> dict[str, str]:
    return {kind: str(registered.label) for kind, registered in _kinds.items()}


def enqueue(*, kind: str, key: str, object_id: int, language: str, now: datetime, occasion: str = "") -> bool:
    """Owe an e-mail with the change that it is about; False when one of this key was owed before. One statement.

    The database is the outbox: a broker that is away loses nothing, the sweep sends what is still owed.
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
    """Every minute: whatever was not sent by its own task."""
    for key in pending(now=timezone.now()):
        send_outbox_email.delay(key=key)


def pending(*, now: datetime) -> list[str]:
    """Keys of messages whose task got lost, whose worker died, or whose pause after a refusal is over; oldest first."""
    waiting = Q(attempts=0, created_at__lte=now - GRACE)
    for attempts, pause in enumerate(PAUSES, start=1):
        waiting |= Q(attempts=attempts, claimed_at__lte=now - pause)
    dead = Q(status=Status.SENDING, claimed_at__lte=now - STALE)
    emails = _ours().filter((Q(status=Status.OWED) & waiting) | dead)
    return list(emails.order_by("created_at", "pk").values_list("key", flat=True)[:SWEEP_LIMIT])


def in_doubt(*, now: datetime) -> QuerySet[OutboxEmail]:
    """Messages that the mail server may have or not, and whose sender is gone."""
    return OutboxEmail.objects.filter(status=Status.HANDED, claimed_at__lte=now - STALE)


def deliver(*, key: str, now: datetime) -> bool:
    """Claim, compose and send one message; False when it is sent already or somebody else is at it.

    Raises what a composer raises, after the message was put back for its next pause.
    """
    claimable = Q(status=Status.OWED) | Q(status=Status.SENDING, claimed_at__lte=now - STALE)
    claimed = (
        _ours().filter(claimable, key=key).update(status=Status.SENDING, claimed_at=now, attempts=F("attempts") + 1)
    )
    if not claimed:
        return False
    email = OutboxEmail.objects.get(key=key)
    # Only the worker whose claim still stands writes the outcome.
    claim = OutboxEmail.objects.filter(pk=email.pk, status__in=[Status.SENDING, Status.HANDED], claimed_at=now)

    def hand_over() -> None:
        if not claim.update(status=Status.HANDED):
            raise Overtaken

    def put_back(error: str) -> None:
        final = email.attempts > len(PAUSES)
        claim.update(status=Status.FAILED if final else Status.OWED)
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
    message.connection = get_connection(handing=hand_over)
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
    """A person found that it did not leave. False when it is on its way, or sent."""
    again = Q(status=Status.FAILED) | Q(status=Status.HANDED, claimed_at__lte=now - STALE)
    if not OutboxEmail.objects.filter(again, pk=email.pk).update(status=Status.OWED, attempts=0):
        return False
    transaction.on_commit(partial(send_outbox_email.delay, key=email.key), robust=True)
    return True


def settle_as_sent(*, email: OutboxEmail, now: datetime) -> bool:
    """A person found it at the mail server. False when there is no doubt about it."""
    return bool(in_doubt(now=now).filter(pk=email.pk).update(status=Status.SENT, sent_at=F("claimed_at")))


def message_id(email: OutboxEmail) -> str:
    """What the mail server's own list of messages calls it."""
    return mail.message_id(email.key)


def _ours() -> QuerySet[OutboxEmail]:
    """Those that this release can compose: what a newer one owes waits for a worker of that release."""
    return OutboxEmail.objects.filter(kind__in=list(_kinds))
