"""Exports the whole catalogue as one file in our own format. Deterministic: the same catalogue gives the same bytes."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TextIO

from django.db.models import F, Prefetch, QuerySet

from apps.catalogue.models import (
    Attribute,
    AttributeValue,
    Brand,
    Category,
    EconomicOperator,
    PriceEntry,
    Product,
    ProductImage,
    Variant,
)
from apps.catalogue.models.product import VAT_RATES, VatClass
from apps.common.spreadsheets import guard
from apps.imports.catalogue import layout

_CHUNK = 300
_PLAIN = frozenset({"type", "ledger", "images", "manufacturer", "responsible_person"})


def write_catalogue(stream: TextIO) -> int:
    """Write rayons, brands, attributes, products and variants; returns the number of products.

    Open `stream` with newline="" and utf-8-sig, by which Excel knows the accents. Memory is that of a few hundred
    products. The price ledger goes with each variant, because it proves the reference price of a running reduction.
    """
    write_definitions(stream)
    return write_products(stream, Product.objects.all(), with_header=False)


def write_definitions(stream: TextIO) -> int:
    """Write rayons, brands, attributes and their values alone; returns how many."""
    writer = csv.writer(stream, delimiter=";")
    writer.writerow(layout.HEADER)
    number = 0
    for number, definition in enumerate(_definitions(), start=1):  # noqa: B007
        writer.writerow(_row(definition))
    return number


def write_products(
    stream: TextIO, products: QuerySet[Product], *, with_header: bool = True, with_reasons: bool = True
) -> int:
    """Write these products and their variants; returns the number of products.

    Without reasons, the ledger says prices and dates, and not what somebody noted beside them.
    """
    writer = csv.writer(stream, delimiter=";")
    if with_header:
        writer.writerow(layout.HEADER)
    number = 0
    for product in _complete(products):
        number += 1
        writer.writerow(_row(_product(product)))
        for variant in product.variants.all():
            writer.writerow(_row(_variant(variant, product.code, with_reasons=with_reasons)))
    return number


def _row(values: dict[str, Any]) -> list[str]:
    return [
        text if column in _PLAIN else guard(text) for column in layout.COLUMNS for text in [_text(values.get(column))]
    ]


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "oui" if value else "non"
        case Decimal():
            return f"{value:f}".replace(".", ",")
        case datetime():
            return value.astimezone(UTC).isoformat()
        case _:
            return str(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _definitions() -> Iterator[dict[str, Any]]:
    above: dict[str, str] = {}
    for category in Category.objects.order_by("path"):
        above[category.path] = category.slug_fr
        yield {
            "type": "rayon",
            "code": category.slug_fr,
            "parent": above.get(category.path[: -Category.steplen], ""),
            **_columns(category, [*layout.COMMON, *layout.CATEGORY], without=("slug_fr",)),
        }
    for brand in Brand.objects.order_by("slug"):
        yield {"type": "marque", "code": brand.slug, "name_fr": brand.name}
    for attribute in Attribute.objects.order_by("code"):
        yield {
            "type": "caracteristique",
            "code": attribute.code,
            **_columns(attribute, ["name_fr", "name_en", *layout.ATTRIBUTE]),
        }
    for value in AttributeValue.objects.select_related("attribute").order_by("attribute__code", "slug"):
        yield {
            "type": "valeur",
            "code": value.slug,
            "parent": value.attribute.code,
            "name_fr": value.label_fr,
            "name_en": value.label_en,
            "number": value.number,
        }


def _complete(products: QuerySet[Product]) -> Iterator[Product]:
    return (
        products.order_by("code")
        .select_related("category", "brand", "manufacturer", "responsible_person")
        .prefetch_related(
            Prefetch("attribute_values", AttributeValue.objects.select_related("attribute")),
            Prefetch("images", ProductImage.objects.order_by("position", "pk")),
            Prefetch(
                "variants",
                Variant.objects.order_by("position", "sku").annotate(
                    counted=F("stock__on_hand"), threshold=F("stock__low_threshold")
                ),
            ),
            Prefetch("variants__price_entries", PriceEntry.objects.order_by("effective_at")),
        )
        .iterator(chunk_size=_CHUNK)
    )


def _columns(instance: Any, columns: list[str], *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    return {column: getattr(instance, column) for column in columns if column not in without}


def _product(product: Product) -> dict[str, Any]:
    skus = {variant.pk: variant.sku for variant in product.variants.all()}
    return {
        "type": "produit",
        "code": product.code,
        "parent": product.category.slug_fr,
        **_columns(product, [*layout.COMMON, *layout.OPTION_NAMES, "state", "published_at", "origin_fr", "origin_en"]),
        "safety_warnings_fr": product.safety_warnings_fr,
        "safety_warnings_en": product.safety_warnings_en,
        "withdrawal_exception": product.withdrawal_exception,
        "brand": product.brand.name if product.brand else "",
        "vat_class": VAT_RATES[VatClass(product.vat_class)],
        "attributes": "|".join(
            sorted(f"{value.attribute.code}:{value.slug}" for value in product.attribute_values.all())
        ),
        "manufacturer": _operator(product.manufacturer),
        "responsible_person": _operator(product.responsible_person),
        "images": _json([_image(image, skus) for image in product.images.all()]),
    }


def _operator(operator: EconomicOperator | None) -> str:
    return _json([operator.name, operator.postal_address, operator.electronic_address]) if operator else ""


def _image(image: ProductImage, skus: dict[int, str]) -> dict[str, Any]:
    described = {
        "url": image.source_url,
        "file": image.file.name or "",
        "alt_fr": image.alt_fr,
        "alt_en": image.alt_en,
        "sku": skus.get(image.variant_id or 0, ""),
        "state": image.state,
        "width": image.width if image.file else 0,
        "height": image.height if image.file else 0,
        "renditions": image.renditions,
        "failure": image.failure,
    }
    return {key: value for key, value in described.items() if value}


def _variant(variant: Any, product_code: str, *, with_reasons: bool) -> dict[str, Any]:
    return {
        "type": "modele",
        "code": variant.sku,
        "parent": product_code,
        **_columns(variant, ["ean13", *layout.OPTIONS, "content_unit", "weight_g", "is_active"]),
        "position": variant.position,
        "price": variant.regular_price,
        "content_quantity": variant.content_quantity,
        "on_hand": variant.counted,
        "low_threshold": variant.threshold,
        "ledger": _json(
            [
                [
                    entry.effective_at.astimezone(UTC).isoformat(),
                    f"{entry.amount:.2f}",
                    entry.kind,
                    entry.reason if with_reasons else "",
                ]
                for entry in variant.price_entries.all()
            ]
        ),
    }
