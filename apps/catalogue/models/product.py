from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.catalogue.models.filter_address import FilterQuerySet, HasFilterCode
from apps.catalogue.models.page_address import HasPage, PageAddress
from apps.catalogue.models.withdrawal import HasWithdrawal
from apps.catalogue.querysets import ProductQuerySet
from apps.common.fields import ExactCharField, ExactSlugField
from apps.common.models import Timestamped
from apps.common.translation import Translated


class Brand(HasFilterCode):
    filter_owner = "brand"

    name = ExactCharField(_("nom"), max_length=120, unique=True)
    slug = ExactSlugField(_("adresse de page"), max_length=140, unique=True)

    objects = FilterQuerySet.as_manager()

    class Meta:
        verbose_name = _("marque")
        verbose_name_plural = _("marques")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class EconomicOperator(models.Model):
    """Manufacturer or EU responsible person, as regulation (EU) 2023/988 (GPSR), art. 19, requires before a sale."""

    name = ExactCharField(_("nom"), max_length=160)
    postal_address = ExactCharField(_("adresse postale"), max_length=255)
    electronic_address = ExactCharField(_("adresse électronique"), max_length=255)

    class Meta:
        verbose_name = _("opérateur économique")
        verbose_name_plural = _("opérateurs économiques")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class VatClass(models.TextChoices):
    """French VAT rates (CGI art. 278, 278-0 bis, 279, 281 quater)."""

    STANDARD = "STANDARD", _("20 %")
    INTERMEDIATE = "INTERMEDIATE", _("10 %")
    REDUCED = "REDUCED", _("5,5 %")
    SUPER_REDUCED = "SUPER_REDUCED", _("2,1 %")

    @property
    def rate(self) -> Decimal:
        return VAT_RATES[self]


VAT_RATES = {
    VatClass.STANDARD: Decimal("20.0"),
    VatClass.INTERMEDIATE: Decimal("10.0"),
    VatClass.REDUCED: Decimal("5.5"),
    VatClass.SUPER_REDUCED: Decimal("2.1"),
}


class Product(HasPage, HasWithdrawal, Timestamped):
    """What a page presents; what is bought is one of its variants."""

    page_kind = PageAddress.Kind.PRODUCT

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("brouillon")
        PUBLISHED = "PUBLISHED", _("publié")
        ARCHIVED = "ARCHIVED", _("archivé")

    code = ExactCharField(
        _("code"), max_length=80, unique=True, help_text=_("Repère le produit d’un import à l’autre.")
    )
    category = models.ForeignKey(
        "catalogue.Category", on_delete=models.PROTECT, related_name="products", verbose_name=_("rayon")
    )
    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, null=True, blank=True, related_name="products", verbose_name=_("marque")
    )
    name_fr = models.CharField(_("nom"), max_length=200)
    name_en = models.CharField(_("nom (anglais)"), max_length=200, blank=True)
    name = Translated()
    slug_fr = ExactSlugField(_("adresse de page"), max_length=220, unique=True)
    slug_en = ExactSlugField(_("adresse de page (anglais)"), max_length=220, unique=True)
    slug = Translated()
    description_fr = models.TextField(_("description"), blank=True, help_text=_("HTML simple ; le reste est retiré."))
    description_en = models.TextField(
        _("description (anglais)"), blank=True, help_text=_("HTML simple ; le reste est retiré.")
    )
    description = Translated()
    vat_class = models.CharField(_("TVA"), max_length=16, choices=VatClass, default=VatClass.STANDARD)
    state = models.CharField(_("publication"), max_length=10, choices=State, default=State.DRAFT)
    published_at = models.DateTimeField(_("publié le"), null=True, blank=True)
    popularity = models.PositiveIntegerField(_("popularité"), default=0, editable=False)
    option1_name_fr = models.CharField(_("option 1"), max_length=60, blank=True)
    option1_name_en = models.CharField(_("option 1 (anglais)"), max_length=60, blank=True)
    option1_name = Translated()
    option2_name_fr = models.CharField(_("option 2"), max_length=60, blank=True)
    option2_name_en = models.CharField(_("option 2 (anglais)"), max_length=60, blank=True)
    option2_name = Translated()
    option3_name_fr = models.CharField(_("option 3"), max_length=60, blank=True)
    option3_name_en = models.CharField(_("option 3 (anglais)"), max_length=60, blank=True)
    option3_name = Translated()
    attribute_values = models.ManyToManyField(
        "catalogue.AttributeValue", blank=True, related_name="products", verbose_name=_("caractéristiques")
    )
    origin_fr = models.CharField(_("origine"), max_length=120, blank=True)
    origin_en = models.CharField(_("origine (anglais)"), max_length=120, blank=True)
    origin = Translated()
    manufacturer = models.ForeignKey(
        EconomicOperator, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("fabricant")
    )
    responsible_person = models.ForeignKey(
        EconomicOperator,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("personne responsable dans l’Union"),
    )
    safety_warnings_fr = models.TextField(_("avertissements de sécurité"), blank=True)
    safety_warnings_en = models.TextField(_("avertissements de sécurité (anglais)"), blank=True)
    safety_warnings = Translated()

    objects = ProductQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["popularity", "updated_at"])

    class Meta:
        verbose_name = _("produit")
        verbose_name_plural = _("produits")
        indexes = [models.Index(fields=["category", "state"], name="product_category_state")]

    def __str__(self) -> str:
        return self.name
