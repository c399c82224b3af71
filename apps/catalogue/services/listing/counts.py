"""What each product adds to the counts beside the lists."""

from collections import Counter

from apps.catalogue.models import AttributeValue, FacetCount
from apps.catalogue.price_ranges import range_of
from apps.catalogue.services.listing.facts import Facts, cheapest, in_stock

Kind = FacetCount.Kind


def counted_by(facts: Facts) -> list[list[int]]:
    """What the product adds to the counts, as [category, kind, key]."""
    keys = [(Kind.ALL, 0), (Kind.PRICE, range_of(cheapest(facts)["price"]))]
    if in_stock(facts):
        keys.append((Kind.AVAILABILITY, 1))
    if facts.product["brand_id"]:
        keys.append((Kind.BRAND, facts.product["brand_id"]))
    keys += [(Kind.ATTRIBUTE, value_id) for value_id in facts.values]
    return [[category, int(kind), key] for category in facts.categories for kind, key in keys]


def drop_deleted(differences: Counter[tuple[int, ...]]) -> None:
    """What is not counted any more may have been deleted, and its counts with it."""
    lost = {key[2] for key, difference in differences.items() if difference < 0 and key[1] == Kind.ATTRIBUTE}
    if lost:
        lost -= set(AttributeValue.objects.filter(pk__in=lost).values_list("pk", flat=True))
        for key in [key for key in differences if key[1] == Kind.ATTRIBUTE and key[2] in lost]:
            del differences[key]
