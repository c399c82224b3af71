from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import connection, models
from django.db.models import BooleanField, Case, ExpressionWrapper, IntegerField, Value, When
from django.db.models.expressions import RawSQL

from apps.catalogue.models.page_address import PageQuerySet

if TYPE_CHECKING:
    from apps.catalogue.words import Word

NAMES = ("name",)
EVERYTHING = ("name", "body")
BEST_FIRST = ("-in_stock", "-popularity", "length", "product_id")
SOME = 5
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
    def matching(self, words: Sequence["Word"], *, some: bool = False) -> "SearchQuerySet":
        """Documents with the words, each whole or as the beginning of a longer word, best first.

        `tier` says how well: 0 all whole in the name with the accents typed, 1 all whole in the name, 2 all in the
        name, 3 all whole anywhere, 4 anywhere. Within a tier what is in stock comes first. With `some` those with only
        some of the words follow, in the same order, from tier SOME on.
        """
        tiers = _tiers(words, every=True)
        if some:
            tiers += [(tier + SOME, condition) for tier, condition in _tiers(words, every=False)]
        whens = [When(condition, then=Value(tier)) for tier, condition in tiers[:-1]]
        last, found = tiers[-1]
        return (
            self.filter(found)
            .annotate(tier=Case(*whens, default=Value(last), output_field=IntegerField()))
            .order_by("tier", *BEST_FIRST)
        )


def _tiers(words: Sequence["Word"], *, every: bool) -> list[tuple[int, ExpressionWrapper]]:
    """From the strictest to the loosest, which all the others imply."""
    whole, begun = [word.whole for word in words], [_beginning(word) for word in words]
    tiers = [
        (1, _matches(NAMES, whole, every=every)),
        (2, _matches(NAMES, begun, every=every)),
        (3, _matches(EVERYTHING, whole, every=every)),
        (4, _matches(EVERYTHING, begun, every=every)),
    ]
    if any(word.accents for word in words):
        tiers.insert(0, (0, _matches(NAMES, [word.accented or word.whole for word in words], every=every)))
    return tiers


def _beginning(word: "Word") -> str:
    """Words of up to three letters begin too many others ("thé", thermos) to be searched as parts."""
    return f"{word.stem}*" if len(word.stem) > 3 else word.whole


def _matches(columns: Sequence[str], tokens: Sequence[str], *, every: bool) -> ExpressionWrapper:
    """A condition on SearchDocument in the dialect of the database's full-text search; a trailing * means a beginning.

    The tokens consist of a-z, 0-9 and _ alone (see apps.catalogue.words), so that they need no quoting in either.
    """
    if connection.vendor == "mysql":
        sign = "+" if every else ""
        query = " ".join(sign + token for token in tokens)
        names = ", ".join(f"catalogue_searchdocument.{column}" for column in columns)
        sql = f"MATCH ({names}) AGAINST (%s IN BOOLEAN MODE) > 0"
    else:
        glue = " AND " if every else " OR "
        asked = glue.join(f'"{token.rstrip("*")}"{"*" if token.endswith("*") else ""}' for token in tokens)
        query = f"{{{' '.join(columns)}}} : ({asked})"
        sql = (
            "catalogue_searchdocument.product_id IN"
            " (SELECT rowid FROM catalogue_searchindex WHERE catalogue_searchindex MATCH %s)"
        )
    return ExpressionWrapper(RawSQL(sql, [query]), output_field=BooleanField())  # noqa: S611
