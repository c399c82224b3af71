from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.catalogue.listing.page_urls import product_url
from apps.catalogue.models import ProductCard, Variant
from apps.catalogue.pictures import Picture, picture
from apps.common.prepared import Prepared
from apps.common.translation import current_language


class StockState(StrEnum):
    IN = "IN"
    LOW = "LOW"
    OUT = "OUT"


@dataclass(frozen=True, slots=True)
class Card:
    """All that a product's card shows; rendering it needs neither a query nor a model."""

    product_id: int
    url: str
    name: str
    brand: str
    price: Decimal
    price_varies: bool
    """« dès 4,90 € »: another variant costs more."""
    reference_price: Decimal | None
    """The lowest price of the 30 days before the reduction; None without one."""
    reduction: int
    """Per cent below the reference price, rounded down; 0 without a reduction."""
    unit_price: Decimal | None
    unit: str
    """What the unit price is for: kg, l, pièce, m."""
    stock: StockState
    pieces_left: int
    """Pieces left when `stock` is LOW, else 0."""
    sku: str
    """The only variant's, for adding it from the card; empty when an option must be chosen on the product's page."""
    picture: Picture | None
    tint: str
    ratings: int
    """How many buyers rated it."""
    rating: float
    """Their average, to one decimal; 0 without any."""


def unit_label(content_unit: str) -> str:
    """What a unit price is for (arrêté du 16 novembre 1999)."""
    unit = Variant.ContentUnit
    return {unit.GRAM: "kg", unit.MILLILITRE: _("l"), unit.PIECE: _("pièce"), unit.METRE: _("m")}.get(content_unit, "")


def reduction_percentage(price: Decimal, reference_price: Decimal | None) -> int:
    """Rounded down: a reduction is never overstated."""
    if not reference_price:
        return 0
    return int((reference_price - price) * 100 / reference_price)


CACHED = 2048
"""Cards found again by their rows, about 3 kB each."""
_COLUMNS = (
    *("product_id", "brand_name", "price", "price_varies", "reference_price", "unit_price"),
    *("content_unit", "sku", "in_stock", "pieces_left", "picture", "tint", "ratings", "rating_sum"),
)


def cards(product_ids: Sequence[int]) -> tuple[Card, ...]:
    """The cards of these products in this order, in one query; products that are not visible are left out."""
    if not product_ids:
        return ()
    language = current_language()
    ids = tuple(dict.fromkeys(product_ids))
    found = {card.product_id: card for card in cards_from_rows(_chosen.raw_rows(ids, shape=(language,)), language)}
    return tuple(found[product_id] for product_id in product_ids if product_id in found)


def columns(rows: QuerySet[ProductCard], language: str) -> QuerySet:
    """The rows that `cards_from_rows` takes, as the driver gives them (`Prepared.raw_rows`)."""
    return rows.values_list(*_names(language))


def columns_of(table: str, language: str) -> str:
    """The same in SQL written by hand, of a table or its alias."""
    return ", ".join(f"{table}.{name}" for name in _names(language))


def _names(language: str) -> tuple[str, ...]:
    return (*_COLUMNS, f"name_{language}", f"slug_{language}")


def cards_from_rows(rows: Iterable[tuple], language: str) -> tuple[Card, ...]:
    """From raw rows of `columns`."""
    return tuple(_from_row(row, language) for row in rows)


_chosen = Prepared(lambda language, ids: columns(ProductCard.objects.filter(pk__in=ids), language))


# 24 cards, each 0.02 ms: finding one by its row takes a tenth of that, its pictures' JSON being most of it.
@lru_cache(maxsize=CACHED)
def _from_row(row: tuple, language: str) -> Card:
    (converted,) = _chosen.converted((row,), (0,), shape=(language,))
    with override(language):
        units = {unit.value: unit_label(unit) for unit in Variant.ContentUnit}
    return _card(converted, language, units)


def _card(row: tuple, language: str, units: dict[str, str]) -> Card:
    (
        product_id,
        brand,
        price,
        price_varies,
        reference_price,
        unit_price,
        content_unit,
        sku,
        in_stock,
        pieces_left,
        image,
        tint,
        ratings,
        rating_sum,
        name,
        slug,
    ) = row
    low = in_stock and pieces_left is not None
    return Card(
        product_id=product_id,
        url=product_url(slug, language),
        name=name,
        brand=brand,
        price=price,
        price_varies=price_varies,
        reference_price=reference_price,
        reduction=reduction_percentage(price, reference_price) if reference_price else 0,
        unit_price=unit_price,
        unit=units.get(content_unit, ""),
        stock=StockState.LOW if low else StockState.IN if in_stock else StockState.OUT,
        pieces_left=pieces_left if low else 0,
        sku=sku,
        picture=(
            image
            and picture(
                file=image["file"],
                renditions=image["renditions"],
                width=image["width"],
                height=image["height"],
                alt=image[f"alt_{language}"] or image["alt_fr"] or name,
            )
        )
        or None,
        tint=tint,
        ratings=ratings,
        rating=round(rating_sum / ratings, 1) if ratings else 0,
    )
