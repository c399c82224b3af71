"""What people are notified of about their accounts: kinds of the outbox. `apps.notifications` composes them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountEmail(models.TextChoices):
    """The object is the account."""

    INVITATION = "account_invitation", _("invitation à choisir un mot de passe")
