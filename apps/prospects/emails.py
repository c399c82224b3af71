"""Kinds of e-mails to staff about prospects. `apps.notifications` composes them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TeamEmail(models.TextChoices):
    """The object is the colleague; of a mention the note, whose occasion is the colleague."""

    DIGEST = "prospect_digest", _("récapitulatif des prospects")
    MENTION = "prospect_mention", _("nommé sur une carte")
    RETENTION = "prospect_retention", _("prospects bientôt anonymisés")
