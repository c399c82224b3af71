from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from django.db import connection, models
from django.db.models import BooleanField, Case, ExpressionWrapper, IntegerField, Value, When
from django.db.models.expressions import RawSQL

from apps.catalogue.models.page_address import PageQuerySet
from apps.catalogue.words import KEYWORD

if TYPE_CHECKING:
    from apps.catalogue.listing.question import Term
    from apps.catalogue.synonyms import Phrase
    from apps.catalogue.words import Word

Columns = tuple[str, ...]
Asked = Sequence[Sequence[Sequence[str]]]
"""Terms, each of phrases, each of tokens."""
NAMES = ("name",)
EVERYTHING = ("name", "body")
BEST_FIRST = ("-in_stock", "-popularity", "length", "product_id")
NAMED, DESCRIBED = range(6), range(6, 8)
"""Tiers of the words in names, rayons and characteristics; and of those anywhere."""
TIERS = range(8)
SOME = 8
"""The first tier of the documents that have only some of the words."""


class ProductQuerySet(PageQuerySet):
    def visible(self) -> "ProductQuerySet":
        """Published products in visible rayons: what a shopper may see."""
        return self.filter(state="PUBLISHED", category__is_visible=True)


class InStock(models.QuerySet):
    def in_stock(self) -> Self:
        """By comparison: for a boolean alone (`WHERE in_stock`) SQLite reads no index that begins with it."""
        return self.filter(in_stock=Value(True))


class CardQuerySet(InStock):
    pass


class EntryQuerySet(InStock):
    def in_category(self, category_id: int) -> "EntryQuerySet":
        """Everything visible in a rayon and in those under it."""
        return self.filter(category=category_id)


class SearchQuerySet(models.QuerySet):
    def in_tiers(self, asked: Iterable[tuple[int, Columns, str]]) -> "SearchQuerySet":
        """Documents that one of the queries of `tiers_of` finds, with the `tier` of the first, best first. The last
        query finds all that the others do."""
        conditions = [(tier, _matches(columns, query)) for tier, columns, query in asked]
        whens = [When(condition, then=Value(tier)) for tier, condition in conditions[:-1]]
        last, found = conditions[-1]
        tier = Case(*whens, default=Value(last), output_field=IntegerField()) if whens else Value(last)
        return self.filter(found).annotate(tier=tier).order_by("tier", *BEST_FIRST)

    def indexed_with(self, columns: "Columns", tokens: Sequence[str]) -> "SearchQuerySet":
        """Documents that the full-text index finds by at least one of these tokens."""
        query = _query([[[token]] for token in tokens], every=False)
        return self.filter(_matches(columns, _in_columns(columns, query)))


def tiers_of(
    terms: Sequence["Term"],
    language: str,
    *,
    begun: Collection[str] = (),
    beginnings: Collection[str] = (),
    named: Collection[str] = (),
    tiers: Collection[int] = TIERS,
    some: bool = False,
) -> list[tuple[int, Columns, str]]:
    """Queries for documents with all the terms, each (tier, columns, query in the database's dialect), best first.

    A term's words count as whole ones, and those whose stem is in `begun` as the beginnings of longer ones as well;
    those in `beginnings` stand nowhere as whole ones.

    `tier` is how well: 0 all whole in the name with the accents typed, 1 all whole in the name, 2 with alternatives
    of them, 3 whole in the name, rayons or characteristics, 4 begun in the name, 5 begun there,
    6 whole anywhere, 7 anywhere. Within a tier what is in stock comes first. Only `tiers` are asked for: those of
    NAMED read no description, where a word may stand in every document.

    With `some` those with only some of the terms follow, in the same order, from tier SOME on; those whose stem is
    in `named` are then not looked for in descriptions.
    """
    asked = _tiers(terms, language, begun, beginnings, tiers)
    if some:
        asked += _some_tiers(terms, language, begun, named)
    return [(tier, columns, _in_columns(columns, query)) for (columns, query), tier in _once(asked).items()]


def _tiers(
    terms: Sequence["Term"],
    language: str,
    begun: Collection[str],
    beginnings: Collection[str],
    tiers: Collection[int],
) -> list[tuple[int, Columns, str]]:
    """The best first; all of them imply the last."""
    own = [(term.words,) for term in terms]
    others = [(term.words, *term.others) for term in terms]
    write = _Tokens(language, begun)
    asked = [
        (1, NAMES, own, write.whole),
        (2, NAMES, others, write.whole),
        (3, EVERYTHING, others, write.keyword),
        (4, NAMES, own, write.part),
        (5, EVERYTHING, others, write.keyword_part),
        (6, EVERYTHING, others, write.whole),
        (7, EVERYTHING, others, write.part),
    ]
    if any(word.accents for term in terms for word in term.words):
        asked.insert(0, (0, NAMES, own, write.spelt))
    asked = [each for each in asked if each[0] in tiers]

    def is_possible(phrases: Sequence[Sequence["Phrase"]]) -> bool:
        return all(any(all(word.stem not in beginnings for word in phrase) for phrase in each) for each in phrases)

    return [
        (tier, columns, _query(_written(phrases, token), every=True))
        for tier, columns, phrases, token in asked
        if token in (write.part, write.keyword_part) or tier == asked[-1][0] or is_possible(phrases)
    ]


