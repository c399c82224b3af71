from dataclasses import dataclass
from decimal import Decimal

from apps.catalogue.listing.addresses import product_url
from apps.catalogue.listing.cards import Card, StockState, cards_of, reduction_percentage, unit_label
from apps.catalogue.listing.tree import Rayon, tree
from apps.catalogue.models import AttributeValue, Product, ProductCard, ProductImage, Variant
from apps.catalogue.pictures import Picture, picture
from apps.common.translation import LANGUAGES, current_language

SIBLINGS = 4


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
    """With brand, manufacturer and responsible person loaded; its relations beyond those would query."""
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
    """Everything a product's page shows, in six queries: revision, product with brand and operators, variants with
    stock, images, attributes, siblings. Rayons come from the process's memory.

    Raises Product.DoesNotExist when a shopper may not see it or nothing of it is on sale.
    """
    language = language or current_language()
    product = (
        Product.objects.visible()
        .select_related("brand", "manufacturer", "responsible_person")
        .get(**{f"slug_{language}": slug})
    )
    rayon = tree(language).by_id.get(product.category_id)
    variants = list(Variant.objects.filter(product=product, is_active=True).select_related("stock"))
    if rayon is None or not variants:
        raise Product.DoesNotExist(slug)
    images = list(ProductImage.objects.filter(product=product, state=ProductImage.State.READY).exclude(file=""))
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
        attributes=_attributes(product),
        siblings=_siblings(product),
    )


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


def _attributes(product: Product) -> tuple[tuple[str, tuple[str, ...]], ...]:
    grouped: dict[str, list[str]] = {}
    values = AttributeValue.objects.filter(products=product).select_related("attribute")
    for value in values.order_by("attribute__position", "attribute", "number", "label_fr"):
        unit = f"\u00a0{value.attribute.unit}" if value.attribute.unit else ""
        grouped.setdefault(value.attribute.name, []).append(value.label + unit)
    return tuple((name, tuple(labels)) for name, labels in grouped.items())


def _siblings(product: Product) -> tuple[Card, ...]:
    others = ProductCard.objects.filter(category=product.category_id, in_stock=True)
    best = cards_of(others.order_by("-popularity", "product")[: SIBLINGS + 1])
    return tuple(card for card in best if card.product_id != product.pk)[:SIBLINGS]
