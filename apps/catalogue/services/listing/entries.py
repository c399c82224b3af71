"""Rows of ListingEntry: a product in each of its rayons."""

from collections.abc import Iterator, Sequence

from apps.catalogue import words
from apps.catalogue.models import ListingEntry
from apps.catalogue.price_ranges import range_of
from apps.catalogue.services.listing.bulk import upsert
from apps.catalogue.services.listing.facts import Facts, cheapest, in_stock


def entries_of(facts: Facts) -> Iterator[ListingEntry]:
    product, price = facts.product, cheapest(facts)["price"]
    keys = {
        "name_key_fr": words.sort_key(product["name_fr"]),
        "name_key_en": words.sort_key(product["name_en"] or product["name_fr"]),
    }
    for category_id in facts.categories:
        yield ListingEntry(
            category_id=category_id,
            product_id=product["id"],
            brand_id=product["brand_id"],
            price=price,
            price_range=range_of(price),
            in_stock=in_stock(facts),
            popularity=product["popularity"],
            published_at=product["published_at"],
            **keys,
        )


def write_entries(entries: Sequence[ListingEntry], ids: Sequence[int]) -> None:
    current_keys = {(entry.category_id, entry.product_id) for entry in entries}
    stale = [
        pk
        for pk, *key in ListingEntry.objects.filter(product__in=ids).values_list("pk", "category_id", "product_id")
        if tuple(key) not in current_keys
    ]
    if stale:
        ListingEntry.objects.filter(pk__in=stale).delete()
    upsert(ListingEntry, entries, key=["category", "product"])
