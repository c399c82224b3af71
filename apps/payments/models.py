from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.common.models import Timestamped
from apps.common.money import MoneyField


class Payment(Timestamped):
    """One attempt to pay one order through one gateway."""

    class Status(models.TextChoices):
        PENDING = "PENDING", _("en attente")
        CHALLENGED = "CHALLENGED", _("authentification demandée")
        AUTHORISED = "AUTHORISED", _("autorisé")
        CAPTURED = "CAPTURED", _("encaissé")
        DECLINED = "DECLINED", _("refusé")
        CANCELLED = "CANCELLED", _("annulé")

    order = models.ForeignKey(
        "orders.Order", on_delete=models.PROTECT, related_name="payments", verbose_name=_("commande")
    )
    gateway = models.CharField(_("moyen de paiement"), max_length=40)
    key = models.CharField(max_length=64, unique=True, editable=False)
    reference = models.CharField(_("référence du prestataire"), max_length=120, null=True, blank=True)
    status = models.CharField(_("état"), max_length=12, choices=Status, default=Status.PENDING)
    amount = MoneyField(_("montant"))
    refunded = MoneyField(_("remboursé"), default=0)
    decline_reason = models.CharField(_("motif du refus"), max_length=200, blank=True)
    captured_at = models.DateTimeField(_("encaissé le"), null=True, blank=True)

    class Meta:
        verbose_name = _("paiement")
        verbose_name_plural = _("paiements")
        ordering = ["-pk"]
        constraints = [
            UniqueConstraint(fields=["gateway", "reference"], name="payment_gateway_reference_unique"),
            CheckConstraint(condition=Q(refunded__lte=F("amount")), name="payment_refunded_lte_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.amount} €"


class Refund(models.Model):
    class Status(models.TextChoices):
        REQUESTED = "REQUESTED", _("demandé")
        DONE = "DONE", _("effectué")
        FAILED = "FAILED", _("échoué")

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    key = models.CharField(max_length=64, unique=True, editable=False)
    amount = MoneyField(_("montant"))
    status = models.CharField(_("état"), max_length=10, choices=Status, default=Status.REQUESTED)
    reference = models.CharField(_("référence du prestataire"), max_length=120, blank=True)
    reason = models.CharField(_("motif"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("le"), default=timezone.now)

    class Meta:
        verbose_name = _("remboursement")
        verbose_name_plural = _("remboursements")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.amount} €"


class WebhookEvent(models.Model):
    """A provider's message, kept once whatever number of times it is delivered."""

    gateway = models.CharField(max_length=40)
    event_id = models.CharField(max_length=120)
    payload = models.JSONField()
    received_at = models.DateTimeField(default=timezone.now)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("notification de prestataire")
        verbose_name_plural = _("notifications de prestataires")
        constraints = [UniqueConstraint(fields=["gateway", "event_id"], name="webhook_event_once")]

    def __str__(self) -> str:
        return f"{self.gateway} {self.event_id}"
