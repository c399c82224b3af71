"""Rows of SearchPosting: the words of a product's name, each with the product's rank among all that have it."""

from collections.abc import Iterator, Sequence

from apps.catalogue import words
from apps.catalogue.models import SearchPosting
from apps.catalogue.postings import posting_place
from apps.catalogue.price_ranges import range_of
from apps.catalogue.services.listing.bulk import CHUNK
from apps.catalogue.services.listing.facts import Facts, cheapest, in_stock
from apps.catalogue.services.listing.texts import Texts, name_length


def postings_of(facts: Facts, texts: Texts) -> Iterator[SearchPosting]:
    place = posting_place(in_stock=in_stock(facts), popularity=facts.product["popularity"], length=name_length(facts))
    spelt: dict[str, str] = {}
    for language, text in texts.items():
        for word in text.name:
            if words.is_word(word.stem):
                spelt.setdefault(words.vocabulary_key(word.stem, language), word.accents)
    for stem, accents in spelt.items():
        yield SearchPosting(
            word=stem,
            product_id=facts.product["id"],
            place=place,
            brand_id=facts.product["brand_id"],
            price_range=range_of(cheapest(facts)["price"]),
            accents=accents,
        )


def write_postings(postings: Sequence[SearchPosting], ids: Sequence[int]) -> None:
    """Only what differs is written: most refreshes are for a price or a picture, and change none."""
    columns = ("word", "product_id", "place", "brand_id", "price_range", "accents")
    wanted = {tuple(getattr(each, column) for column in columns): each for each in postings}
    stale = []
    for pk, *row in SearchPosting.objects.filter(product__in=ids).values_list("pk", *columns):
        if wanted.pop(tuple(row), None) is None:
            stale.append(pk)
    if stale:
        SearchPosting.objects.filter(pk__in=stale).delete()
    SearchPosting.objects.bulk_create(wanted.values(), batch_size=4 * CHUNK)
