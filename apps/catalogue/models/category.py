from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node

from apps.common.translation import Translated


class Category(MP_Node):
    """A rayon. The tree is treebeard's materialised path; `node_order_by` is empty: staff order siblings by hand."""

    name_fr = models.CharField(_("nom"), max_length=120)
    name_en = models.CharField(_("nom (anglais)"), max_length=120, blank=True)
    name = Translated()
    slug_fr = models.SlugField(_("adresse de page"), max_length=140, unique=True)
    slug_en = models.SlugField(_("adresse de page (anglais)"), max_length=140, unique=True)
    slug = Translated()
    description_fr = models.TextField(_("présentation"), blank=True)
    description_en = models.TextField(_("présentation (anglais)"), blank=True)
    description = Translated()
    tint = models.CharField(
        _("teinte"), max_length=20, blank=True, help_text=_("Nom d’une teinte de la charte : sauge, miel, brique…")
    )
    is_visible = models.BooleanField(_("visible"), default=True)

    class Meta:
        verbose_name = _("rayon")
        verbose_name_plural = _("rayons")

    def __str__(self) -> str:
        return self.name


def is_hidden(path: str) -> Exists:
    """Whether the rayon at the path that this name of a field leads to, or one above it, is hidden; for annotations.

    Reads the hidden rayons, of which a shop has few.
    """
    place = ExpressionWrapper(OuterRef(path), output_field=models.CharField())
    return Exists(Category.objects.filter(is_visible=False).alias(place=place).filter(place__startswith=F("path")))
