"""The facets of a list, each value with the number of products that choosing it would show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import CharField, IntegerField, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _

from apps.catalogue.listing.filters import ATTRIBUTE, AVAILABLE, BRAND, PRICE, Filters, query_string
from apps.catalogue.listing.page import Facet, FacetValue
from apps.catalogue.models import AttributeValue, Brand, FacetCount
from apps.catalogue.price_ranges import LIMITS, NUMBERS
from apps.common.money import format_whole_euros
from apps.common.prepared import Prepared
from apps.common.translation import LANGUAGES, current_language, localised

Kind = FacetCount.Kind
Counts = Mapping[tuple[int, int], int | None]
"""Products by (kind, key) as in FacetCount; None where there are some that were not counted."""
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


def stored_counts(category_id: int) -> dict[tuple[int, int], int]:
    """The counts of an unfiltered rayon from FacetCount: all but those of brands, and the most frequent brands."""
    return {(kind, key): count for kind, key, count in _best.rows(category_id) if count > 0}


_best = Prepared(
    lambda category_id: (
        FacetCount.objects.filter(category=category_id)
        .order_by("kind", "-count", "key")
        .values_list("kind", "key", "count")[:MAX_ROWS]
    )
)


def names_of(counts: Counts) -> list[Name]:
    """The brands and attribute values among these, in the order of `counts`; one query."""
    brands = [key for kind, key in counts if kind == Kind.BRAND][:MAX_BRANDS]
    values = [key for kind, key in counts if kind == Kind.ATTRIBUTE]
    if not brands and not values:
        return []
    rows = brand_rows(Brand.objects.filter(pk__in=brands)).union(
        value_rows(AttributeValue.objects.filter(pk__in=values)), all=True
    )
    names = {(row[0], row[1]): name(*row) for row in rows}
    return [names[of] for of in counts if of in names]


def brand_rows(brands: QuerySet[Brand]) -> QuerySet:
    """The rows that `name` takes."""
    nothing = Value("", output_field=CharField())
    kind = Value(int(Kind.BRAND), output_field=IntegerField())
    return brands.order_by().values_list(kind, "pk", "slug", "name", nothing, nothing, nothing)


def value_rows(values: QuerySet[AttributeValue], *more: str) -> QuerySet:
    """The rows that `name` takes, with `more` columns."""
    kind = Value(int(Kind.ATTRIBUTE), output_field=IntegerField())
    label = Coalesce(NullIf(localised("label"), Value("")), "label_fr")
    attribute = Coalesce(NullIf(localised("attribute__name"), Value("")), "attribute__name_fr")
    return values.order_by().values_list(
        kind, "pk", "slug", label, "attribute__code", attribute, "attribute__unit", *more
    )


def name(kind: int, key: int, slug: str, label: str, code: str, facet: str, unit: str) -> Name:
    if kind == Kind.BRAND:
        return Name(kind, key, BRAND, "", slug, label)
    return Name(kind, key, ATTRIBUTE + code, facet, slug, f"{label}\u00a0{unit}" if unit else label)


def facets(*, names: Iterable[Name], counts: Counts, filters: Filters, sort: str, text: str = "") -> tuple[Facet, ...]:
    """Values with products, and those chosen, in the order of `names`."""

    def value(parameter: str, key: str, label: str, kind: int, number: int) -> FacetValue | None:
        selected = key in chosen.get(parameter, ())
        count = counts.get((kind, number), 0)
        if count == 0 and not selected:
            return None
        without = query_string(filters=filters.toggled(parameter, key), sort=sort, text=text) if selected else ""
        return FacetValue(key, label, count, selected, without)

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
    for each in names:
        if each.kind != Kind.BRAND:
            attributes.setdefault(each.parameter, []).append(each)
        elif len(brands) < MAX_BRANDS or each.slug in filters.brands:
            brands.append(each)
    facet(AVAILABLE, _("Disponibilité"), [value(AVAILABLE, "1", _("En stock"), Kind.AVAILABILITY, 1)])
    facet(PRICE, _("Prix"), [value(PRICE, key, price_label(n), Kind.PRICE, n) for key, n in NUMBERS.items()])
    facet(BRAND, _("Marque"), [value(BRAND, each.slug, each.label, each.kind, each.key) for each in brands])
    for parameter, group in attributes.items():
        values = [value(parameter, each.slug, each.label, each.kind, each.key) for each in group]
        facet(parameter, group[0].facet, values)
    return tuple(result)


def price_label(number: int) -> str:
    return _price_label(number, current_language())


@lru_cache(maxsize=len(LANGUAGES) * len(NUMBERS))
def _price_label(number: int, language: str) -> str:
    if number == 0:
        return _("Moins de %(upper)s") % {"upper": format_whole_euros(LIMITS[0])}
    if number == len(LIMITS):
        return _("%(lower)s et plus") % {"lower": format_whole_euros(LIMITS[-1])}
    return _("%(lower)s à %(upper)s") % {
        "lower": format_whole_euros(LIMITS[number - 1]),
        "upper": format_whole_euros(LIMITS[number]),
    }
