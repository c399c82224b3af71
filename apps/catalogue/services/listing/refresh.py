"""Keeps what pages are read from: cards, rayon entries, facet counts, search documents and vocabulary.

Whoever changes a product, a variant, an image, a price or what shoppers see of the stock calls `refresh_listing` in the
same transaction.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.db import transaction

from apps.catalogue.models import (
    Category,
    FacetCount,
    ListingEntry,
    PageAddress,
    Product,
    ProductCard,
    SearchDocument,
    SearchPosting,
    SearchWord,
)
from apps.catalogue.services.listing.bulk import CHUNK, add, upsert
from apps.catalogue.services.listing.cards import card_of
from apps.catalogue.services.listing.counts import Kind, drop_deleted
from apps.catalogue.services.listing.documents import document_of, write_documents
from apps.catalogue.services.listing.entries import entries_of, write_entries
from apps.catalogue.services.listing.facts import read
from apps.catalogue.services.listing.postings import postings_of, write_postings
from apps.catalogue.services.listing.texts import texts_of
from apps.catalogue.services.listing.vocabulary import count_words
from apps.catalogue.services.revision import bump_revision


def refresh_listing(*, product_ids: Iterable[int]) -> None:
    """Bring all that is read by pages up to date with these products; a repeat changes nothing.

    Products that a shopper may not see any more disappear. Bulk work: about ten queries for each 500 products. Locks
    the cards in pk order, then adds to counters in key order; so hold stock and price locks before calling.
    """
    ids = sorted(set(product_ids))
    if not ids:
        return
    with transaction.atomic():
        new_words = False
        for start in range(0, len(ids), CHUNK):
            new_words |= _refresh(ids[start : start + CHUNK])
        bump_revision(vocabulary=new_words)


def refresh_category(*, category_id: int) -> None:
    """After a rayon was moved, tinted, shown or hidden: refresh every product in it and under it."""
    category = Category.objects.get(pk=category_id)
    refresh_listing(
        product_ids=Product.objects.filter(category__path__startswith=category.path).values_list("pk", flat=True)
    )
    bump_revision()


def show_new_addresses(*, kind: str, ids: Sequence[int]) -> None:
    """After pages were given another address: links to them are on cards and in menus."""
    with transaction.atomic():
        if kind == PageAddress.Kind.PRODUCT:
            refresh_listing(product_ids=ids)
        bump_revision()


def refresh_brand(*, brand_id: int) -> None:
    """After a brand was renamed: its name is on cards and is searched for."""
    refresh_listing(product_ids=Product.objects.filter(brand=brand_id).values_list("pk", flat=True))


def products_with_attribute(attribute_ids: Iterable[int]) -> set[int]:
    return set(Product.objects.filter(attribute_values__attribute__in=attribute_ids).values_list("pk", flat=True))


def rebuild_listing() -> int:
    """Write everything anew, counters included; returns the number of products. For repair and after bulk loads."""
    ids = list(Product.objects.order_by("pk").values_list("pk", flat=True))
    with transaction.atomic():
        for model in (FacetCount, SearchWord, SearchPosting, ListingEntry, SearchDocument, ProductCard):
            model.objects.all().delete()
        refresh_listing(product_ids=ids)
        bump_revision(vocabulary=True)
    return len(ids)


def _refresh(ids: Sequence[int]) -> bool:
    """True when the vocabulary has gained or lost a word."""
    before = Counter(tuple(key) for counted in _locked(ids).values() for key in counted)
    documents = {document.pk: document for document in SearchDocument.objects.filter(pk__in=ids)}
    facts = {product.product["id"]: product for product in read(ids)}
    gone = [product_id for product_id in ids if product_id not in facts]
    if gone:
        for model in (ProductCard, ListingEntry, SearchDocument, SearchPosting):
            model.objects.filter(product__in=gone).delete()
    cards_now = [card_of(product) for product in facts.values()]
    upsert(ProductCard, cards_now, key=["product"])
    write_entries([entry for product in facts.values() for entry in entries_of(product)], ids)
    differences = Counter(tuple(key) for card in cards_now for key in card.counted)
    differences.subtract(before)
    drop_deleted(differences)
    add(
        FacetCount,
        key=("category_id", "kind", "key"),
        counters=("count",),
        rows=[
            {
                **dict(zip(("category_id", "kind", "key"), key, strict=True)),
                "brand_id": key[2] if key[1] == Kind.BRAND else None,
                "value_id": key[2] if key[1] == Kind.ATTRIBUTE else None,
                "count": difference,
            }
            for key, difference in sorted(differences.items())
            if difference
        ],
    )
    texts = {product_id: texts_of(product) for product_id, product in facts.items()}
    documents_now = [document_of(facts[product_id], texts[product_id]) for product_id in facts]
    write_documents(documents_now, documents)
    write_postings([posting for pk in facts for posting in postings_of(facts[pk], texts[pk])], list(facts))
    return count_words(documents.values(), documents_now, texts)


def _locked(ids: Sequence[int]) -> dict[int, list[list[int]]]:
    """What each product's card has counted. Serialises two refreshes of one product: each counts the difference to
    what the other left. A product that has no card is locked itself: until then two could write its first one.
    """
    cards = ProductCard.objects.order_by("pk").select_for_update()
    counted: dict[int, list[list[int]]] = dict(cards.filter(pk__in=ids).values_list("pk", "counted"))
    bare = [product_id for product_id in ids if product_id not in counted]
    if bare:
        list(Product.objects.filter(pk__in=bare).order_by("pk").select_for_update().values_list("pk"))
        counted.update(cards.filter(pk__in=bare).values_list("pk", "counted"))
    return counted
