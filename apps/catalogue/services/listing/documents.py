"""Rows of SearchDocument: the text by which full-text search finds a product."""

from collections.abc import Sequence

from apps.catalogue import words
from apps.catalogue.models import SearchDocument
from apps.catalogue.price_ranges import range_of
from apps.catalogue.services.listing.bulk import CHUNK
from apps.catalogue.services.listing.facts import Facts, cheapest, in_stock, read
from apps.catalogue.services.listing.texts import Text, Texts, name_length, texts_of

MARK = "__3"
"""Every document's first token: the version of their format. When it changes, `renew_search` writes them anew."""
TEXTS = ("name", "body")


def document_of(facts: Facts, texts: Texts) -> SearchDocument:
    price = cheapest(facts)["price"]
    return SearchDocument(
        product_id=facts.product["id"],
        name=" ".join([MARK, *(token for text in texts for token in words.index_text(texts[text].name, text))]),
        body=" ".join(dict.fromkeys(token for text in texts for token in _body(texts[text], text))),
        length=name_length(facts),
        in_stock=in_stock(facts),
        popularity=facts.product["popularity"],
        brand_id=facts.product["brand_id"],
        price=price,
        price_range=range_of(price),
        published_at=facts.product["published_at"],
        name_key=words.sort_key(facts.product["name_fr"]),
        name_key_en=words.sort_key(facts.product["name_en"] or facts.product["name_fr"]),
    )


def _body(text: Text, language: str) -> list[str]:
    keywords = words.index_text([*text.name, *text.about], language, words.KEYWORD)
    return [*keywords, *words.index_text([*text.about, *text.description], language)]


def write_documents(documents: Sequence[SearchDocument], held: dict[int, SearchDocument]) -> None:
    """Writes what differs from what is `held`, and a changed text as a new row.

    Never with ON DUPLICATE KEY UPDATE: of the rows whose text one such statement inserts or changes, InnoDB's FULLTEXT
    index gets only those after the last update (seen on MySQL 9.7), without an error. An INSERT, an UPDATE or a DELETE
    of many rows fills it.
    """
    rest = [column.attname for column in SearchDocument._meta.concrete_fields if not column.primary_key]
    rest = [name for name in rest if name not in TEXTS]
    written, changed = [], []
    for document in documents:
        before = held.get(document.pk)
        if before is None or any(getattr(before, name) != getattr(document, name) for name in TEXTS):
            written.append(document)
        elif any(getattr(before, name) != getattr(document, name) for name in rest):
            changed.append(document)
    stale = [document.pk for document in written if document.pk in held]
    if stale:
        SearchDocument.objects.filter(pk__in=stale).delete()
    SearchDocument.objects.bulk_create(written, batch_size=CHUNK)
    if changed:
        SearchDocument.objects.bulk_update(changed, [name.removesuffix("_id") for name in rest], batch_size=CHUNK)


def differing_documents(ids: Sequence[int]) -> list[int]:
    """Of these products, those whose document is not what it should be: another text, none, or one too many."""
    held = {pk: tuple(texts) for pk, *texts in SearchDocument.objects.filter(pk__in=ids).values_list("pk", *TEXTS)}
    wanted = {product.product["id"]: document_of(product, texts_of(product)) for product in read(ids)}
    return [
        pk
        for pk in ids
        if held.get(pk) != (tuple(getattr(wanted[pk], name) for name in TEXTS) if pk in wanted else None)
    ]
