"""Kinds of e-mail to the team about payments. `apps.notifications` composes them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PaymentEmail(models.TextChoices):
    """`object_id` is the dispute's or the refund's; `occasion` is the colleague's id."""

    DISPUTE = "payment_dispute", _("litige, pour l’équipe")
    DISPUTE_REMINDER = "payment_dispute_reminder", _("litige à répondre, rappel à l’équipe")
    REFUND_ELSEWHERE = "payment_refund_elsewhere", _("remboursement fait chez le prestataire, pour l’équipe")
