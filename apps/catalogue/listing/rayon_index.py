"""Facet counts under filters: a bitmap index of a rayon's products for each facet value, in process memory.

Two queries read a rayon once for each revision of the catalogue; any combination of filters is then a few operations
on integers of as many bits as it has products. Rayons of more than MAX_PRODUCTS are not counted under filters: reading
them would cost more than the numbers are worth, and their facets then show values without counts.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from apps.catalogue.listing.facets import Kind, Name, name, value_rows
from apps.catalogue.listing.filters import AVAILABLE, PRICE, Filters
from apps.catalogue.listing.tree import Rayon
from apps.catalogue.models import AttributeValue, ListingEntry
from apps.catalogue.price_ranges import NUMBERS
from apps.common.memo import Memo
from apps.common.translation import current_language

MAX_PRODUCTS = 10_000


@dataclass(slots=True)
class RayonIndex:
    size: int
    bits: dict[tuple[int, int], int] = field(default_factory=dict)
    """For each (kind, key) of FacetCount, the products that have it."""
    names: list[Name] = field(default_factory=list)
    """Attribute values, then brands, the most frequent first."""
    parameters: dict[tuple[int, int], str] = field(init=False)
    """The one that each (kind, key) is filtered by."""

    def __post_init__(self) -> None:
        named = {(each.kind, each.key): each.parameter for each in self.names}
        of_kind = {Kind.AVAILABILITY: AVAILABLE, Kind.PRICE: PRICE}
        self.parameters = {of: named[of] if of in named else of_kind[Kind(of[0])] for of in self.bits}

    def counts(self, filters: Filters) -> dict[tuple[int, int], int]:
        """Each facet's values are counted as if none of them were chosen: choosing a second brand adds products."""
        chosen = {parameter: self._chosen(parameter, filters) for parameter, _ in filters.pairs()}
        everything = (1 << self.size) - 1
        matching = everything
        for bits in chosen.values():
            matching &= bits
        beside = {}
        for own in chosen:
            beside[own] = everything
            for parameter, bits in chosen.items():
                if parameter != own:
                    beside[own] &= bits
        counts: dict[tuple[int, int], int] = {(Kind.ALL, 0): matching.bit_count()}
        for of, bits in self.bits.items():
            counts[of] = (bits & beside.get(self.parameters[of], matching)).bit_count()
        return counts

    def _chosen(self, parameter: str, filters: Filters) -> int:
        bits = 0
        keys = {each.slug: (each.kind, each.key) for each in self.names if each.parameter == parameter}
        for value in filters.values(parameter):
            if parameter == AVAILABLE:
                of = (Kind.AVAILABILITY, 1)
            elif parameter == PRICE:
                of = (Kind.PRICE, NUMBERS[value])
            else:
                of = keys.get(value, (0, 0))
            bits |= self.bits.get(of, 0)
        return bits


_indexes: Memo[RayonIndex] = Memo(size=40)


def rayon_index(rayon: Rayon) -> RayonIndex:
    return _indexes.get(rayon.revision, (rayon.id, current_language()), lambda: _read(rayon.id))


def _read(category_id: int) -> RayonIndex:
    places: dict[int, int] = {}
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    names: dict[tuple[int, int], Name] = {}
    entries = ListingEntry.objects.in_category(category_id).values_list(
        "product_id", "in_stock", "price_range", "brand_id", "brand__slug", "brand__name"
    )
    for place, (product_id, in_stock, price_range, brand_id, slug, label) in enumerate(entries):
        places[product_id] = place
        found[Kind.PRICE, price_range].append(place)
        if in_stock:
            found[Kind.AVAILABILITY, 1].append(place)
        if brand_id:
            found[Kind.BRAND, brand_id].append(place)
            if (Kind.BRAND, brand_id) not in names:
                names[Kind.BRAND, brand_id] = name(Kind.BRAND, brand_id, slug, label, "", "", "")
    values = AttributeValue.objects.filter(attribute__is_facet=True, products__listing_entries__category=category_id)
    for *row, product_id in value_rows(values, "products"):
        of = (Kind.ATTRIBUTE, row[1])
        if product_id in places:
            found[of].append(places[product_id])
            if of not in names:
                names[of] = name(*row)
    bits = {of: _bits(numbers, len(places)) for of, numbers in found.items()}
    frequent = sorted(names, key=lambda of: (of[0], -len(found[of]), names[of].label))
    return RayonIndex(len(places), bits, [names[of] for of in frequent])


def _bits(places: Iterable[int], size: int) -> int:
    octets = bytearray(size // 8 + 1)
    for place in places:
        octets[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(octets, "little")
