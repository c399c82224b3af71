"""The order of search results as one number, and the best products of frequent words read by it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from apps.catalogue.words import Word, known_as

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


class Posted(NamedTuple):
    product_id: int
    place: int
    brand_id: int | None
    price_range: int
    brand_slug: str | None
    brand_name: str | None
    by: Any
    """What was asked for in `by`."""
    is_spelt: bool
    """All the words that were typed with accents stand in the name with the same ones."""


def best_with(words: Sequence[Word], language: str, *, by: str, limit: int) -> list[Posted]:
    """The best products with all the words in their names, best first; one query.

    `by` names a column of their documents to bring along, or is empty. Reads the first word's postings from the best on
    and looks each up under the others: give the rarest first.
    """
    first, *others = words
    joins = "".join(
        f" JOIN catalogue_searchposting p{number} ON p{number}.word = %s AND p{number}.product_id = p0.product_id"
        for number in range(1, len(words))
    )
    # Only where accents were typed: without them, looking a word up takes no more than its index.
    accented = {f"a{number}": (f"p{number}.accents", word.accents) for number, word in enumerate(words) if word.accents}
    spelt = "".join(f", {column} AS {name}" for name, (column, _typed) in accented.items())
    # MySQL would sooner join the frequent word first, and sort.
    ordered = "STRAIGHT_JOIN" if connection.vendor == "mysql" else ""
    document = " JOIN catalogue_searchdocument d ON d.product_id = f.product_id" if by else ""
    sql = (
        "SELECT f.product_id, f.place, f.brand_id, f.price_range, b.slug, b.name,"  # noqa: S608
        f" {f'd.{by}' if by else 'NULL'}{''.join(f', f.{name}' for name in accented)}"
        f" FROM (SELECT {ordered} p0.product_id, p0.place, p0.brand_id, p0.price_range{spelt}"
        f" FROM catalogue_searchposting p0{joins} WHERE p0.word = %s ORDER BY p0.place, p0.product_id LIMIT %s) f"
        f"{document} LEFT JOIN catalogue_brand b ON b.id = f.brand_id ORDER BY f.place, f.product_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*(known_as(word.stem, language) for word in (*others, first)), limit])
        rows = cursor.fetchall()
    typed = tuple(accents for _column, accents in accented.values())
    return [Posted._make((*row[:7], tuple(row[7:]) == typed)) for row in rows]
