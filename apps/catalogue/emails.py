"""Kinds of outbox e-mails about the catalogue. `apps.notifications` composes them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CatalogueEmail(models.TextChoices):
    """The object is the colleague; the reductions are those whose `notified_at` is the message's `created_at`."""

    REFUSED_REDUCTIONS = "refused_reductions", _("réductions refusées")
