from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import QuerySet

from apps.catalogue import revision
from apps.catalogue.listing.cards import Card, cards
from apps.catalogue.listing.facets import MAX_BRANDS, Kind, Name, facets
from apps.catalogue.listing.filters import (
    AVAILABLE,
    BRAND,
    DEFAULT_SORT,
    PAGE_SIZE,
    PRICE,
    Filters,
    read_page,
    read_sort,
    read_text,
)
from apps.catalogue.listing.page import Listing, clamp
from apps.catalogue.listing.tree import Rayon, tree
from apps.catalogue.listing.vocabulary import Vocabulary, vocabulary
from apps.catalogue.models import SearchDocument
from apps.catalogue.postings import best_with, is_in_stock
from apps.catalogue.price_ranges import NUMBERS
from apps.catalogue.querysets import SOME
from apps.catalogue.words import EMPTY_WORDS, Word, split
from apps.common.translation import current_language

MAX_WORDS = 8
MAX_FOUND = 240
"""The best matches: only these are paged, filtered and counted."""
ENOUGH = PAGE_SIZE
"""Names with all the words: with so many, nothing else is searched."""
FEW = 400
"""Names with any of the words: up to here they are searched together with those that have all of them."""
MAX_RAYONS = 4
SORTED_BY = {"prix": "price", "prix-desc": "price", "nouveautes": "published_at", "nom": "name_key"}


class Match(NamedTuple):
    product_id: int
    in_stock: bool
    brand_id: int | None
    price_range: int
    brand_slug: str | None
    brand_name: str | None
    by: Any = None
    """What the list is sorted by, unless by relevance."""
    tier: int = 0
    """SOME or more: it has only some of the words."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """While typing: a few products, the rayons named so, and the text as it was understood."""

    text: str
    corrected: str
    cards: tuple[Card, ...]
    rayons: tuple[Rayon, ...]


def search(text: str | None, *, filters: Filters, sort: str | None = None, page: str | int | None = 1) -> Listing:
    """Products for what was typed, at most four queries: revision, matches (in one or two steps), cards.

    Unknown words are corrected first (`corrected`). SKUs and barcodes are words like others. When no product has all
    the words, those with some of them are shown (`loose`). Any text is safe, `sort` and `page` as in the address.
    """
    text, sort = read_text(text), read_sort(sort)
    known = revision.both()
    shop = vocabulary(known.vocabulary)
    words, corrected = understand(text, shop)
    found, loose = _find(words, shop, sort=sort)
    filters = _usable(filters, loose=loose)
    matches = _sorted([match for match in found if _passes(match, filters)], sort)
    number, pages = clamp(read_page(page), len(matches))
    brands = [] if loose else _brands(found, filters)
    counts = {} if loose else _counts(found, filters)
    return Listing(
        cards=cards([match.product_id for match in matches[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]]),
        total=len(matches),
        page=number,
        pages=pages,
        facets=facets(names=brands, counts=counts, filters=filters, sort=sort, text=text),
        filters=filters,
        sort=sort,
        text=text,
        corrected=corrected if found else "",
        rayons=_rayons(words, tree(current_language(), known.catalogue).by_id.values()),
        capped=len(found) == MAX_FOUND,
        loose=loose,
    )


def suggest(text: str | None, *, limit: int = 8) -> Suggestions:
    """What the shopper may be about to type; at most four queries: revision, matches (in one or two steps), cards.

    The last word, perhaps half typed, is taken for the shop's most frequent word that begins so.
    """
    text = read_text(text)
    known = revision.both()
    shop = vocabulary(known.vocabulary)
    words, corrected = understand(text, shop)
    found: list[Match] = []
    if words:
        last = Word(stem=shop.completed(words[-1].stem), written=words[-1].written, accents="")
        found = _best([*words[:-1], last], shop, limit=limit)
    if len(found) < limit and words:
        found = _rows(SearchDocument.objects.matching(words), limit=limit)
    return Suggestions(
        text=text,
        corrected=corrected if found else "",
        cards=cards([match.product_id for match in found]),
        rayons=_rayons(words, tree(current_language(), known.catalogue).by_id.values()),
    )


def understand(text: str, shop: Vocabulary) -> tuple[list[Word], str]:
    """The words to search, each corrected if the shop does not know it, and the corrected text if one was."""
    typed = split(text)
    telling = [word for word in typed if word.written not in EMPTY_WORDS] or typed
    words, changed = [], False
    for word in list(dict.fromkeys(telling))[:MAX_WORDS]:
        correction = None if shop.knows(word.stem) else shop.correct(word)
        words.append(correction or word)
        changed = changed or correction is not None
    return words, " ".join(word.written for word in words) if changed else ""


def _find(words: Sequence[Word], shop: Vocabulary, *, sort: str) -> tuple[list[Match], bool]:
    """The best matches, and whether they have only some of the words: one query, in large shops sometimes two.

    Descriptions and beginnings of words are searched when the names with the whole words do not fill a page: with more
    of them, whoever wants chocolate is not served by a list of ingredients. A word that the shop does not know is left
    out, for nothing has it.
    """
    documents = SearchDocument.objects
    known = [word for word in words if not shop.lacks(word.stem)]
    loose = len(known) < len(words)
    if not known:
        return [], False
    several = len(known) > 1
    if several and shop.is_rare(known, FEW):
        found = _rows(documents.matching(known, some=True), sort=sort, tier=True)
    else:
        found = []
        if frequent := all(shop.names.get(word.stem, 0) >= ENOUGH for word in known):
            found = _best(known, shop, sort=sort)
        if len(found) >= ENOUGH:
            return found, loose
        if found or not (frequent and several):
            found = _rows(documents.matching(known), sort=sort)
        if not found and several:
            found = _rows(documents.matching(known, some=True), sort=sort, tier=True)
    whole = [match for match in found if match.tier < SOME]
    return whole or found, bool(found) and (loose or not whole)


def _best(words: Sequence[Word], shop: Vocabulary, *, sort: str = DEFAULT_SORT, limit: int = MAX_FOUND) -> list[Match]:
    """What has all the words in the name, by postings; among the best, those spelt as typed come first."""
    rarest_first = sorted(words, key=lambda word: shop.names.get(word.stem, 0))
    posted = best_with(rarest_first, by=SORTED_BY.get(sort, ""), limit=limit)
    return [
        Match(
            product_id=each.product_id,
            in_stock=is_in_stock(each.place),
            brand_id=each.brand_id,
            price_range=each.price_range,
            brand_slug=each.brand_slug,
            brand_name=each.brand_name,
            by=each.by,
        )
        for each in sorted(posted, key=lambda each: not each.is_spelt)
    ]


def _rows(
    documents: QuerySet[SearchDocument], *, sort: str = DEFAULT_SORT, limit: int = MAX_FOUND, tier: bool = False
) -> list[Match]:
    columns = ["product_id", "in_stock", "brand_id", "price_range", "brand__slug", "brand__name"]
    columns.append(SORTED_BY.get(sort, "product_id"))
    if tier:
        columns.append("tier")
    return [Match(*row) for row in documents.values_list(*columns)[:limit]]


def _usable(filters: Filters, *, loose: bool) -> Filters:
    """Search has no attribute facets, and none at all where not all the words were found."""
    return Filters() if loose else Filters(brands=filters.brands, prices=filters.prices, available=filters.available)


def _passes(match: Match, filters: Filters, *, but: str = "") -> bool:
    return (
        (but == AVAILABLE or not filters.available or match.in_stock)
        and (but == PRICE or not filters.prices or match.price_range in {NUMBERS[key] for key in filters.prices})
        and (but == BRAND or not filters.brands or match.brand_slug in filters.brands)
    )


def _counts(found: Sequence[Match], filters: Filters) -> dict[tuple[int, int], int]:
    """A facet's own values are counted as if none of them were chosen."""
    counts: Counter[tuple[int, int]] = Counter()
    for match in found:
        if match.in_stock and _passes(match, filters, but=AVAILABLE):
            counts[Kind.AVAILABILITY, 1] += 1
        if _passes(match, filters, but=PRICE):
            counts[Kind.PRICE, match.price_range] += 1
        if match.brand_id and _passes(match, filters, but=BRAND):
            counts[Kind.BRAND, match.brand_id] += 1
    return counts


