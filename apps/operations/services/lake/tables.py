"""The catalogue as tables for analysts: public data and counts, no personal data.

Columns are named one by one, so that a new one of a model does not follow by itself. Makers' addresses, who changed a
price and notes about stock stay in the shop.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Max, Min

from apps.catalogue.models import AttributeValue, Category, PriceEntry, Product, ProductImage, Stock, Variant
from apps.operations.services.lake.manifest import Entry
from apps.operations.services.lake.parquet import FLAG, INTEGER, MEASURE, MOMENT, MONEY, Column, Rows

# Products by id: a new one changes one part, and shifts no other.
PRODUCTS_PER_PART = 5000


@dataclass(frozen=True)
class Span:
    """Products with `first <= id < last`."""

    first: int
    last: int

    def of(self, field: str) -> dict[str, int]:
        return {f"{field}__gte": self.first, f"{field}__lt": self.last}


def spans() -> Iterator[Span]:
    ends = Product.objects.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["last"] is None:
        return
    for number in range(ends["first"] // PRODUCTS_PER_PART, ends["last"] // PRODUCTS_PER_PART + 1):
        yield Span(number * PRODUCTS_PER_PART, (number + 1) * PRODUCTS_PER_PART)


CATEGORIES = [
    *(Column(name) for name in ("path", "slug", "parent", "name_fr", "name_en")),
    Column("depth", INTEGER),
    Column("is_visible", FLAG),
]


def category_rows() -> Iterator[tuple[Any, ...]]:
    """The whole tree, parents before their children. `path` is of slugs: « epicerie/miels »."""
    slugs: dict[str, str] = {}
    nodes = Category.objects.order_by("path")
    for node, slug, *rest in nodes.values_list("path", "slug_fr", "name_fr", "name_en", "depth", "is_visible"):
        above = slugs.get(node[: -Category.steplen], "")
        slugs[node] = f"{above}/{slug}" if above else slug
        yield slugs[node], slug, above, *rest


PRODUCTS = [
    *(Column(name) for name in ("code", "rayon", "brand", "name_fr", "name_en", "slug_fr", "slug_en")),
    *(Column(name) for name in ("description_fr", "description_en", "vat_class", "state", "origin_fr", "origin_en")),
    *(Column(name) for name in ("option1_name", "option2_name", "option3_name", "attributes")),
    Column("published_at", MOMENT),
]


def product_rows(span: Span) -> Iterator[tuple[Any, ...]]:
    """`rayon` is its slug; `attributes` is JSON: each attribute's code and the codes of the product's values."""
    values: dict[int, dict[str, list[str]]] = {}
    links = AttributeValue.products.through.objects.filter(**span.of("product_id"))
    for product, code, slug in links.order_by("product_id", "attributevalue_id").values_list(
        "product_id", "attributevalue__attribute__code", "attributevalue__slug"
    ):
        values.setdefault(product, {}).setdefault(code, []).append(slug)
    named = ["brand__name", "name_fr", "name_en", "slug_fr", "slug_en", "description_fr", "description_en", "vat_class"]
    named += ["state", "origin_fr", "origin_en", "option1_name_fr", "option2_name_fr", "option3_name_fr"]
    products = Product.objects.filter(**span.of("pk")).order_by("pk")
    for pk, published_at, *rest in products.values_list("pk", "published_at", "code", "category__slug_fr", *named):
        yield *rest, json.dumps(values.get(pk, {}), sort_keys=True, ensure_ascii=False), published_at


VARIANTS = [
    *(Column(name) for name in ("sku", "product_code", "ean13", "option1", "option2", "option3", "content_unit")),
    *(Column(name, MONEY) for name in ("price", "regular_price", "reference_price")),
    Column("content_quantity", MEASURE),
    Column("weight_g", INTEGER),
    Column("is_active", FLAG),
]


def variant_rows(span: Span) -> Iterator[tuple[Any, ...]]:
    """Prices are euros with their VAT; `reference_price` is only there during a reduction."""
    names = ["sku", "product__code", "ean13", "option1_fr", "option2_fr", "option3_fr", "content_unit", "price"]
    names += ["regular_price", "reference_price", "content_quantity", "weight_g", "is_active"]
    yield from Variant.objects.filter(**span.of("product_id")).order_by("pk").values_list(*names)


PRICES = [Column("sku"), Column("kind"), Column("amount", MONEY), Column("effective_at", MOMENT)]


def price_rows(span: Span) -> Iterator[tuple[Any, ...]]:
    """The ledger: each price that was asked, from when on."""
    entries = PriceEntry.objects.filter(**span.of("variant__product_id")).order_by("variant_id", "effective_at")
    yield from entries.values_list("variant__sku", "kind", "amount", "effective_at")


STOCK = [Column("sku"), Column("on_hand", INTEGER), Column("reserved", INTEGER), Column("available", INTEGER)]


def stock_rows(span: Span) -> Iterator[tuple[Any, ...]]:
    levels = Stock.objects.filter(**span.of("variant__product_id")).order_by("pk")
    yield from levels.values_list("variant__sku", "on_hand", "reserved", F("on_hand") - F("reserved"))


IMAGES = [
    *(Column(name) for name in ("product_code", "sku", "file", "asset", "sha256", "alt_fr", "alt_en")),
    *(Column(name, INTEGER) for name in ("size", "position", "width", "height")),
]


def image_rows(span: Span, assets: Mapping[str, Entry]) -> Iterator[tuple[Any, ...]]:
    """`asset` is the key of the picture's file in the lake; a picture whose file is not there is left out."""
    images = ProductImage.objects.filter(**span.of("product_id")).exclude(file="").order_by("product_id", "pk")
    for product, sku, file, alt_fr, alt_en, *place in images.values_list(
        "product__code", "variant__sku", "file", "alt_fr", "alt_en", "position", "width", "height"
    ):
        if asset := assets.get(file):
            yield product, sku, file, asset.key, asset.sha256, alt_fr, alt_en, asset.size, *place


# Referencing tables before referenced ones: a row deleted in between is missing from the first, not from the second.
BY_PRODUCT: dict[str, tuple[list[Column], Callable[[Span, Mapping[str, Entry]], Iterator[tuple[Any, ...]]]]] = {
    "stock": (STOCK, lambda span, _assets: stock_rows(span)),
    "prices": (PRICES, lambda span, _assets: price_rows(span)),
    "images": (IMAGES, image_rows),
    "variants": (VARIANTS, lambda span, _assets: variant_rows(span)),
    "products": (PRODUCTS, lambda span, _assets: product_rows(span)),
}
TABLES = {name: columns for name, (columns, _rows) in BY_PRODUCT.items()} | {"categories": CATEGORIES}


def tables(assets: Mapping[str, Entry]) -> Iterator[tuple[str, Rows]]:
    """« products/000012 » and its rows, which are closed once the next are asked for."""
    for span in spans():
        for name, (columns, make) in BY_PRODUCT.items():
            with Rows(columns, make(span, assets)) as rows:
                if rows.count:
                    yield f"{name}/{span.first // PRODUCTS_PER_PART:06d}", rows
    with Rows(CATEGORIES, category_rows()) as rows:
        yield "categories/000000", rows
