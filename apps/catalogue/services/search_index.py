"""Consistency check and repair of the full-text index."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import QuerySet

from apps.catalogue.models import Product, ProductCard, SearchDocument
from apps.catalogue.querysets import EVERYTHING, NAMES
from apps.catalogue.services.listing import MARK, differing_documents, refresh_listing

logger = structlog.get_logger(__name__)

CHUNK = 200
# Documents that are read at a time, and tokens of one search.
READ, TOKENS = 1000, 100


@dataclass(frozen=True, slots=True)
class Repaired:
    """How many documents were repaired."""

    renewed: int = 0
    """Missing, or written by an earlier release."""
    reindexed: int = 0
    """Missing from the full-text index."""
    rewritten: int = 0
    """Whose text was not the product's."""

    def __bool__(self) -> bool:
        return bool(self.renewed or self.reindexed or self.rewritten)


def check_search_index() -> list[str]:
    """One line per visible product that a search cannot find."""
    without = _without_document().values_list("pk", flat=True)
    return [
        *(f"product {pk}: visible, without a search document" for pk in without),
        *(f"product {pk}: its search document is not in the full-text index" for pk in unindexed()),
    ]


def repair_search(*, thorough: bool) -> Repaired:
    """Repair what differs, in batches; `thorough` compares each document with its product as well."""
    repaired = Repaired(
        renewed=renew_search(), reindexed=_index_again(unindexed()), rewritten=_compare() if thorough else 0
    )
    if repaired:
        logger.warning(
            "search_repaired",
            renewed=repaired.renewed,
            reindexed=repaired.reindexed,
            rewritten=repaired.rewritten,
        )
    return repaired


def renew_search() -> int:
    """Write documents that are missing or in an earlier format; a repeat finds none. Two queries without any."""
    stale = SearchDocument.objects.exclude(name__startswith=f"{MARK} ")
    renewed = 0
    for rows in (stale, _without_document()):
        for ids in _chunks(rows):
            refresh_listing(product_ids=ids)
            renewed += len(ids)
    return renewed


def unindexed() -> list[int]:
    """The documents that the full-text index does not have: all are read twice, and each TOKENS tokens are a query.

    Each is searched by the rarest of its own words, many at once. Inside a transaction MySQL gives no answer: it fills
    the index when the transaction is committed.
    """
    if connection.vendor == "mysql" and connection.in_atomic_block:
        return []
    suspects = _suspects()
    # Checked twice: a document may have been written between the two queries.
    return [pk for start in range(0, len(suspects), CHUNK) for pk in _not_found(suspects[start : start + CHUNK])]


def _suspects() -> list[int]:
    """Rare among all documents, and not among some: a search by a word of many thousands takes a second."""
    places = (NAMES, EVERYTHING)
    counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for _pk, *of_document in _documents():
        for counted, tokens in zip(counts, of_document, strict=True):
            counted.update(set(tokens))
    asked: tuple[dict[str, list[int]], dict[str, list[int]]] = ({}, {})
    for pk, *of_document in _documents():
        for by_token, counted, tokens in zip(asked, counts, of_document, strict=True):
            if tokens:
                by_token.setdefault(_rarest_of(tokens, counted), []).append(pk)
    lost: set[int] = set()
    for columns, by_token in zip(places, asked, strict=True):
        missing = {pk for of_token in by_token.values() for pk in of_token}
        tokens = sorted(by_token)
        for start in range(0, len(tokens), TOKENS):
            found = SearchDocument.objects.all().indexed_with(columns, tokens[start : start + TOKENS])
            missing.difference_update(found.values_list("pk", flat=True))
        lost |= missing
    return sorted(lost)


def _documents() -> Iterator[tuple[int, list[str], list[str]]]:
    """Each with the tokens of its name and of all of it, some at a time in memory."""
    last = 0
    documents = SearchDocument.objects.order_by("pk").values_list("pk", "name", "body")
    while rows := list(documents.filter(pk__gt=last)[:READ]):
        for pk, name, body in rows:
            yield (pk, *_tokens(name, body))
        last = rows[-1][0]


def _tokens(name: str, body: str) -> tuple[list[str], list[str]]:
    of_name = [token for token in name.split() if token != MARK]
    return of_name, body.split() or of_name


def _not_found(ids: Sequence[int]) -> list[int]:
    names, bodies = {}, {}
    for pk, name, body in SearchDocument.objects.filter(pk__in=ids).values_list("pk", "name", "body"):
        names[pk], bodies[pk] = _tokens(name, body)
    lost: set[int] = set()
    for columns, tokens in ((NAMES, names), (EVERYTHING, bodies)):
        asked = {pk: of_document for pk, of_document in tokens.items() if of_document}
        rarest = _rarest(asked.values())
        if rarest:
            documents = SearchDocument.objects.filter(pk__in=list(asked)).indexed_with(columns, rarest)
            lost |= asked.keys() - set(documents.values_list("pk", flat=True))
    return sorted(lost)


def _rarest(documents: Collection[Sequence[str]]) -> list[str]:
    """A token of each document, the rarest among these documents: it brings the fewest others along."""
    counts = Counter(token for tokens in documents for token in set(tokens))
    return sorted({_rarest_of(tokens, counts) for tokens in documents})


def _rarest_of(tokens: Sequence[str], counts: Counter[str]) -> str:
    return min(tokens, key=lambda token: (counts[token], -len(token), token))


def _index_again(ids: Sequence[int]) -> int:
    if ids and connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO catalogue_searchindex (catalogue_searchindex) VALUES ('rebuild')")
        return len(ids)
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic():
            chunk = ids[start : start + CHUNK]
            list(ProductCard.objects.filter(pk__in=chunk).order_by("pk").select_for_update().values_list("pk"))
            documents = list(SearchDocument.objects.filter(pk__in=chunk))
            SearchDocument.objects.filter(pk__in=chunk).delete()
            SearchDocument.objects.bulk_create(documents)
    return len(ids)


def _compare() -> int:
    rewritten = 0
    for ids in _chunks(Product.objects.all()):
        differing = differing_documents(ids)
        refresh_listing(product_ids=differing)
        rewritten += len(differing)
    return rewritten


def _without_document() -> QuerySet[ProductCard]:
    return ProductCard.objects.filter(product__search_document__isnull=True)


def _chunks(rows: QuerySet[Any]) -> Iterator[list[int]]:
    """Primary keys in order, read batch by batch: what is done with one may change the rows."""
    last = 0
    while ids := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        yield ids
        last = ids[-1]