def _brands(found: Sequence[Match], filters: Filters) -> list[Name]:
    """The most frequent brands and those chosen, the most frequent first."""
    named = {match.brand_id: match for match in found if match.brand_id}
    frequent = Counter(match.brand_id for match in found if match.brand_id)
    names = [
        Name(Kind.BRAND, pk, BRAND, "", match.brand_slug or "", match.brand_name or "") for pk, match in named.items()
    ]
    names.sort(key=lambda each: (-frequent[each.key], each.label))
    return [each for place, each in enumerate(names) if place < MAX_BRANDS or each.slug in filters.brands]


def _sorted(matches: list[Match], sort: str) -> list[Match]:
    """The best matches in another order; what is equal stays in that of relevance."""
    if sort not in SORTED_BY:
        return matches
    return sorted(matches, key=lambda match: match.by, reverse=sort in ("prix-desc", "nouveautes"))


def _rayons(words: Sequence[Word], rayons: Iterable[Rayon]) -> tuple[Rayon, ...]:
    """Rayons with all the words in their names, the last word perhaps half typed."""
    if not words:
        return ()

    def named(rayon: Rayon) -> bool:
        stems = [word.stem for word in split(rayon.name)]
        return all(any(_begins(stem, word.stem) for stem in stems) for word in words)

    return tuple(rayon for rayon in rayons if named(rayon))[:MAX_RAYONS]


def _begins(stem: str, typed: str) -> bool:
    return stem == typed or (len(typed) > 2 and stem.startswith(typed))
