from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Model

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
from apps.common.prepared import Prepared
from apps.common.translation import LANGUAGES, current_language

SIBLINGS = 4
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


@dataclass(frozen=True, slots=True)
class ProductPage:
    product: Product
    """With brand, manufacturer, responsible person and opinion loaded; its relations beyond those would query."""
    url: str
    alternates: dict[str, str]
    rayon: Rayon
    """Its own rayon; `rayon.ancestors` are the breadcrumbs above it."""
    options: tuple[Option, ...]
    offers: tuple[Offer, ...]
    pictures: tuple[Picture, ...]
    attributes: tuple[tuple[str, tuple[str, ...]], ...]
    """(name, values) in the order that staff gave the attributes."""
    siblings: tuple[Card, ...]

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
    product = _product(slug, language)
    rayon = tree(language).by_id.get(product.category_id)
    variants = [_variant(row) for row in _variants.rows(product.pk)]
    if rayon is None or not variants:
        raise Product.DoesNotExist(slug)
    images = [ProductImage.from_db("default", _IMAGE, row) for row in _images.rows(product.pk)]
    places = {image.variant_id: place for place, image in reversed(list(enumerate(images))) if image.variant_id}
    alternates = {tongue: product_url(getattr(product, f"slug_{tongue}"), tongue) for tongue in LANGUAGES}
    return ProductPage(
        product=product,
        url=alternates[language],
        alternates=alternates,
        rayon=rayon,
        options=_options(product, variants),
        offers=tuple(_offer(variant, places) for variant in variants),
        pictures=tuple(found for image in images if (found := _picture(image, product))),
        attributes=_attributes(product, language),
        siblings=_siblings(product, language),
    )


# --- The five queries, each compiled once -----------------------------------------------------------------------------
def _fields(model: type[Model]) -> list[str]:
    return [column.attname for column in model._meta.concrete_fields]


_PRODUCT, _VARIANT, _STOCK, _IMAGE = _fields(Product), _fields(Variant), _fields(Stock), _fields(ProductImage)
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


def _product(slug: str, language: str) -> Product:
    rows = _products.rows(slug, shape=(language,))
    if not rows:
        raise Product.DoesNotExist(slug)
    row = list(rows[0])
    product = Product.from_db("default", _PRODUCT, row[: len(_PRODUCT)])
    rest = row[len(_PRODUCT) :]
    for name, model in _BESIDE.items():
        fields = _fields(model)
        values, rest = rest[: len(fields)], rest[len(fields) :]
        found = model.from_db("default", fields, values) if values[0] is not None else None
        setattr(product, name, found or (ProductOpinion() if model is ProductOpinion else None))
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


def _attributes(product: Product, language: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Without the attribute of origin where the product has an origin of its own, which is more exact."""
    grouped: dict[str, list[str]] = {}
    for code, name, french_name, label, french_label, unit in _attribute_values.rows(product.pk, shape=(language,)):
        if code in ORIGIN_CODES and product.origin:
            continue
        text = f"{label or french_label}\u00a0{unit}" if unit else label or french_label
        grouped.setdefault(name or french_name, []).append(text)
    return tuple((name, tuple(labels)) for name, labels in grouped.items())


def _siblings(product: Product, language: str) -> tuple[Card, ...]:
    best = cards_from_rows(_best.rows(product.category_id, shape=(language,)), language)
    return tuple(card for card in best if card.product_id != product.pk)[:SIBLINGS]
