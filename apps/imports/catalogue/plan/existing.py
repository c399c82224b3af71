"""What the shop has of that which a batch of records speaks of, read at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from apps.catalogue.models import Product, ProductImage, Variant
from apps.catalogue.models.filter_address import former_codes
from apps.imports.catalogue.records import ProductRecord
from apps.imports.models import ImportedProduct

_Row = TypeVar("_Row")


class _InAnyCase(Generic[_Row]):
    """Codes are compared exactly, on both databases. A file with codes in capitals, as a spreadsheet may write them,
    still matches its rows."""

    def __init__(self, rows: Iterable[tuple[str, _Row]]) -> None:
        self._exact = dict(rows)
        self._lower = {code.lower(): row for code, row in self._exact.items()}

    def get(self, code: str) -> _Row | None:
        return self._exact.get(code) or self._lower.get(code.lower())

    @staticmethod
    def spellings(codes: Iterable[str]) -> set[str]:
        """The spellings to look up, by index."""
        return {spelled for code in codes for spelled in (code, code.upper(), code.lower())}


@dataclass(slots=True)
class Existing:
    """Products by code and variants by SKU: an exact match, else one that differs by case alone."""

    products: "_InAnyCase[Product]"
    variants: "_InAnyCase[Variant]"
    by_ean: dict[str, Variant]
    by_product: dict[int, list[Variant]]
    images: dict[int, list[ProductImage]]
    values: dict[int, dict[tuple[str, str], int]]
    # Archived by the undoing of the import that created them.
    undone: set[int]


def read_existing(records: Sequence[ProductRecord]) -> Existing:
    codes = [code for record in records for code in (record.code, record.former_code) if code]
    skus = [
        sku for record in records for variant in record.variants for sku in (variant.sku, variant.former_sku) if sku
    ]
    eans = [ean for record in records for variant in record.variants if (ean := variant.fields.get("ean13"))]
    products = list(
        Product.objects.filter(code__in=_InAnyCase.spellings(codes)).select_related(
            "brand", "manufacturer", "responsible_person"
        )
    )
    ids = [product.pk for product in products]
    with_stock = Variant.objects.select_related("stock").order_by("position", "pk")
    variants = {variant.pk: variant for variant in with_stock.filter(product__in=ids)}
    for variant in [*with_stock.filter(sku__in=_InAnyCase.spellings(skus)), *with_stock.filter(ean13__in=eans)]:
        variants.setdefault(variant.pk, variant)
    by_product: dict[int, list[Variant]] = {}
    for variant in variants.values():
        by_product.setdefault(variant.product_id, []).append(variant)
    images: dict[int, list[ProductImage]] = {}
    for image in ProductImage.objects.filter(product__in=ids).order_by("position", "pk"):
        images.setdefault(image.product_id, []).append(image)
    values: dict[int, dict[tuple[str, str], int]] = {}
    if any(record.attributes for record in records) and (former := former_codes()):
        for record in records:
            record.attributes = [(*former.present_value(of, slug), label) for of, slug, label in record.attributes]
    if any(record.attributes or record.is_complete for record in records):
        through = Product.attribute_values.through.objects.filter(product__in=ids)
        for product_id, attribute, slug, value in through.values_list(
            "product_id", "attributevalue__attribute__code", "attributevalue__slug", "attributevalue_id"
        ):
            values.setdefault(product_id, {})[attribute, slug] = value
    return Existing(
        products=_InAnyCase((product.code, product) for product in products),
        variants=_InAnyCase((variant.sku, variant) for variant in variants.values()),
        by_ean={variant.ean13: variant for variant in variants.values() if variant.ean13},
        by_product=by_product,
        images=images,
        values=values,
        undone=_undone(products),
    )


def _undone(products: Sequence[Product]) -> set[int]:
    archived = [product.pk for product in products if product.state == Product.State.ARCHIVED]
    if not archived:
        return set()
    rows = ImportedProduct.objects.filter(
        product_id__in=archived, outcome=ImportedProduct.Outcome.NEW, undone_at__isnull=False
    )
    return {pk for pk in rows.values_list("product_id", flat=True) if pk is not None}
