"""The filters of a list: parsed from a query string, and written back to it in one order.

Parameters: `marque` (brand slug), `prix` (a price range's key), `dispo=1`, `c-<attribute>` (value slug), `tri` (sort),
`page`, and `q` on the search page. Whatever is not understood is left out; nothing here raises.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import QueryDict

from apps.catalogue.price_ranges import NUMBERS
from apps.catalogue.words import INVISIBLE

MAX_VALUES = 20
MAX_ATTRIBUTES = 8
MAX_TEXT = 100
MAX_PAGE = 100_000
PAGE_SIZE = 24
BRAND, PRICE, AVAILABLE, ATTRIBUTE, SORT, PAGE, TEXT = "marque", "prix", "dispo", "c-", "tri", "page", "q"
DEFAULT_SORT = "pertinence"
SORTS = (DEFAULT_SORT, "prix", "prix-desc", "nouveautes", "nom")
_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,140}")


@dataclass(frozen=True, slots=True)
class Filters:
    """Hashable and in one order, so that equal filters have one URL."""

    brands: tuple[str, ...] = ()
    prices: tuple[str, ...] = ()
    available: bool = False
    attributes: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def from_query(cls, query: QueryDict) -> "Filters":
        attributes = {}
        for name in sorted(query)[:200]:
            code = name.removeprefix(ATTRIBUTE)
            if code != name and _SLUG.fullmatch(code) and (values := _slugs(query.getlist(name))):
                attributes[code] = values
        return cls(
            brands=_slugs(query.getlist(BRAND)),
            prices=tuple(sorted({key for key in query.getlist(PRICE) if key in NUMBERS}, key=NUMBERS.__getitem__)),
            available=query.get(AVAILABLE) == "1",
            attributes=tuple(attributes.items())[:MAX_ATTRIBUTES],
        )

    def __bool__(self) -> bool:
        return bool(self.brands or self.prices or self.available or self.attributes)

    @property
    def count(self) -> int:
        """Values chosen, for « Filtres (3) »."""
        chosen = sum(len(values) for _, values in self.attributes)
        return len(self.brands) + len(self.prices) + self.available + chosen

    def pairs(self) -> list[tuple[str, str]]:
        pairs = [(BRAND, slug) for slug in self.brands] + [(PRICE, key) for key in self.prices]
        if self.available:
            pairs.append((AVAILABLE, "1"))
        return pairs + [(ATTRIBUTE + code, slug) for code, values in self.attributes for slug in values]

    def values(self, parameter: str) -> tuple[str, ...]:
        """The values chosen under one parameter name."""
        return tuple(value for name, value in self.pairs() if name == parameter)

    def toggled(self, parameter: str, value: str) -> "Filters":
        """With this value if it was not chosen, without it if it was."""
        if parameter == AVAILABLE:
            return replace(self, available=not self.available)
        values = set(self.values(parameter)) ^ {value}
        if parameter == BRAND:
            return replace(self, brands=tuple(sorted(values)))
        if parameter == PRICE:
            return replace(self, prices=tuple(sorted(values, key=NUMBERS.__getitem__)))
        attributes = dict(self.attributes) | {parameter.removeprefix(ATTRIBUTE): tuple(sorted(values))}
        return replace(self, attributes=tuple((code, chosen) for code, chosen in sorted(attributes.items()) if chosen))

    def without(self, parameter: str) -> "Filters":
        """As if nothing were chosen under this parameter: what a facet's own values are counted among."""
        chosen = self
        for value in self.values(parameter):
            chosen = chosen.toggled(parameter, value)
        return chosen


def _slugs(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if _SLUG.fullmatch(value)})[:MAX_VALUES])


def read_sort(value: str | None) -> str:
    return value if value in SORTS else DEFAULT_SORT


def read_page(value: str | int | None) -> int:
    """1 for what is no page number, a last page for a number too high."""
    text = str(value or "1")
    if not (text.isascii() and text.isdigit()):
        return 1
    return max(1, min(int(text), MAX_PAGE)) if len(text) < 10 else MAX_PAGE


def read_text(value: str | None) -> str:
    """A search text without control characters, cut after the last whole word within MAX_TEXT characters."""
    seen = INVISIBLE.sub("", (value or "")[: MAX_TEXT * 4])
    printable = "".join(character if character.isprintable() else " " for character in seen)
    text = " ".join(printable.split())
    if len(text) <= MAX_TEXT:
        return text
    return text[: MAX_TEXT + 1].rpartition(" ")[0] or text[:MAX_TEXT]


def query_string(*, filters: Filters, sort: str = DEFAULT_SORT, page: int = 1, text: str = "") -> str:
    """The one query string of a list: "?…", or empty for its first page, unfiltered, in the default order."""
    pairs = ([(TEXT, text)] if text else []) + filters.pairs()
    if sort != DEFAULT_SORT:
        pairs.append((SORT, sort))
    if page > 1:
        pairs.append((PAGE, str(page)))
    return f"?{urlencode(pairs)}" if pairs else ""
