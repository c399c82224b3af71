"""Notifies operators, once each, of e-mails in doubt: the mail server may have accepted them or not."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.common.models import OutboxEmail
from apps.common.outbox import in_doubt
from apps.operations.services.operators import notify_operators

NOTIFY_ONCE_IN = timedelta(days=30)
AT_ONCE = 200


def notify_of_doubts(*, now: datetime) -> int:
    """Returns how many were new."""
    doubtful = in_doubt(now=now).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]
    new = [
        pk
        for pk in doubtful
        if cache.add(f"operations.email_in_doubt.{pk}", True, timeout=int(NOTIFY_ONCE_IN.total_seconds()))
    ]
    if new:
        page = settings.SITE_URL + reverse("admin:common_outboxemail_changelist")
        notify_operators(
            subject=_("%(count)d e-mail(s) : parti(s) ou non ?") % {"count": len(new)},
            text=_(
                "Un serveur s’est arrêté, ou le serveur de messagerie n’a pas répondu, juste quand un message partait. "
                "Pour ne pas l’envoyer deux fois, la boutique ne le renvoie pas d’elle-même.\n\n"
                "Cherchez chaque message chez votre serveur de messagerie par le nom que donne cette page, puis "
                "choisissez « Tenir pour envoyé » ou « Renvoyer » :\n%(page)s?status__exact=%(status)s"
            )
            % {"page": page, "status": OutboxEmail.Status.HANDED},
            key=f"emails in doubt {new}",
        )
    return len(new)
