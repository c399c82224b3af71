"""Kinds of e-mail about accounts. `apps.notifications` composes them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountEmail(models.TextChoices):
    """`object_id` is the account's."""

    INVITATION = "account_invitation", _("invitation à choisir un mot de passe")
    TEAM_INVITATION = "team_invitation", _("invitation dans l’équipe")
