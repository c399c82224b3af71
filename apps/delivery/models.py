from decimal import Decimal

from django.db import models
from django.db.models import UniqueConstraint
from django.utils.translation import gettext_lazy as _

from apps.common.fields import ExactSlugField
from apps.common.money import MoneyField, format_euros
from apps.common.translation import Translated, current_language
from apps.delivery.kinds import Destination, Kind, destination_of


class DeliveryMethod(models.Model):
    """A delivery method, priced by weight bracket, free from an amount of goods."""

    Kind = Kind

    code = ExactSlugField(_("code"), max_length=40, unique=True)
    name_fr = models.CharField(_("nom"), max_length=80)
    name_en = models.CharField(_("nom (anglais)"), max_length=80, blank=True)
    name = Translated()
    description_fr = models.CharField(_("présentation"), max_length=200, blank=True)
    description_en = models.CharField(_("présentation (anglais)"), max_length=200, blank=True)
    description = Translated()
    kind = models.CharField(_("type"), max_length=14, choices=Kind)
    free_from = MoneyField(_("offerte à partir de"), null=True, blank=True)
    min_days = models.PositiveSmallIntegerField(_("jours ouvrés, au plus tôt"), default=2)
    max_days = models.PositiveSmallIntegerField(_("jours ouvrés, au plus tard"), default=4)
    is_active = models.BooleanField(_("proposé"), default=True)
    position = models.PositiveSmallIntegerField(_("ordre"), default=0)

    # (grams, gross price), lightest first: the brackets as the services load them.
    tariff: tuple[tuple[int, Decimal], ...] = ()

    class Meta:
        verbose_name = _("mode de livraison")
        verbose_name_plural = _("modes de livraison")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def destination(self) -> Destination:
        return destination_of(self.kind)


class WeightBracket(models.Model):
    """The gross price of a delivery for parcels of at most `up_to_g` grams."""

    method = models.ForeignKey(DeliveryMethod, on_delete=models.CASCADE, related_name="brackets")
    up_to_g = models.PositiveIntegerField(_("jusqu’à (g)"))
    price = MoneyField(_("prix TTC"))

    class Meta:
        verbose_name = _("tranche de poids")
        verbose_name_plural = _("tranches de poids")
        ordering = ["method", "up_to_g"]
        constraints = [UniqueConstraint(fields=["method", "up_to_g"], name="weight_bracket_unique")]

    def __str__(self) -> str:
        return f"≤ {self.up_to_g} g : {format_euros(self.price)}"


class PickupPoint(models.Model):
    method = models.ForeignKey(DeliveryMethod, on_delete=models.CASCADE, related_name="pickup_points")
    code = ExactSlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("nom"), max_length=120)
    line1 = models.CharField(_("adresse"), max_length=120)
    postcode = models.CharField(_("code postal"), max_length=10)
    city = models.CharField(_("ville"), max_length=80)
    opening_hours = models.CharField(_("horaires"), max_length=200, blank=True)
    opening_hours_en = models.CharField(_("horaires (anglais)"), max_length=200, blank=True, default="", db_default="")
    is_active = models.BooleanField(_("proposé"), default=True)

    class Meta:
        verbose_name = _("point relais")
        verbose_name_plural = _("points relais")
        ordering = ["postcode", "name"]

    def __str__(self) -> str:
        return f"{self.name}, {self.postcode} {self.city}"

    @property
    def hours(self) -> str:
        """In the reader's language; French where nobody has translated them."""
        return (self.opening_hours_en if current_language() == "en" else "") or self.opening_hours
