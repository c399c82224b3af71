from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.common.fields import ExactCharField
from apps.common.models import AppendOnly


class Stock(models.Model):
    """Pieces of one variant: `on_hand` in the building, of which `reserved` are promised to orders."""

    variant = models.OneToOneField(
        "catalogue.Variant", on_delete=models.CASCADE, related_name="stock", primary_key=True
    )
    on_hand = models.PositiveIntegerField(_("en stock"), default=0)
    reserved = models.PositiveIntegerField(_("réservé"), default=0)
    low_threshold = models.PositiveIntegerField(_("seuil d’alerte"), default=3)

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stocks")
        constraints = [
            CheckConstraint(condition=Q(on_hand__gte=0), name="stock_on_hand_not_negative"),
            CheckConstraint(condition=Q(reserved__lte=F("on_hand")), name="stock_reserved_lte_on_hand"),
        ]

    def __str__(self) -> str:
        return f"{self.on_hand} − {self.reserved}"

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class StockHold(models.Model):
    """Pieces promised to an order until they are sold or released. Deleting the row makes them available again.

    `reference` is the order's number: the catalogue knows no orders.
    """

    stock = models.ForeignKey(Stock, on_delete=models.PROTECT, related_name="holds")
    reference = ExactCharField(_("commande"), max_length=40)
    quantity = models.PositiveIntegerField(_("quantité"))
    created_at = models.DateTimeField(_("créée le"), default=timezone.now)

    class Meta:
        verbose_name = _("réservation")
        verbose_name_plural = _("réservations")
        indexes = [models.Index(fields=["reference"], name="stock_hold_reference")]
        constraints = [
            UniqueConstraint(fields=["stock", "reference"], name="stock_hold_once_per_order"),
            CheckConstraint(condition=Q(quantity__gt=0), name="stock_hold_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} × {self.quantity}"


class StockMovement(AppendOnly):
    """One line of the stock ledger: the sum of `delta` is `on_hand`."""

    class Reason(models.TextChoices):
        IMPORT = "IMPORT", _("import")
        RECEIPT = "RECEIPT", _("réception")
        CORRECTION = "CORRECTION", _("correction d’inventaire")
        LOSS = "LOSS", _("perte ou casse")
        SALE = "SALE", _("vente")
        CANCELLATION = "CANCELLATION", _("annulation")
        RETURN = "RETURN", _("retour")

    stock = models.ForeignKey(Stock, on_delete=models.CASCADE, related_name="movements")
    delta = models.IntegerField(_("mouvement"))
    on_hand_after = models.PositiveIntegerField(_("stock après"))
    reason = models.CharField(_("motif"), max_length=12, choices=Reason)
    note = models.CharField(_("note"), max_length=200, blank=True)
    reference = ExactCharField(_("commande"), max_length=40, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("par"),
    )
    created_at = models.DateTimeField(_("le"), default=timezone.now)

    class Meta:
        verbose_name = _("mouvement de stock")
        verbose_name_plural = _("mouvements de stock")
        ordering = ["-pk"]
        constraints = [CheckConstraint(condition=~Q(delta=0), name="stock_movement_not_empty")]

    def __str__(self) -> str:
        return f"{self.delta:+d} ({self.get_reason_display()})"
