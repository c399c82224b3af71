from collections.abc import Iterable
from functools import lru_cache

from django.utils.safestring import SafeString

from apps.catalogue.listing import Card, Facet, Listing
from apps.common.translation import current_language
from apps.storefront.components.templates import render

EAGER_PICTURES = 2
"""Cards whose pictures are loaded eagerly."""
CACHED_CARDS = 2048
"""About 3.5 kB each, with what they are found by."""
CACHED_FACETS = 256
"""About 9 kB each: those beside one list."""


def render_cards(cards: Iterable[Card], *, add_url: str) -> SafeString:
    """A grid of products in one form; the pressed button carries the SKU to add."""
    language = current_language()
    items = [_card(card, place < EAGER_PICTURES, language) for place, card in enumerate(cards)]
    return render("cards", items=SafeString("".join(items)), add_url=add_url)


@lru_cache(maxsize=CACHED_CARDS)
def _card(card: Card, eager: bool, language: str) -> SafeString:
    return render("card", card=card, eager=eager, language=language)


@lru_cache(maxsize=CACHED_FACETS)
def render_facets(facets: tuple[Facet, ...]) -> SafeString:
    """Checkboxes with the number of products that each would show."""
    return render("facets", facets=facets)


def render_pages(listing: Listing, *, path: str) -> SafeString | str:
    """Links to the first, last and near pages; nothing for a single one."""
    return "" if listing.pages < 2 else render("pages", listing=listing, path=path)