def _some_tiers(
    terms: Sequence["Term"], language: str, begun: Collection[str], named: Collection[str]
) -> list[tuple[int, Columns, str]]:
    """The last is implied by all others, those of `_tiers` included."""
    own = [(term.words,) for term in terms]
    others = [(term.words, *term.others) for term in terms]
    write = _Tokens(language, begun)

    def some_part(word: "Word") -> str:
        return write.keyword_part(word) if word.stem in named else write.part(word)

    return [
        (SOME + 1, NAMES, _query(_written(own, write.whole), every=False)),
        (SOME + 3, EVERYTHING, _query(_written(others, write.keyword), every=False)),
        (
            SOME + 7,
            EVERYTHING,
            _query(_written(others, some_part), every=False, or_every=_written(others, write.part)),
        ),
    ]


def _once(asked: Iterable[tuple[int, Columns, str]]) -> dict[tuple[Columns, str], int]:
    """Without repeated conditions: each is a full-text search of its own."""
    found: dict[tuple[Columns, str], int] = {}
    for tier, columns, query in asked:
        found.setdefault((columns, query), tier)
    return found


@dataclass(frozen=True, slots=True)
class _Tokens:
    """How a word is written in a full-text query; with * at its end, as the beginning of longer ones."""

    language: str
    begun: Collection[str]

    def whole(self, word: "Word") -> str:
        return word.token(self.language)

    def part(self, word: "Word") -> str:
        return f"{word.beginning(self.language)}*" if word.stem in self.begun else word.token(self.language)

    def keyword(self, word: "Word") -> str:
        return word.token(self.language, KEYWORD)

    def keyword_part(self, word: "Word") -> str:
        if word.stem in self.begun:
            return f"{word.beginning(self.language, KEYWORD)}*"
        return word.token(self.language, KEYWORD)

    def spelt(self, word: "Word") -> str:
        return word.accented(self.language) or word.token(self.language)


def _written(terms: Sequence[Sequence["Phrase"]], token: Callable[["Word"], str]) -> Asked:
    return [[[token(word) for word in phrase] for phrase in phrases] for phrases in terms]


def _query(terms: Asked, *, every: bool, or_every: Asked | None = None) -> str:
    """Of each term, one of its phrases; of a phrase, all the tokens. All the terms or any of them, or all of
    `or_every`."""
    if connection.vendor == "mysql":
        query = _mysql(terms, every=every)
        return f"{query} ({_mysql(or_every, every=True)})" if or_every else query
    query = _fts5(terms, every=every)
    return f"{query} OR ({_fts5(or_every, every=True)})" if or_every else query


def _mysql(terms: Asked, *, every: bool) -> str:
    """Boolean full-text search (https://dev.mysql.com/doc/refman/8.4/en/fulltext-boolean.html). The tokens consist of
    a-z, 0-9 and _ alone and need no quoting."""

    def phrase(tokens: Sequence[str]) -> str:
        return tokens[0] if len(tokens) == 1 else f"({' '.join(f'+{token}' for token in tokens)})"

    def term(phrases: Sequence[Sequence[str]]) -> str:
        return phrase(phrases[0]) if len(phrases) == 1 else f"({' '.join(phrase(each) for each in phrases)})"

    return " ".join(f"{'+' if every else ''}{term(phrases)}" for phrases in terms)


def _fts5(terms: Asked, *, every: bool) -> str:
    """The same for SQLite (https://www.sqlite.org/fts5.html#full_text_query_syntax)."""

    def quoted(token: str) -> str:
        return f'"{token.rstrip("*")}"{"*" if token.endswith("*") else ""}'

    def term(phrases: Sequence[Sequence[str]]) -> str:
        return " OR ".join(f"({' AND '.join(quoted(token) for token in phrase)})" for phrase in phrases)

    glue = " AND " if every else " OR "
    return glue.join(f"({term(phrases)})" for phrases in terms)


def _in_columns(columns: "Columns", query: str) -> str:
    """FTS5 reads the columns in the query; MySQL in the statement."""
    return query if connection.vendor == "mysql" else f"{{{' '.join(columns)}}} : ({query})"


def _matches(columns: "Columns", query: str) -> ExpressionWrapper:
    """A condition on SearchDocument in the dialect of the database's full-text search."""
    if connection.vendor == "mysql":
        names = ", ".join(f"catalogue_searchdocument.{column}" for column in columns)
        sql = f"MATCH ({names}) AGAINST (%s IN BOOLEAN MODE) > 0"
    else:
        sql = (
            "catalogue_searchdocument.product_id IN"
            " (SELECT rowid FROM catalogue_searchindex WHERE catalogue_searchindex MATCH %s)"
        )
    return ExpressionWrapper(RawSQL(sql, [query]), output_field=BooleanField())  # noqa: S611
