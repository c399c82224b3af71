from django.db import models
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from apps.catalogue.models.page_address import HasPage, PageAddress, PageQuerySet
from apps.common.fields import ExactSlugField
from apps.common.translation import Translated


class CategoryQuerySet(PageQuerySet, MP_NodeQuerySet):
    pass


class CategoryManager(MP_NodeManager):
    def get_queryset(self) -> CategoryQuerySet:
        return CategoryQuerySet(self.model, using=self._db).order_by("path")


class Category(HasPage, MP_Node):
    """A rayon. The tree is treebeard's materialised path; `node_order_by` is empty: staff order siblings by hand."""

    page_kind = PageAddress.Kind.CATEGORY

    name_fr = models.CharField(_("nom"), max_length=120)
    name_en = models.CharField(_("nom (anglais)"), max_length=120, blank=True)
    name = Translated()
    slug_fr = ExactSlugField(_("adresse de page"), max_length=140, unique=True)
    slug_en = ExactSlugField(_("adresse de page (anglais)"), max_length=140, unique=True)
    slug = Translated()
    description_fr = models.TextField(_("présentation"), blank=True)
    description_en = models.TextField(_("présentation (anglais)"), blank=True)
    description = Translated()
    tint = models.CharField(
        _("teinte"), max_length=20, blank=True, help_text=_("Nom d’une teinte de la charte : sauge, miel, brique…")
    )
    is_visible = models.BooleanField(_("visible"), default=True)

    objects = CategoryManager()

    class Meta:
        verbose_name = _("rayon")
        verbose_name_plural = _("rayons")

    def __str__(self) -> str:
        return self.name


# Whether the rayon that a query joins is hidden, by itself or with one above it; for annotations. It reads the hidden
# rayons, of which a shop has few. In SQL, because Django would compile the expression anew for every query.
IS_HIDDEN = RawSQL(
    "EXISTS (SELECT 1 FROM catalogue_category hidden WHERE hidden.is_visible = FALSE"
    " AND SUBSTR(catalogue_category.path, 1, LENGTH(hidden.path)) = hidden.path)",
    [],
    output_field=models.BooleanField(),
)
