from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.translation import gettext as _

from apps.catalogue.listing.cards import Card
from apps.catalogue.listing.filters import DEFAULT_SORT, PAGE_SIZE, Filters, query_string
from apps.catalogue.listing.tree import Rayon
from apps.common.translation import LANGUAGES, current_language


@dataclass(frozen=True, slots=True)
class FacetValue:
    key: str
    label: str
    count: int | None
    """Products that choosing it would show; None when there are too many to count them for one page."""
    selected: bool
    query: str
    """The query string of the list without it, from the first page; empty unless it is selected."""


@dataclass(frozen=True, slots=True)
class Facet:
    key: str
    """The form field's name."""
    label: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of products with everything around it."""

    cards: tuple[Card, ...]
    total: int
    page: int
    pages: int
    facets: tuple[Facet, ...]
    filters: Filters
    sort: str
    text: str = ""
    """What was searched, empty on a rayon's page."""
    corrected: str = ""
    """What was searched instead, when a word was unknown: « Résultats pour camembert »."""
    rayons: tuple[Rayon, ...] = field(default=())
    """Rayons whose name matches the search."""
    capped: bool = False
    """More was found: only the best are shown."""
    loose: bool = False
    """Nothing had all the words: what has some of them is shown."""

    def query(self, page: int = 1) -> str:
        """The query string of a page of this list."""
        return query_string(filters=self.filters, sort=self.sort, page=page, text=self.text)

    @property
    def previous_query(self) -> str:
        return self.query(self.page - 1)

    @property
    def next_query(self) -> str:
        return self.query(self.page + 1)

    @property
    def cleared_query(self) -> str:
        """The same list without any filter."""
        return query_string(filters=Filters(), sort=self.sort, text=self.text)

    @property
    def chosen(self) -> tuple[FacetValue, ...]:
        """The values that filter the list now, each with the query string without it."""
        return tuple(value for facet in self.facets for value in facet.values if value.selected)

    @property
    def page_links(self) -> tuple[tuple[int, str], ...]:
        """(number, query string) of first, last and near pages; 0 stands for a gap."""
        near = {1, self.pages, *range(max(1, self.page - 2), min(self.pages, self.page + 2) + 1)}
        links: list[tuple[int, str]] = []
        for number in sorted(near):
            if links and number > links[-1][0] + 1:
                links.append((0, ""))
            links.append((number, self.query(number)))
        return tuple(links)

    @property
    def sorts(self) -> tuple[tuple[str, str], ...]:
        """(key, label) of each order that the list may have."""
        return _sorts(bool(self.text), current_language())


@lru_cache(maxsize=2 * len(LANGUAGES))
def _sorts(is_search: bool, language: str) -> tuple[tuple[str, str], ...]:
    return (
        (DEFAULT_SORT, _("Les plus pertinents") if is_search else _("Les plus demandés")),
        ("prix", _("Prix croissant")),
        ("prix-desc", _("Prix décroissant")),
        ("nouveautes", _("Nouveautés")),
        ("nom", _("Nom de A à Z")),
    )


def clamp(page: int, total: int) -> tuple[int, int]:
    """The page shown and how many there are; an empty list has one."""
    pages = max(1, -(-total // PAGE_SIZE))
    return min(page, pages), pages
