"""E-mails to the team that the release before the outbox owes; goes with its table in the next one.

A row is claimed before it is sent, and given back when the mail server refuses it. A worker that dies in between leaves
a claim behind, which nobody takes over: a message to a colleague that is lost is better than one that comes twice.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from smtplib import SMTPException

import structlog
from django.db.models import F, Q
from django.utils import timezone

from apps.common import mail
from apps.prospects.models import Letter

logger = structlog.get_logger(__name__)
ATTEMPTS = 8
PAUSE = timedelta(minutes=10)


def pending(*, now: datetime) -> Iterator[int]:
    """Ids of letters whose task was lost, or whose pause after a refusal is over."""
    waiting = Q(claimed_at=None, created_at__lte=now - PAUSE, attempts__lt=ATTEMPTS) & ~Q(text="")
    yield from Letter.objects.filter(waiting, sent_at=None).order_by("pk").values_list("pk", flat=True)[:200]


def deliver(*, letter_id: int, now: datetime) -> bool:
    """Claim and send one letter; False when it is sent already, somebody else is at it, or its reader has left."""
    mine = Letter.objects.filter(pk=letter_id)
    if not mine.filter(claimed_at=None, sent_at=None).update(claimed_at=now, attempts=F("attempts") + 1):
        return False
    letter = mine.select_related("user").get()
    user = letter.user
    if not (user.is_active and user.is_staff and letter.text):
        mine.update(text="")
        return False
    message = mail.compose_text(
        subject=letter.subject, text=letter.text, to=user.email, language=user.language, key=f"team-{letter.key}"
    )
    try:
        message.send()
    except (SMTPException, OSError) as error:
        mine.update(claimed_at=None)
        logger.warning("letter_failed", letter_id=letter_id, error=type(error).__name__)
        return False
    mine.update(sent_at=timezone.now(), subject="", text="")
    return True
