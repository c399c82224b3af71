"""Sends the e-mails to the team that the release before the outbox left pending; goes with its table in the next one.

A row is claimed before it is sent, and released when the mail server refuses it. The claim of a worker that died is
never taken over: at most once, since a colleague rather misses a message than gets it twice.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from smtplib import SMTPException

import structlog
from django.db.models import F, Q
from django.utils import timezone

from apps.common import mail
from apps.prospects.models import FormerTeamEmail

logger = structlog.get_logger(__name__)
ATTEMPTS = 8
PAUSE = timedelta(minutes=10)


def pending(*, now: datetime) -> Iterator[int]:
    """Ids of e-mails whose task was lost, or whose pause after a refusal is over."""
    waiting = Q(claimed_at=None, created_at__lte=now - PAUSE, attempts__lt=ATTEMPTS) & ~Q(text="")
    yield from FormerTeamEmail.objects.filter(waiting, sent_at=None).order_by("pk").values_list("pk", flat=True)[:200]


def deliver(*, email_id: int, now: datetime) -> bool:
    """Claim and send one e-mail; False when it is sent already, claimed, or its recipient has left the team."""
    mine = FormerTeamEmail.objects.filter(pk=email_id)
    if not mine.filter(claimed_at=None, sent_at=None).update(claimed_at=now, attempts=F("attempts") + 1):
        return False
    email = mine.select_related("user").get()
    user = email.user
    if not (user.is_active and user.is_staff and email.text):
        mine.update(text="")
        return False
    message = mail.compose_text(
        subject=email.subject, text=email.text, to=user.email, language=user.language, key=f"team-{email.key}"
    )
    try:
        message.send()
    except (SMTPException, OSError) as error:
        mine.update(claimed_at=None)
        logger.warning("letter_failed", letter_id=email_id, error=type(error).__name__)
        return False
    mine.update(sent_at=timezone.now(), subject="", text="")
    return True
