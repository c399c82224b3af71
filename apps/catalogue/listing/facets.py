"""The filters beside a list, with how many products each of their values would show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.catalogue.listing.filters import ATTRIBUTE, AVAILABLE, BRAND, PRICE, Filters, query_string
from apps.catalogue.listing.page import Facet, FacetValue
from apps.catalogue.models import FacetCount
from apps.catalogue.price_ranges import LIMITS, NUMBERS
from apps.common.translation import current_language

Kind = FacetCount.Kind
Counts = Mapping[tuple[int, int], int]
"""Products by (kind, key) as in FacetCount."""
MAX_BRANDS = 20
MAX_ROWS = 100


@dataclass(frozen=True, slots=True)
class Name:
    """A brand or an attribute's value as facets name it."""

    kind: int
    key: int
    parameter: str
    facet: str
    slug: str
    label: str


def kept_counts(category_id: int) -> tuple[dict[tuple[int, int], int], list[Name]]:
    """The counts of an unfiltered rayon, and the names of its most frequent facet values."""
    rows = list(_rows(FacetCount.objects.filter(category=category_id, count__gt=0).order_by("kind", "-count", "key")))
    counts = {(kind, key): count for kind, key, count, *_ in rows}
    return counts, [name for row in rows if (name := _name(row))]


def _rows(counts):
    language = current_language()
    return counts.values_list(
        *("kind", "key", "count", "brand__slug", "brand__name", "value__slug", f"value__label_{language}"),
        *("value__label_fr", "value__attribute__code", f"value__attribute__name_{language}"),
        *("value__attribute__name_fr", "value__attribute__unit"),
    )[:MAX_ROWS]


def _name(row: tuple) -> Name | None:
    kind, key, _count, brand_slug, brand_name, slug, label, french_label, code, facet, french_facet, unit = row
    if kind == Kind.BRAND:
        return Name(kind, key, BRAND, "", brand_slug, brand_name)
    if kind == Kind.ATTRIBUTE:
        text = f"{label or french_label}\u00a0{unit}" if unit else label or french_label
        return Name(kind, key, ATTRIBUTE + code, facet or french_facet, slug, text)
    return None


def facets(
    *, names: Iterable[Name], counts: Counts | None, filters: Filters, sort: str, text: str = ""
) -> tuple[Facet, ...]:
    """Values with products, and those chosen, in the order of `names`; `counts` None when they were not counted."""

    def value(parameter: str, key: str, label: str, kind: int, number: int) -> FacetValue | None:
        selected = key in chosen.get(parameter, ())
        count = counts.get((kind, number), 0) if counts is not None else None
        if count == 0 and not selected:
            return None
        toggled = query_string(filters=filters.toggled(parameter, key), sort=sort, text=text)
        return FacetValue(key, label, count, selected, toggled)

    def facet(parameter: str, label: str, values: Iterable[FacetValue | None]) -> None:
        found = tuple(value for value in values if value)
        if found:
            result.append(Facet(parameter, label, found))

    chosen: dict[str, list[str]] = {}
    for parameter, key in filters.pairs():
        chosen.setdefault(parameter, []).append(key)
    result: list[Facet] = []
    brands: list[Name] = []
    attributes: dict[str, list[Name]] = {}
    for name in names:
        if name.kind == Kind.BRAND:
            if len(brands) < MAX_BRANDS or name.slug in filters.brands:
                brands.append(name)
        else:
            attributes.setdefault(name.parameter, []).append(name)
    facet(AVAILABLE, _("Disponibilité"), [value(AVAILABLE, "1", _("En stock"), Kind.AVAILABILITY, 1)])
    facet(PRICE, _("Prix"), [value(PRICE, key, price_label(n), Kind.PRICE, n) for key, n in NUMBERS.items()])
    facet(BRAND, _("Marque"), [value(BRAND, name.slug, name.label, name.kind, name.key) for name in brands])
    for parameter, group in attributes.items():
        values = [value(parameter, name.slug, name.label, name.kind, name.key) for name in group]
        facet(parameter, group[0].facet, values)
    return tuple(result)


def price_label(number: int) -> str:
    if number == 0:
        return _("Moins de %(upper)s €") % {"upper": LIMITS[0]}
    if number == len(LIMITS):
        return _("%(lower)s € et plus") % {"lower": LIMITS[-1]}
    return _("%(lower)s à %(upper)s €") % {"lower": LIMITS[number - 1], "upper": LIMITS[number]}
