from dataclasses import dataclass

from django.db.models import QuerySet

from apps.catalogue.listing.cards import Card, cards
from apps.catalogue.models import ProductCard

SHELF_SIZE = 8


@dataclass(frozen=True, slots=True)
class Shelves:
    """The home page's selections of products in stock. A product stands on one shelf only."""

    reductions: tuple[Card, ...]
    popular: tuple[Card, ...]
    newest: tuple[Card, ...]


def home_shelves() -> Shelves:
    """Four queries, whatever the number of products."""
    available = ProductCard.objects.in_stock()
    shelves = [
        _first(available.filter(reference_price__isnull=False).order_by("reference_price", "product"), 1),
        _first(available.order_by("-popularity", "product"), 2),
        _first(available.order_by("-published_at", "product"), 3),
    ]
    taken: set[int] = set()
    chosen = []
    for shelf in shelves:
        chosen.append([product_id for product_id in shelf if product_id not in taken][:SHELF_SIZE])
        taken.update(chosen[-1])
    by_id = {card.product_id: card for card in cards([product_id for shelf in chosen for product_id in shelf])}
    return Shelves(*(tuple(by_id[product_id] for product_id in shelf if product_id in by_id) for shelf in chosen))


def _first(shelf: QuerySet[ProductCard], shelves: int) -> list[int]:
    """Enough for this shelf even if those before it hold all of its first products."""
    return list(shelf.values_list("product_id", flat=True)[: SHELF_SIZE * shelves])
