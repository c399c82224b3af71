from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from django.db import connection, models
from django.db.models import BooleanField, Case, ExpressionWrapper, IntegerField, Value, When
from django.db.models.expressions import RawSQL

from apps.catalogue.models.page_address import PageQuerySet
from apps.catalogue.words import KEYWORD

if TYPE_CHECKING:
    from apps.catalogue.listing.question import Term
    from apps.catalogue.words import Word

Columns = tuple[str, ...]
NAMES = ("name",)
EVERYTHING = ("name", "body")
BEST_FIRST = ("-in_stock", "-popularity", "length", "product_id")
SOME = 8
"""The first tier of the documents that have only some of the words."""


class ProductQuerySet(PageQuerySet):
    def visible(self) -> "ProductQuerySet":
        """Published products in visible rayons: what a shopper may see."""
        return self.filter(state="PUBLISHED", category__is_visible=True)


class CardQuerySet(models.QuerySet):
    pass


class EntryQuerySet(models.QuerySet):
    def in_category(self, category_id: int) -> "EntryQuerySet":
        """Everything visible in a rayon and in those under it."""
        return self.filter(category=category_id)


class SearchQuerySet(models.QuerySet):
    def matching(
        self, terms: Sequence["Term"], language: str, *, begun: Collection[str] = (), some: bool = False
    ) -> "SearchQuerySet":
        """Documents with all the terms, best first. A term's words count as whole ones, and those whose stem is in
        `begun` as the beginnings of longer ones as well.

        `tier` says how well: 0 all whole in the name with the accents typed, 1 all whole in the name, 2 with what
        would do instead of them, 3 whole in the name, rayons or characteristics, 4 begun in the name, 5 begun there,
        6 whole anywhere, 7 anywhere. Within a tier what is in stock comes first. With `some` those with only some of
        the terms follow, in the same order, from tier SOME on.
        """
        tiers = _tiers(terms, language, begun, every=True)
        if some:
            tiers += [(tier + SOME, condition) for tier, condition in _tiers(terms, language, begun, every=False)]
        whens = [When(condition, then=Value(tier)) for tier, condition in tiers[:-1]]
        last, found = tiers[-1]
        tier = Case(*whens, default=Value(last), output_field=IntegerField()) if whens else Value(last)
        return self.filter(found).annotate(tier=tier).order_by("tier", *BEST_FIRST)

    def indexed_with(self, columns: "Columns", tokens: Sequence[str]) -> "SearchQuerySet":
        """Documents that the full-text index knows by at least one of these tokens."""
        terms = [[[token]] for token in tokens]
        query = _mysql(terms, every=False) if connection.vendor == "mysql" else _fts5(columns, terms, every=False)
        return self.filter(_matches(columns, query))


def _tiers(
    terms: Sequence["Term"], language: str, begun: Collection[str], *, every: bool
) -> list[tuple[int, ExpressionWrapper]]:
    """The best first; all of them imply the last. What has been asked for already is left out: each condition is a
    search of its own."""
    own = [(term.words,) for term in terms]
    others = [(term.words, *term.others) for term in terms]

    def whole(word: "Word") -> str:
        return word.token(language)

    def part(word: "Word") -> str:
        return f"{word.beginning(language)}*" if word.stem in begun else word.token(language)

    def keyword(word: "Word") -> str:
        return word.token(language, KEYWORD)

    def keyword_part(word: "Word") -> str:
        return f"{word.beginning(language, KEYWORD)}*" if word.stem in begun else word.token(language, KEYWORD)

    def spelt(word: "Word") -> str:
        return word.accented(language) or word.token(language)

    asked = [
        (1, NAMES, own, whole),
        (2, NAMES, others, whole),
        (3, EVERYTHING, others, keyword),
        (4, NAMES, own, part),
        (5, EVERYTHING, others, keyword_part),
        (6, EVERYTHING, others, whole),
        (7, EVERYTHING, others, part),
    ]
    if not every:
        asked = [each for each in asked if each[0] in (1, 3, 7)]
    elif any(word.accents for term in terms for word in term.words):
        asked.insert(0, (0, NAMES, own, spelt))
    found: dict[tuple[Columns, str], int] = {}
    for tier, columns, phrases, token in asked:
        tokens = [[[token(word) for word in phrase] for phrase in each] for each in phrases]
        query = _mysql(tokens, every=every) if connection.vendor == "mysql" else _fts5(columns, tokens, every=every)
        found.setdefault((columns, query), tier)
    return [(tier, _matches(columns, query)) for (columns, query), tier in found.items()]


def _mysql(terms: Sequence[Sequence[Sequence[str]]], *, every: bool) -> str:
    """Boolean full-text search (https://dev.mysql.com/doc/refman/8.4/en/fulltext-boolean.html): of each term, one of
    its phrases; of a phrase, all the tokens. They consist of a-z, 0-9 and _ alone and need no quoting."""

    def phrase(tokens: Sequence[str]) -> str:
        return tokens[0] if len(tokens) == 1 else f"({' '.join(f'+{token}' for token in tokens)})"

    def term(phrases: Sequence[Sequence[str]]) -> str:
        return phrase(phrases[0]) if len(phrases) == 1 else f"({' '.join(phrase(each) for each in phrases)})"

    return " ".join(f"{'+' if every else ''}{term(phrases)}" for phrases in terms)


def _fts5(columns: "Columns", terms: Sequence[Sequence[Sequence[str]]], *, every: bool) -> str:
    """The same for SQLite (https://www.sqlite.org/fts5.html#full_text_query_syntax)."""

    def quoted(token: str) -> str:
        return f'"{token.rstrip("*")}"{"*" if token.endswith("*") else ""}'

    def term(phrases: Sequence[Sequence[str]]) -> str:
        return " OR ".join(f"({' AND '.join(quoted(token) for token in phrase)})" for phrase in phrases)

    glue = " AND " if every else " OR "
    return f"{{{' '.join(columns)}}} : ({glue.join(f'({term(phrases)})' for phrases in terms)})"


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
