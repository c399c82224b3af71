"""E-mails to the team: owed in the transaction they tell of, sent once after commit.

A row is claimed before it is sent, and given back when the mail server refuses it. A worker that dies in between leaves
a claim behind, which nobody takes over: a message to a colleague that is lost is better than one that comes twice.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from smtplib import SMTPException

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone, translation

from apps.accounts.models import User
from apps.common import mail
from apps.prospects.models import Letter

logger = structlog.get_logger(__name__)
ATTEMPTS = 8
PAUSE = timedelta(minutes=10)


def owe(*, key: str, user: User, subject: str, text: str, now: datetime) -> bool:
    """Write a letter that is sent after commit; False when one of this key was written before."""
    letter, is_new = Letter.objects.get_or_create(
        key=key, defaults={"user": user, "subject": subject[:200], "text": text, "created_at": now}
    )
    if is_new:
        from apps.prospects.tasks import send_letter  # tasks are shells over this module

        transaction.on_commit(partial(send_letter.delay, letter_id=letter.pk), robust=True)
    return is_new


def owed(*, now: datetime) -> Iterator[int]:
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
    message = mail.letter(
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


def card_address(prospect_id: int, *, language: str) -> str:
    with translation.override(language):
        return settings.SITE_URL + reverse("admin:prospects_prospect_change", args=[prospect_id])
