from datetime import timedelta
from decimal import Decimal

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from apps.aftersales.querysets import WithdrawalQuerySet
from apps.common.fields import CanonicalEmailField
from apps.common.money import MoneyField
from apps.orders.models import Order, OrderLine

# Art. L221-24 code de la consommation: from the day on which the shop was informed.
REFUND_WITHIN = timedelta(days=14)


class Withdrawal(models.Model):
    """A customer's declaration that they withdraw from a contract, whole or in part, and the refund that follows.

    What was declared never changes; `status` is where the duty to refund stands. It is due at `refund_due_at`; until
    the goods or a proof of their dispatch have come it may be held back (art. L221-24).
    """

    class Status(models.TextChoices):
        AWAITING_GOODS = "AWAITING_GOODS", _("retour attendu")
        NOTHING_SENT = "NOTHING_SENT", _("à rembourser, rien à renvoyer")
        PROOF_RECEIVED = "PROOF_RECEIVED", _("à rembourser, preuve d’envoi reçue")
        GOODS_RECEIVED = "GOODS_RECEIVED", _("à rembourser, produits reçus")
        REFUNDED = "REFUNDED", _("remboursée")
        NOTHING_DUE = "NOTHING_DUE", _("rien à rembourser")

    # All allowed transitions.
    TRANSITIONS = {
        Status.AWAITING_GOODS: {
            Status.PROOF_RECEIVED,
            Status.GOODS_RECEIVED,
            Status.REFUNDED,
            Status.NOTHING_DUE,
        },
        # The parcel left all the same: its return is noted.
        Status.NOTHING_SENT: {Status.GOODS_RECEIVED, Status.REFUNDED, Status.NOTHING_DUE},
        Status.PROOF_RECEIVED: {Status.GOODS_RECEIVED, Status.REFUNDED},
        Status.GOODS_RECEIVED: {Status.REFUNDED, Status.NOTHING_DUE},
        Status.REFUNDED: set(),
        Status.NOTHING_DUE: set(),
    }
    SETTLED = (Status.REFUNDED, Status.NOTHING_DUE)

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="withdrawals", verbose_name=_("commande"))
    # Of the form that was sent: a repeat finds the first declaration.
    key = models.UUIDField(editable=False)
    status = models.CharField(_("état"), max_length=16, choices=Status)
    name = models.CharField(_("nom"), max_length=120, blank=True)
    email = CanonicalEmailField(_("adresse e-mail"), blank=True)
    language = models.CharField(_("langue"), max_length=5)
    items_total = MoneyField(_("prix des produits"))
    delivery_total = MoneyField(_("livraison à rembourser"))
    declared_at = models.DateTimeField(_("déclarée le"))
    refund_due_at = models.DateTimeField(_("à rembourser avant le"))
    proof_received_at = models.DateTimeField(_("preuve d’envoi reçue le"), null=True, blank=True)
    goods_received_at = models.DateTimeField(_("produits reçus le"), null=True, blank=True)
    settled_at = models.DateTimeField(_("close le"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("rappelée le"), null=True, blank=True)
    anonymised_at = models.DateTimeField(_("anonymisée le"), null=True, blank=True, editable=False)

    objects = WithdrawalQuerySet.as_manager()

    class Meta:
        verbose_name = _("rétractation")
        verbose_name_plural = _("rétractations")
        ordering = ["-declared_at", "-pk"]
        indexes = [
            models.Index(fields=["status", "refund_due_at"], name="withdrawal_due"),
            models.Index(fields=["declared_at"], name="withdrawal_declared"),
        ]
        constraints = [
            UniqueConstraint(fields=["order", "key"], name="withdrawal_once"),
            CheckConstraint(
                condition=Q(status__in=["REFUNDED", "NOTHING_DUE"], settled_at__isnull=False)
                | (~Q(status__in=["REFUNDED", "NOTHING_DUE"]) & Q(settled_at__isnull=True)),
                name="withdrawal_settled_at_its_end",
            ),
            CheckConstraint(
                condition=~Q(status="GOODS_RECEIVED") | Q(goods_received_at__isnull=False),
                name="withdrawal_goods_have_their_date",
            ),
            CheckConstraint(
                condition=~Q(status="PROOF_RECEIVED") | Q(proof_received_at__isnull=False),
                name="withdrawal_proof_has_its_date",
            ),
        ]

    def __str__(self) -> str:
        return _("Rétractation du %(day)s") % {"day": date_format(localtime(self.declared_at), "j F Y")}

    @property
    def refund_total(self) -> Decimal:
        """What the law gives back: the price of the goods, and the standard delivery once the whole order is
        withdrawn."""
        return self.items_total + self.delivery_total

    @property
    def is_settled(self) -> bool:
        return self.status in self.SETTLED

    @property
    def is_held_back(self) -> bool:
        return self.status == self.Status.AWAITING_GOODS

    def can_become(self, status: str) -> bool:
        return status in self.TRANSITIONS[self.Status(self.status)]


class WithdrawalLine(models.Model):
    """How many pieces of an order's line a declaration is about."""

    withdrawal = models.ForeignKey(Withdrawal, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, related_name="withdrawn", verbose_name=_("ligne")
    )
    quantity = models.PositiveIntegerField(_("quantité"))

    class Meta:
        verbose_name = _("ligne de rétractation")
        verbose_name_plural = _("lignes de rétractation")
        ordering = ["pk"]
        constraints = [
            UniqueConstraint(fields=["withdrawal", "order_line"], name="withdrawal_line_once"),
            CheckConstraint(condition=Q(quantity__gt=0), name="withdrawal_line_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.order_line} ← {self.quantity}"
