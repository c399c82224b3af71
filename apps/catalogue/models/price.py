from django.conf import settings
from django.db import models
from django.db.models import UniqueConstraint
from django.utils.translation import gettext_lazy as _

from apps.common.models import AppendOnly
from apps.common.money import MoneyField, format_euros


class PriceEntry(AppendOnly):
    """One line of the price ledger: this price was asked from `effective_at` until the variant's next line.

    The ledger proves the lowest price of the 30 days before a reduction (directive 98/6/CE art. 6 bis, art. L112-1-1
    code de la consommation).
    """

    class Kind(models.TextChoices):
        REGULAR = "REGULAR", _("prix courant")
        REDUCTION = "REDUCTION", _("réduction")

    variant = models.ForeignKey(
        "catalogue.Variant", on_delete=models.CASCADE, related_name="price_entries", verbose_name=_("modèle")
    )
    amount = MoneyField(_("prix TTC"))
    kind = models.CharField(_("nature"), max_length=10, choices=Kind, default=Kind.REGULAR)
    effective_at = models.DateTimeField(_("à partir du"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("par"),
    )
    reason = models.CharField(_("motif"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("prix pratiqué")
        verbose_name_plural = _("prix pratiqués")
        ordering = ["variant", "effective_at"]
        constraints = [UniqueConstraint(fields=["variant", "effective_at"], name="price_entry_instant_unique")]

    def __str__(self) -> str:
        return format_euros(self.amount)
