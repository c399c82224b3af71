from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Model
from django.utils.translation import override

from apps.catalogue.listing.cards import Card, StockState, cards_from_rows, columns, reduction_percentage, unit_label
from apps.catalogue.listing.page_urls import product_url
from apps.catalogue.listing.tree import Rayon, tree
from apps.catalogue.models import (
    AttributeValue,
    Brand,
    EconomicOperator,
    Product,
    ProductCard,
    ProductImage,
    ProductOpinion,
    Stock,
    Variant,
)
from apps.catalogue.pictures import Picture, picture
from apps.common.prepared import Prepared, Rows
from apps.common.translation import LANGUAGES, current_language

SIBLINGS = 4
CACHED = 128
"""Products found again by their rows, about 20 kB each."""
# Codes of attributes of origin, as staff and imported files have them.
ORIGIN_CODES = frozenset({"origine", "provenance", "origin"})


@dataclass(frozen=True, slots=True)
class Offer:
    """A variant that can be chosen, as its product's page shows it."""

    variant_id: int
    sku: str
    ean13: str
    label: str
    options: tuple[str, ...]
    """Its value for each of the product's options, in their order."""
    price: Decimal
    reference_price: Decimal | None
    reduction: int
    unit_price: Decimal | None
    unit: str
    stock: StockState
    pieces_left: int
    weight_g: int
    picture: int | None
    """The place of its own picture among the product's."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose: « Taille » with its values in the order of the variants."""

    name: str
    values: tuple[str, ...]


class Content(NamedTuple):
    """What a product's page shows but its rayon."""

    product: Product
    """With brand, manufacturer, responsible person and opinion loaded; its relations beyond those would query."""
    alternates: dict[str, str]
    options: tuple[Option, ...]
    offers: tuple[Offer, ...]
    pictures: tuple[Picture, ...]
    attributes: tuple[tuple[str, tuple[str, ...]], ...]
    """(name, values) in the order that staff gave the attributes."""
    siblings: tuple[Card, ...]


