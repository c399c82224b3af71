from decimal import Decimal

from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.catalogue.ean import validate_ean13
from apps.common.fields import ExactCharField
from apps.common.models import Timestamped
from apps.common.money import MoneyField, round_cents
from apps.common.translation import Translated


class Variant(Timestamped):
    """What is bought: one SKU with its price. A product without options has exactly one."""

    class ContentUnit(models.TextChoices):
        GRAM = "GRAM", _("g")
        MILLILITRE = "MILLILITRE", _("ml")
        PIECE = "PIECE", _("pièce")
        METRE = "METRE", _("m")

    product = models.ForeignKey(
        "catalogue.Product", on_delete=models.CASCADE, related_name="variants", verbose_name=_("produit")
    )
    sku = ExactCharField(_("référence"), max_length=80, unique=True)
    ean13 = ExactCharField(
        _("code-barres EAN-13"), max_length=13, unique=True, null=True, blank=True, validators=[validate_ean13]
    )
    position = models.PositiveSmallIntegerField(_("ordre"), default=0)
    option1_fr = models.CharField(_("valeur de l’option 1"), max_length=80, blank=True)
    option1_en = models.CharField(_("valeur de l’option 1 (anglais)"), max_length=80, blank=True)
    option1 = Translated()
    option2_fr = models.CharField(_("valeur de l’option 2"), max_length=80, blank=True)
    option2_en = models.CharField(_("valeur de l’option 2 (anglais)"), max_length=80, blank=True)
    option2 = Translated()
    option3_fr = models.CharField(_("valeur de l’option 3"), max_length=80, blank=True)
    option3_en = models.CharField(_("valeur de l’option 3 (anglais)"), max_length=80, blank=True)
    option3 = Translated()
    # The three amounts below follow from the price ledger; only services.prices writes them.
    price = MoneyField(_("prix TTC"))
    regular_price = MoneyField(_("prix hors réduction"))
    reference_price = MoneyField(_("prix le plus bas des 30 jours avant la réduction"), null=True, blank=True)
    content_quantity = models.DecimalField(
        _("contenu net"),
        max_digits=10,
        decimal_places=3,
        null=True,
        blank=True,
        help_text=_("En grammes, millilitres…"),
    )
    content_unit = models.CharField(_("unité du contenu"), max_length=10, choices=ContentUnit, blank=True)
    weight_g = models.PositiveIntegerField(_("poids d’expédition (g)"), default=0)
    is_active = models.BooleanField(_("en vente"), default=True)

    history = HistoricalRecords(excluded_fields=["updated_at"])

    class Meta:
        verbose_name = _("modèle")
        verbose_name_plural = _("modèles")
        ordering = ["position", "pk"]
        constraints = [
            CheckConstraint(condition=Q(price__gte=0), name="variant_price_not_negative"),
            CheckConstraint(condition=Q(price__lte=F("regular_price")), name="variant_price_lte_regular"),
            CheckConstraint(
                condition=Q(reference_price__isnull=True) | Q(price__lt=F("reference_price")),
                name="variant_reduction_below_reference",
            ),
            CheckConstraint(
                condition=Q(content_quantity__isnull=True) | Q(content_quantity__gt=0), name="variant_content_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    @property
    def label(self) -> str:
        """« Rouge, Grand » ; empty for a product without options."""
        return ", ".join(value for value in (self.option1, self.option2, self.option3) if value)

    @property
    def is_reduced(self) -> bool:
        """A reduction is announced only against the lowest price of the 30 days before it (art. L112-1-1)."""
        return self.reference_price is not None

    @property
    def unit_price(self) -> Decimal | None:
        """Euros per kilogram, litre, piece or metre (arrêté du 16 novembre 1999); None when the content is unknown."""
        if not self.content_quantity:
            return None
        per = 1000 if self.content_unit in (self.ContentUnit.GRAM, self.ContentUnit.MILLILITRE) else 1
        return round_cents(self.price * per / self.content_quantity)
