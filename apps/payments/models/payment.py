from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Case, CheckConstraint, F, Q, UniqueConstraint, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.common.fields import ExactCharField
from apps.common.models import Timestamped
from apps.common.money import ZERO, MoneyField, format_euros
from apps.payments.querysets import PaymentQuerySet


class Payment(Timestamped):
    """One attempt to pay one order through one gateway."""

    class Status(models.TextChoices):
        PENDING = "PENDING", _("en attente")
        CHALLENGED = "CHALLENGED", _("authentification demandée")
        PROCESSING = "PROCESSING", _("en cours à la banque")
        AUTHORISED = "AUTHORISED", _("autorisé")
        CAPTURED = "CAPTURED", _("encaissé")
        DECLINED = "DECLINED", _("refusé")
        CANCELLED = "CANCELLED", _("annulé")

    # A gateway's outcome is a fact: money that arrives after a refusal or a cancellation is still recorded.
    TRANSITIONS = {
        Status.PENDING: {
            Status.CHALLENGED,
            Status.PROCESSING,
            Status.AUTHORISED,
            Status.CAPTURED,
            Status.DECLINED,
            Status.CANCELLED,
        },
        Status.CHALLENGED: {
            Status.PROCESSING,
            Status.AUTHORISED,
            Status.CAPTURED,
            Status.DECLINED,
            Status.CANCELLED,
        },
        Status.PROCESSING: {Status.CAPTURED, Status.DECLINED, Status.CANCELLED},
        Status.AUTHORISED: {Status.CAPTURED, Status.DECLINED, Status.CANCELLED},
        Status.DECLINED: {Status.CAPTURED},
        Status.CANCELLED: {Status.CAPTURED},
        Status.CAPTURED: set(),
    }
    OPEN = (Status.PENDING, Status.CHALLENGED, Status.PROCESSING, Status.AUTHORISED)

    order = models.ForeignKey(
        "orders.Order", on_delete=models.PROTECT, related_name="payments", verbose_name=_("commande")
    )
    gateway = ExactCharField(_("moyen de paiement"), max_length=40)
    key = ExactCharField(max_length=64, unique=True, editable=False)
    reference = ExactCharField(_("référence du prestataire"), max_length=120, null=True, blank=True)
    status = models.CharField(_("état"), max_length=12, choices=Status, default=Status.PENDING)
    amount = MoneyField(_("montant"))
    # Given back or about to be: raised when a refund is asked for, lowered again if it fails.
    refunded = MoneyField(_("remboursé"), default=ZERO)
    # Taken back by the provider for disputes and not given again, as their movements say.
    disputed = MoneyField(_("repris par litige"), default=ZERO, db_default=ZERO)
    decline_reason = models.CharField(_("motif du refus"), max_length=200, blank=True)
    captured_at = models.DateTimeField(_("encaissé le"), null=True, blank=True)
    # When the gateway was first asked for the money, written before the call. Empty: it knows nothing of this attempt.
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When the gateway was last asked; the sweep takes those that were not asked for long.
    asked_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("paiement")
        verbose_name_plural = _("paiements")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["status", "asked_at"], name="payment_status_asked"),
            models.Index(fields=["captured_at"], name="payment_captured"),
        ]
        constraints = [
            # Two open attempts could both be paid; a functional index, because MySQL has no partial ones.
            UniqueConstraint(
                Case(When(status__in=["PENDING", "CHALLENGED", "PROCESSING", "AUTHORISED"], then=F("order"))),
                name="payment_one_open_per_order",
            ),
            UniqueConstraint(fields=["gateway", "reference"], name="payment_gateway_reference_unique"),
            CheckConstraint(condition=Q(refunded__lte=F("amount")), name="payment_refunded_lte_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway_name} {format_euros(self.amount)}"

    @property
    def gateway_name(self) -> str:
        """As customers and staff read it; the code of one that is no longer installed."""
        from apps.payments import gateways

        gateway = gateways.get(self.gateway)
        return str(gateway.name) if gateway else self.gateway

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def is_in_doubt(self) -> bool:
        """The bank was asked for the money and has said neither what became of it nor that the shopper must act."""
        return self.status in (self.Status.PENDING, self.Status.AUTHORISED) and self.started_at is not None

    def can_become(self, status: str) -> bool:
        return status in self.TRANSITIONS[self.Status(self.status)]

    @property
    def refundable(self) -> Decimal:
        """What may still be given back: not what the customer's bank has given back already."""
        left = self.amount - self.refunded - self.disputed if self.status == self.Status.CAPTURED else ZERO
        return max(ZERO, left)


class Refund(models.Model):
    """Money on its way back, asked for once per key."""

    class Status(models.TextChoices):
        REQUESTED = "REQUESTED", _("demandé")
        DONE = "DONE", _("effectué")
        FAILED = "FAILED", _("échoué")

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    key = ExactCharField(max_length=64, unique=True, editable=False)
    amount = MoneyField(_("montant"))
    status = models.CharField(_("état"), max_length=10, choices=Status, default=Status.REQUESTED)
    reference = ExactCharField(_("référence du prestataire"), max_length=120, blank=True)
    reason = models.CharField(_("motif"), max_length=200, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("le"), default=timezone.now)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    done_at = models.DateTimeField(_("effectué le"), null=True, blank=True)
    # When the customer's bank sent back what was done: still due, with its credit note, and made by other means.
    sent_back_at = models.DateTimeField(_("renvoyé par la banque le"), null=True, blank=True)
    remade_at = models.DateTimeField(_("refait autrement le"), null=True, blank=True)
    # Somebody made it in the provider's dashboard: it is found there by its reference, not by our key.
    is_from_provider = models.BooleanField(_("fait chez le prestataire"), default=False, db_default=False)

    class Meta:
        verbose_name = _("remboursement")
        verbose_name_plural = _("remboursements")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["status", "asked_at"], name="refund_status_asked"),
            models.Index(fields=["done_at"], name="refund_done"),
        ]
        constraints = [CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive")]

    def __str__(self) -> str:
        return format_euros(self.amount)

    @property
    def is_done(self) -> bool:
        """Whether the customer has the money."""
        return self.status == self.Status.DONE and not self.is_sent_back

    @property
    def is_sent_back(self) -> bool:
        """Whether the bank sent it back and nobody has made it by other means since."""
        return self.sent_back_at is not None and self.remade_at is None
