"""Which page of ours an old link means now."""

from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, IntegerField, Q, QuerySet, Value

from apps.catalogue import listing
from apps.catalogue.listing.page_urls import product_url
from apps.catalogue.models import PageAddress, Product, Variant
from apps.imports.models import OldPath
from apps.imports.old_paths.links import LONGEST, Guess, Kind, guesses, normal_path

_MOST_ROWS = 40
_TEXT = CharField()


@dataclass(frozen=True, slots=True)
class Found:
    """A path of ours; `old_path_id` where an entry of the list led there, and no rule."""

    path: str
    old_path_id: int | None


def find_page(*, path: str, query: str, language: str, is_ours: bool = False) -> Found | None:
    """The page that an old link means, if anybody may see it. One query; none for a path that says nothing.

    `is_ours`: a path of this shop's own form, whose slug was looked up already: one of another language is no answer.
    """
    if len(path) > LONGEST:
        return None
    keys = {normal_path(path, query), normal_path(path)}
    asked = guesses(path, query)
    found = _rows(keys, asked, with_slugs=not is_ours)
    rows = sorted(found[:_MOST_ROWS], key=lambda row: _rank(row, asked, language))
    for row in rows:
        target = _target(row, language)
        if target and normal_path(target) != normal_path(path):
            return Found(target, row["old_id"])
    return None


def _rows(keys: set[str], asked: list[Guess], *, with_slugs: bool) -> "QuerySet[Any, dict[str, Any]]":
    """Entries of the list, present and former slugs, codes and references, of one shape, in one query."""
    legs = [
        _leg(OldPath.objects.filter(path__in=keys), "product", "category", old=F("pk"), to=F("to_path"), word=F("path"))
    ]
    words = {guess.word for guess in asked if guess.kind == Kind.PRODUCT}
    slugs = Q()
    for guess in asked:
        slugs |= Q(kind=guess.kind, slug=guess.word.lower())
    if asked and with_slugs:
        rows = PageAddress.objects.filter(slugs)
        legs.append(_leg(rows, "product", "category", word=F("slug"), tongue=F("language")))
    if words:
        legs.append(_leg(Product.objects.filter(code__in=words), "", None, word=F("code")))
        legs.append(_leg(Variant.objects.filter(sku__in=words), "product", None, word=F("sku")))
    first, *others = legs
    return first.union(*others, all=True) if others else first


def _leg(
    rows: "QuerySet[Any]",
    product: str,
    category: str | None,
    *,
    word: Any,
    old: Any = None,
    to: Any = None,
    tongue: Any = None,
) -> "QuerySet[Any, dict[str, Any]]":
    before = f"{product}__" if product else ""
    return (
        rows.order_by()
        .annotate(
            old_id=old or Value(None, output_field=IntegerField()),
            word=word,
            to=to or Value("", output_field=_TEXT),
            tongue=tongue or Value("", output_field=_TEXT),
            slug_in_fr=F(f"{before}slug_fr"),
            slug_in_en=F(f"{before}slug_en"),
            product_state=F(f"{before}state"),
            is_shelf_visible=F(f"{before}category__is_visible"),
            rayon_id=F(f"{category}_id") if category else Value(None, output_field=IntegerField()),
        )
        .values(
            "old_id",
            "word",
            "to",
            "tongue",
            "slug_in_fr",
            "slug_in_en",
            "product_state",
            "is_shelf_visible",
            "rayon_id",
        )
    )


def _rank(row: dict[str, Any], asked: list[Guess], language: str) -> tuple[int, int, int]:
    """The owner's own list, then the likeliest guess, in the language of the link before the others."""
    if row["old_id"] is not None:
        return (0, -len(row["word"]), 0)
    kind = Kind.CATEGORY if row["rayon_id"] is not None else Kind.PRODUCT
    places = [
        at for at, guess in enumerate(asked) if guess.kind == kind and row["word"] in (guess.word, guess.word.lower())
    ]
    return (1, min(places, default=len(asked)), row["tongue"] != language)


def _target(row: dict[str, Any], language: str) -> str:
    if row["to"]:
        return str(row["to"])
    if row["rayon_id"] is not None:
        rayon = listing.tree(language).by_id.get(row["rayon_id"])
        return rayon.url if rayon is not None else ""
    if row["product_state"] == Product.State.PUBLISHED and row["is_shelf_visible"]:
        return product_url(row[f"slug_in_{language}"], language)
    return ""
