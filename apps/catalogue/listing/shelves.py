from dataclasses import dataclass

from django.db.models import QuerySet

from apps.catalogue.listing.cards import Card, cards
from apps.catalogue.models import ProductCard
from apps.common.prepared import Prepared

SHELF_SIZE = 8


@dataclass(frozen=True, slots=True)
class Shelves:
    """The home page's selections of products in stock. A product stands on one shelf only."""

    reductions: tuple[Card, ...]
    popular: tuple[Card, ...]
    newest: tuple[Card, ...]


SHELVES = ("reductions", "popular", "newest")


def _shelf(name: str, place: int) -> QuerySet:
    """Enough for it even if those before it hold all of its first products."""
    available = ProductCard.objects.in_stock()
    ordered = {
        "reductions": available.filter(reference_price__isnull=False).order_by("reference_price", "product"),
        "popular": available.order_by("-popularity", "product"),
        "newest": available.order_by("-published_at", "product"),
    }
    return ordered[name].values_list("product_id")[: SHELF_SIZE * (place + 1)]


_first = Prepared(_shelf)


def home_shelves() -> Shelves:
    """Four queries, whatever the number of products."""
    taken: set[int] = set()
    chosen = []
    for place, name in enumerate(SHELVES):
        rows = _first.rows(shape=(name, place))
        chosen.append([product_id for (product_id,) in rows if product_id not in taken][:SHELF_SIZE])
        taken.update(chosen[-1])
    by_id = {card.product_id: card for card in cards([product_id for shelf in chosen for product_id in shelf])}
    return Shelves(*(tuple(by_id[product_id] for product_id in shelf if product_id in by_id) for shelf in chosen))
