"""A product's options as links: each value links to the variant that has it, so that choosing needs no JavaScript."""

from dataclasses import dataclass
from urllib.parse import urlencode

from apps.catalogue.listing import Offer, ProductPage, StockState


@dataclass(frozen=True, slots=True)
class Value:
    label: str
    url: str
    selected: bool
    available: bool


@dataclass(frozen=True, slots=True)
class Choice:
    name: str
    chosen: str
    values: tuple[Value, ...]


def choices(page: ProductPage, chosen: Offer) -> tuple[Choice, ...]:
    """The choices on a product's page when `chosen` is shown; none for a single variant."""
    if len(page.offers) < 2:
        return ()
    if not page.options:
        values = (_value(page, offer.label or offer.sku, offer, selected=offer is chosen) for offer in page.offers)
        return (Choice("", chosen.label or chosen.sku, tuple(values)),)
    return tuple(
        Choice(
            option.name,
            chosen.options[place],
            tuple(
                _value(page, label, _nearest(page, chosen, place, label), selected=chosen.options[place] == label)
                for label in option.values
            ),
        )
        for place, option in enumerate(page.options)
    )


def _nearest(page: ProductPage, chosen: Offer, place: int, label: str) -> Offer:
    """The variant with this value that shares most options with the chosen one, in stock first."""

    def likeness(offer: Offer) -> tuple[int, bool]:
        matches = sum(mine == theirs for mine, theirs in zip(chosen.options, offer.options, strict=True))
        return matches, offer.stock != StockState.OUT

    return max((offer for offer in page.offers if offer.options[place] == label), key=likeness)


def _value(page: ProductPage, label: str, offer: Offer, *, selected: bool) -> Value:
    return Value(label, f"{page.url}?{urlencode({'modele': offer.sku})}", selected, offer.stock != StockState.OUT)