@dataclass(frozen=True)
class ProductPage:
    """Shared by requests: never changed."""

    rows: tuple[Rows, ...]
    """As the driver gave them: with equal ones, rayon and language, a page shows the same."""
    content: Content
    url: str
    rayon: Rayon
    """Its own rayon; `rayon.ancestors` are the breadcrumbs above it."""

    @property
    def product(self) -> Product:
        return self.content.product

    @property
    def alternates(self) -> dict[str, str]:
        return self.content.alternates

    @property
    def options(self) -> tuple[Option, ...]:
        return self.content.options

    @property
    def offers(self) -> tuple[Offer, ...]:
        return self.content.offers

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return self.content.pictures

    @property
    def attributes(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return self.content.attributes

    @property
    def siblings(self) -> tuple[Card, ...]:
        return self.content.siblings

    @property
    def cheapest(self) -> Offer:
        """The offer chosen when the page opens: the cheapest in stock, else the cheapest."""
        return min(self.offers, key=lambda offer: (offer.stock == StockState.OUT, offer.price))

    @property
    def price_varies(self) -> bool:
        return len({offer.price for offer in self.offers}) > 1

    @property
    def stock(self) -> StockState:
        return self.cheapest.stock


def product_page(*, slug: str, language: str | None = None) -> ProductPage:
    """Everything a product's page shows, in six queries: revision, product with brand, operators and opinion,
    variants with stock, images, attributes, siblings. Rayons come from the process's memory.

    Raises Product.DoesNotExist when a shopper may not see it or nothing of it is on sale.
    """
    language = language or current_language()
    found = _products.raw_rows(slug, shape=(language,))
    if not found:
        raise Product.DoesNotExist(slug)
    product_id, category_id = found[0][_ID], found[0][_CATEGORY]
    rayon = tree(language).by_id.get(category_id)
    variants = _variants.raw_rows(product_id)
    if rayon is None or not variants:
        raise Product.DoesNotExist(slug)
    rows = (
        *(found, variants, _images.raw_rows(product_id), _attribute_values.raw_rows(product_id, shape=(language,))),
        _best.raw_rows(category_id, shape=(language,)),
    )
    content = _content(rows, language)
    return ProductPage(rows=rows, content=content, url=content.alternates[language], rayon=rayon)


# --- The five queries, each compiled once -----------------------------------------------------------------------------
def _fields(model: type[Model]) -> list[str]:
    return [column.attname for column in model._meta.concrete_fields]


_PRODUCT, _VARIANT, _STOCK, _IMAGE = _fields(Product), _fields(Variant), _fields(Stock), _fields(ProductImage)
_ID, _CATEGORY = _PRODUCT.index("id"), _PRODUCT.index("category_id")
_BESIDE: dict[str, type[Model]] = {
    "brand": Brand,
    "manufacturer": EconomicOperator,
    "responsible_person": EconomicOperator,
    "opinion": ProductOpinion,
}
_products = Prepared(
    lambda language, slug: (
        Product.objects.visible()
        .filter(**{f"slug_{language}": slug})
        .values_list(*_PRODUCT, *(f"{name}__{column}" for name, model in _BESIDE.items() for column in _fields(model)))
    )
)
_variants = Prepared(
    lambda product_id: (
        Variant.objects.filter(product=product_id, is_active=True)
        .order_by("position", "pk")
        .values_list(*_VARIANT, *(f"stock__{column}" for column in _STOCK))
    )
)
_images = Prepared(
    lambda product_id: (
        ProductImage.objects.filter(product=product_id, state=ProductImage.State.READY)
        .exclude(file="")
        .order_by("position", "pk")
        .values_list(*_IMAGE)
    )
)
_attribute_values = Prepared(
    lambda language, product_id: (
        AttributeValue.objects.filter(products=product_id)
        .order_by("attribute__position", "attribute", "number", "label_fr")
        .values_list(
            "attribute__code",
            f"attribute__name_{language}",
            "attribute__name_fr",
            f"label_{language}",
            "label_fr",
            "attribute__unit",
        )
    )
)
_best = Prepared(
    lambda language, category_id: columns(
        ProductCard.objects.filter(category=category_id).in_stock().order_by("-popularity", "product"), language
    )[: SIBLINGS + 1]
)


# Finding a product by its rows takes a twentieth of reading them into objects, which is 0.3 ms.
@lru_cache(maxsize=CACHED)
def _content(rows: tuple[Rows, ...], language: str) -> Content:
    found, variant_rows, image_rows, value_rows, sibling_rows = rows
    with override(language):
        product = _product(_products.converted(found, "", shape=(language,))[0])
        variants = [_variant(row) for row in _variants.converted(variant_rows, 0)]
        images = [ProductImage.from_db("default", _IMAGE, row) for row in _images.converted(image_rows, 0)]
        places = {image.variant_id: place for place, image in reversed(list(enumerate(images))) if image.variant_id}
        return Content(
            product=product,
            alternates={tongue: product_url(getattr(product, f"slug_{tongue}"), tongue) for tongue in LANGUAGES},
            options=_options(product, variants),
            offers=tuple(_offer(variant, places) for variant in variants),
            pictures=tuple(each for image in images if (each := _picture(image, product))),
            attributes=_attributes(product, _attribute_values.converted(value_rows, 0, shape=(language,))),
            siblings=_siblings(product, sibling_rows, language),
        )


def _product(row: tuple) -> Product:
    product = Product.from_db("default", _PRODUCT, row[: len(_PRODUCT)])
    rest = row[len(_PRODUCT) :]
    for name, model in _BESIDE.items():
        fields = _fields(model)
        values, rest = rest[: len(fields)], rest[len(fields) :]
        beside = model.from_db("default", fields, values) if values[0] is not None else None
        setattr(product, name, beside or (ProductOpinion() if model is ProductOpinion else None))
    return product


def _variant(row: tuple) -> Variant:
    variant = Variant.from_db("default", _VARIANT, row[: len(_VARIANT)])
    stock = row[len(_VARIANT) :]
    if stock[0] is not None:
        variant.stock = Stock.from_db("default", _STOCK, stock)
    return variant


# --- What the page shows of them --------------------------------------------------------------------------------------
def _options(product: Product, variants: list[Variant]) -> tuple[Option, ...]:
    names = (product.option1_name, product.option2_name, product.option3_name)
    values = [_values(variant) for variant in variants]
    return tuple(
        Option(name, tuple(dict.fromkeys(row[place] for row in values if row[place])))
        for place, name in enumerate(names)
        if name
    )


def _values(variant: Variant) -> tuple[str, str, str]:
    return variant.option1, variant.option2, variant.option3


def _offer(variant: Variant, places: dict[int, int]) -> Offer:
    stock = getattr(variant, "stock", None)
    available = stock.available if stock else 0
    low = stock is not None and 0 < available <= stock.low_threshold
    return Offer(
        variant_id=variant.pk,
        sku=variant.sku,
        ean13=variant.ean13 or "",
        label=variant.label,
        options=_values(variant),
        price=variant.price,
        reference_price=variant.reference_price,
        reduction=reduction_percentage(variant.price, variant.reference_price),
        unit_price=variant.unit_price,
        unit=unit_label(variant.content_unit),
        stock=StockState.OUT if available <= 0 else StockState.LOW if low else StockState.IN,
        pieces_left=available if low else 0,
        weight_g=variant.weight_g,
        picture=places.get(variant.pk),
    )


def _picture(image: ProductImage, product: Product) -> Picture | None:
    return picture(
        file=image.file.name,
        renditions=image.renditions,
        width=image.width,
        height=image.height,
        alt=image.alt or product.name,
    )


def _attributes(product: Product, rows: Iterable[tuple]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Without the attribute of origin where the product has an origin of its own, which is more exact."""
    grouped: dict[str, list[str]] = {}
    for code, name, french_name, label, french_label, unit in rows:
        if code in ORIGIN_CODES and product.origin:
            continue
        text = f"{label or french_label}\u00a0{unit}" if unit else label or french_label
        grouped.setdefault(name or french_name, []).append(text)
    return tuple((name, tuple(labels)) for name, labels in grouped.items())


def _siblings(product: Product, rows: Rows, language: str) -> tuple[Card, ...]:
    best = cards_from_rows(rows, language)
    return tuple(card for card in best if card.product_id != product.pk)[:SIBLINGS]
