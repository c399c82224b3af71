from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.common.fields import ExactCharField


class StockSheet(models.Model):
    """Pieces that came in, or that were counted, written down first and booked at once: the ledger sees neither a
    half-typed list nor a list twice.
    """

    class Kind(models.TextChoices):
        RECEIPT = "RECEIPT", _("réception")
        COUNT = "COUNT", _("inventaire")

    class Status(models.TextChoices):
        OPEN = "OPEN", _("en cours")
        BOOKED = "BOOKED", _("enregistrée dans le stock")
        DISCARDED = "DISCARDED", _("abandonnée")

    kind = models.CharField(_("type"), max_length=8, choices=Kind)
    status = models.CharField(_("état"), max_length=10, choices=Status, default=Status.OPEN)
    note = models.CharField(
        _("note"), max_length=120, blank=True, help_text=_("Le fournisseur, le numéro du bon de livraison…")
    )
    category = models.ForeignKey(
        "catalogue.Category",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("rayon"),
        help_text=_("D’un inventaire : la feuille à imprimer en a tous les modèles. Vide : toute la boutique."),
    )
    # The form that was entered last: sent twice, it counts once.
    last_entry = ExactCharField(max_length=32, blank=True, default="", editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("ouverte par")
    )
    created_at = models.DateTimeField(_("ouverte le"), default=timezone.now)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("close par")
    )
    closed_at = models.DateTimeField(_("close le"), null=True)

    class Meta:
        verbose_name = _("réception ou inventaire")
        verbose_name_plural = _("réceptions et inventaires")
        ordering = ["-pk"]
        constraints = [
            CheckConstraint(
                condition=Q(status="OPEN", closed_at=None) | (~Q(status="OPEN") & Q(closed_at__isnull=False)),
                name="stock_sheet_closed_when_not_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN


class StockSheetLine(models.Model):
    """`seen_on_hand` is the stock when the pieces were counted: what is sold until the sheet is booked stays sold."""

    sheet = models.ForeignKey(StockSheet, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey("catalogue.Variant", on_delete=models.CASCADE, related_name="+")
    pieces = models.PositiveIntegerField(_("pièces"))
    seen_on_hand = models.PositiveIntegerField(_("stock vu"), default=0)

    class Meta:
        verbose_name = _("ligne de réception ou d’inventaire")
        verbose_name_plural = _("lignes de réception ou d’inventaire")
        ordering = ["pk"]
        constraints = [UniqueConstraint(fields=["sheet", "variant"], name="stock_sheet_line_once")]

    def __str__(self) -> str:
        return f"{self.variant_id} × {self.pieces}"
