"""Kinds of e-mail about withdrawals. `apps.notifications` composes them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AfterSalesEmail(models.TextChoices):
    """`object_id` is the withdrawal's; of those to the team `occasion` is the colleague's id."""

    # Acknowledgement of receipt on a durable medium (art. L221-21 and D221-5 code de la consommation).
    ACKNOWLEDGEMENT = "withdrawal_acknowledgement", _("accusé de réception d’une rétractation")
    TEAM = "withdrawal_team", _("rétractation reçue, pour l’équipe")
    REMINDER = "withdrawal_reminder", _("rétractation à rembourser, rappel à l’équipe")
