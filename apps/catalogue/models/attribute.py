from django.db import models
from django.db.models import UniqueConstraint
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models.filter_address import FilterQuerySet, HasFilterCode
from apps.common.fields import ExactSlugField
from apps.common.translation import Translated


class Attribute(HasFilterCode):
    """Something products are compared by: origin, colour, alcohol content."""

    filter_owner = "attribute"
    filter_column = "code"

    class Kind(models.TextChoices):
        CHOICE = "CHOICE", _("liste")
        NUMBER = "NUMBER", _("nombre")
        BOOLEAN = "BOOLEAN", _("oui ou non")

    code = ExactSlugField(_("code"), max_length=60, unique=True)
    name_fr = models.CharField(_("nom"), max_length=80)
    name_en = models.CharField(_("nom (anglais)"), max_length=80, blank=True)
    name = Translated()
    kind = models.CharField(_("type"), max_length=10, choices=Kind, default=Kind.CHOICE)
    unit = models.CharField(_("unité"), max_length=12, blank=True)
    is_facet = models.BooleanField(_("filtre des rayons"), default=True)
    position = models.PositiveSmallIntegerField(_("ordre"), default=0)

    objects = FilterQuerySet.as_manager()

    class Meta:
        verbose_name = _("caractéristique")
        verbose_name_plural = _("caractéristiques")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class AttributeValue(HasFilterCode):
    filter_owner = "attribute_value"

    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="values")
    slug = ExactSlugField(_("code"), max_length=80)
    label_fr = models.CharField(_("valeur"), max_length=120)
    label_en = models.CharField(_("valeur (anglais)"), max_length=120, blank=True)
    label = Translated()
    number = models.DecimalField(_("valeur numérique"), max_digits=12, decimal_places=3, null=True, blank=True)

    objects = FilterQuerySet.as_manager()

    class Meta:
        verbose_name = _("valeur")
        verbose_name_plural = _("valeurs")
        ordering = ["attribute", "number", "label_fr"]
        constraints = [UniqueConstraint(fields=["attribute", "slug"], name="attribute_value_slug_unique")]

    def __str__(self) -> str:
        return self.label
