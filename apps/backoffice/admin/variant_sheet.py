"""The chosen products' variants as a sheet that one edits and brings back through « Imports du catalogue »."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.widgets import NumberWidget

from apps.catalogue.models import Category, Variant
from apps.common.spreadsheets import SafeResource


class _Numbers(NumberWidget):
    """Numbers stay numbers in a workbook."""

    def __init__(self) -> None:
        super().__init__(coerce_to_string=False)


class VariantSheet(SafeResource):
    """A line for each variant, by the names that the import recognises. The price is the regular one: a reduction is
    planned elsewhere, and a new regular price ends it."""

    sku = Field("sku", "référence")
    code = Field("product__code", "code du produit")
    ean13 = Field("ean13", "code-barres")
    name = Field("product__name_fr", "nom")
    label = Field("label", "modèle")
    brand = Field("product__brand__name", "marque")
    rayon = Field(None, "rayon")
    price = Field("regular_price", "prix TTC", widget=_Numbers())
    vat = Field("product__get_vat_class_display", "TVA")
    on_hand = Field("stock__on_hand", "stock", widget=_Numbers())
    low_threshold = Field("stock__low_threshold", "seuil de stock", widget=_Numbers())
    state = Field("product__get_state_display", "publication")

    class Meta:
        model = Variant
        name = _("Modèles, à modifier dans un tableur et à importer")
        fields = (
            *("sku", "code", "ean13", "name", "label", "brand", "rayon", "price", "vat", "on_hand", "low_threshold"),
            "state",
        )
        export_order = fields

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._names: dict[str, str] = {}

    def export(self, *args: Any, queryset: QuerySet | None = None, **kwargs: Any) -> Any:
        """Of the products of a list: two queries, and one for each thousand variants."""
        self._names = dict(Category.objects.values_list("path", "name_fr"))
        products = queryset.order_by().values("pk") if queryset is not None else None
        variants = Variant.objects.filter(product__in=products) if products is not None else Variant.objects.all()
        ordered = variants.order_by("product__code", "position", "pk")
        related = ordered.select_related("product__brand", "product__category", "stock")
        return super().export(*args, queryset=related, **kwargs)

    def dehydrate_rayon(self, variant: Variant) -> str:
        """« Épicerie > Miels »; empty where a name holds the sign itself, and the import then leaves the rayon."""
        path, step = variant.product.category.path, Category.steplen
        names = [self._names[path[:end]] for end in range(step, len(path) + 1, step)]
        return "" if any(">" in name for name in names) else " > ".join(names)
