"""Ranked postings: the order of search results as one number, and the best products of frequent words, read by it."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from apps.catalogue.words import Word, vocabulary_key
from apps.common import replicas

_POPULARITY_BITS, _LENGTH_BITS = 32, 8
_OUT_OF_STOCK = 1 << (_POPULARITY_BITS + _LENGTH_BITS)
"""The first place of what is not in stock."""


def posting_place(*, in_stock: bool, popularity: int, length: int) -> int:
    """The lower the better: in stock first, then popular, then short names; what is equal goes by primary key."""
    most = (1 << _POPULARITY_BITS) - 1
    longest = (1 << _LENGTH_BITS) - 1
    number = 0 if in_stock else 1
    number = number << _POPULARITY_BITS | most - min(max(popularity, 0), most)
    return number << _LENGTH_BITS | min(max(length, 0), longest)


def best_with(
    phrases: Sequence[Sequence[Word]], language: str, *, by: str, limit: int, beside: str = ""
) -> list[tuple[Any, ...]]:
    """The best products with all the words of a phrase in their names, then those of the next phrase; one query. Of
    each phrase, those whose names spell the accents as they were typed come first. A product may come once for each.

    Rows are (product, whether in stock, brand, price range, slug and name of the brand, `by`, 0). `by` names a column
    of their documents, or is empty; `beside` columns of their cards `c`, which are added to the row and are NULL where
    a product has none. Reads the first word's postings from the best on and looks each up under the others: give the
    rarest first.
    """
    parts = [_best_of(words, language, number, limit) for number, words in enumerate(phrases)]
    found, parameters = parts[0]
    if len(parts) > 1:
        found = " UNION ALL ".join(f"SELECT * FROM ({sql}) a{number}" for number, (sql, _) in enumerate(parts))  # noqa: S608
        parameters = [each for _, of_part in parts for each in of_part]
    document = " JOIN catalogue_searchdocument d ON d.product_id = f.product_id" if by else ""
    card = " LEFT JOIN catalogue_productcard c ON c.product_id = f.product_id" if beside else ""
    sql = (
        f"SELECT f.product_id, f.place < {_OUT_OF_STOCK}, f.brand_id, f.price_range, b.slug, b.name,"  # noqa: S608
        f" {f'd.{by}' if by else 'NULL'}, 0{beside and f', {beside}'} FROM ({found}) f"
        f"{document}{card} LEFT JOIN catalogue_brand b ON b.id = f.brand_id"
        " ORDER BY f.phrase, f.spelt DESC, f.place, f.product_id"
    )
    with replicas.connection_for("catalogue").cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


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
