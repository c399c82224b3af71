"""Ranked postings: the order of search results as one number, and the best products of frequent words, read by it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from apps.catalogue.words import Word, vocabulary_key
from apps.common import replicas

_POPULARITY_BITS, _LENGTH_BITS = 32, 8


def posting_place(*, in_stock: bool, popularity: int, length: int) -> int:
    """The lower the better: in stock first, then popular, then short names; what is equal goes by primary key."""
    most = (1 << _POPULARITY_BITS) - 1
    longest = (1 << _LENGTH_BITS) - 1
    number = 0 if in_stock else 1
    number = number << _POPULARITY_BITS | most - min(max(popularity, 0), most)
    return number << _LENGTH_BITS | min(max(length, 0), longest)


def is_in_stock(place: int) -> bool:
    return not place >> (_POPULARITY_BITS + _LENGTH_BITS)


class PostingMatch(NamedTuple):
    phrase: int
    product_id: int
    place: int
    brand_id: int | None
    price_range: int
    brand_slug: str | None
    brand_name: str | None
    by: Any
    """The column that was named by `by`."""
    is_spelt: bool
    """All the words that were typed with accents stand in the name with the same ones."""


def best_with(phrases: Sequence[Sequence[Word]], language: str, *, by: str, limit: int) -> list[PostingMatch]:
    """The best products with all the words of a phrase in their names, best first, then those of the next; one query.
    A product may come once for each phrase.

    `by` names a column of their documents to bring along, or is empty. Reads the first word's postings from the best on
    and looks each up under the others: give the rarest first.
    """
    parts = [_best_of(words, language, number, limit) for number, words in enumerate(phrases)]
    found, parameters = parts[0]
    if len(parts) > 1:
        found = " UNION ALL ".join(f"SELECT * FROM ({sql}) a{number}" for number, (sql, _) in enumerate(parts))  # noqa: S608
        parameters = [each for _, of_part in parts for each in of_part]
    document = " JOIN catalogue_searchdocument d ON d.product_id = f.product_id" if by else ""
    sql = (
        "SELECT f.phrase, f.product_id, f.place, f.brand_id, f.price_range, b.slug, b.name,"  # noqa: S608
        f" {f'd.{by}' if by else 'NULL'}, f.spelt FROM ({found}) f"
        f"{document} LEFT JOIN catalogue_brand b ON b.id = f.brand_id ORDER BY f.phrase, f.place, f.product_id"
    )
    with replicas.connection_for("catalogue").cursor() as cursor:
        cursor.execute(sql, parameters)
        return [PostingMatch(*row[:8], bool(row[8])) for row in cursor.fetchall()]


def _best_of(words: Sequence[Word], language: str, number: int, limit: int) -> tuple[str, list[Any]]:
    first, *others = words
    joins = "".join(
        f" JOIN catalogue_searchposting p{place} ON p{place}.word = %s AND p{place}.product_id = p0.product_id"
        for place in range(1, len(words))
    )
    # Only where accents were typed: without them, looking a word up takes no more than its index.
    accented = [(f"p{place}.accents = %s", word.accents) for place, word in enumerate(words) if word.accents]
    spelt = " AND ".join(condition for condition, _accents in accented) or "1"
    # Without it MySQL joins the frequent word first, and sorts.
    ordered = "STRAIGHT_JOIN" if connection.vendor == "mysql" else ""
    sql = (
        f"SELECT {ordered} {number} AS phrase, p0.product_id, p0.place, p0.brand_id, p0.price_range,"  # noqa: S608
        f" ({spelt}) AS spelt FROM catalogue_searchposting p0{joins}"
        " WHERE p0.word = %s ORDER BY p0.place, p0.product_id LIMIT %s"
    )
    keys = [vocabulary_key(word.stem, language) for word in (*others, first)]
    return sql, [*(accents for _condition, accents in accented), *keys, limit]
