from collections import Counter
from collections.abc import Sequence
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
from apps.catalogue.listing.question import Question, Term, understand
from apps.catalogue.listing.tree import Rayon, tree
from apps.catalogue.listing.vocabulary import Vocabulary, vocabularies
from apps.catalogue.models import SearchDocument
from apps.catalogue.postings import best_with, is_in_stock
from apps.catalogue.price_ranges import NUMBERS
from apps.catalogue.querysets import SOME
from apps.catalogue.words import Word, split, telling
from apps.common.translation import current_language

MAX_FOUND = 240
"""The best matches: only these are paged, filtered and counted."""
ENOUGH = PAGE_SIZE
"""Names with all the words: with so many, nothing else is searched."""
FEW = 400
"""Names with any of the words: up to here they are searched together with those that have all of them."""
MAX_RAYONS = 4
LEAST_LETTERS = 2
"""Of a word that is being typed, to be completed."""
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
    known, language = revision.both(), current_language()
    shops = vocabularies(known.vocabulary)
    question = understand(text, shops, language)
    found, loose = _find(question, shops[question.language], sort=sort)
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
        corrected=question.corrected if found else "",
        rayons=_rayons(question.words, language, known.catalogue),
        capped=len(found) == MAX_FOUND,
        loose=loose,
    )


def suggest(text: str | None, *, limit: int = 8) -> Suggestions:
    """What the shopper may be about to type; at most four queries: revision, matches (in one or two steps), cards.

    The last word, perhaps half typed, is taken for the shop's most frequent word that begins so.
    """
    text = read_text(text)
    known, language = revision.both(), current_language()
    shops = vocabularies(known.vocabulary)
    question = understand(text, shops, language)
    shop = shops[question.language]
    found: dict[int, Match] = {}
    if question.terms:
        *words, last = question.words
        completed = Word(stem=shop.completed(last.stem), written=last.written, accents="")
        best = _best([*words, completed], shop, limit=limit)
        found = {match.product_id: match for match in best}
    if question.terms and len(found) < limit:
        begun = _begun(question.terms, shop)
        if len(last.stem) >= LEAST_LETTERS:
            begun.add(last.stem)
        rows = _rows(SearchDocument.objects.matching(question.terms, question.language, begun=begun), limit=limit)
        found = {match.product_id: found.get(match.product_id, match) for match in (*found.values(), *rows)}
    return Suggestions(
        text=text,
        corrected=question.corrected if found else "",
        cards=cards(list(found)[:limit]),
        rayons=_rayons(question.words, language, known.catalogue),
    )


def _find(question: Question, shop: Vocabulary, *, sort: str) -> tuple[list[Match], bool]:
    """The best matches, and whether they have only some of the words: one query, in large shops sometimes two.

    Rayons, descriptions and beginnings of words are searched when the names with the whole words do not fill a page:
    with more of them, whoever wants chocolate is not served by a list of ingredients. A word that the shop does not
    know is left out, for nothing has it.
    """
    known = [term for term in question.terms if not term.is_lacking(shop)]
    loose = len(known) < len(question.terms)
    if not known:
        return [], False
    words = [word for term in known for word in term.words]
    begun, plain = _begun(known, shop), not any(term.others for term in known)
    several = len(known) > 1

    def matching(*, some: bool = False) -> list[Match]:
        documents = SearchDocument.objects.matching(known, question.language, begun=begun, some=some)
        return _rows(documents, sort=sort, tier=some)

    if several and shop.is_rare(words, FEW):
        found = matching(some=True)
    else:
        found = []
        if frequent := plain and all(shop.names.get(word.stem, 0) >= ENOUGH for word in words):
            found = _best(words, shop, sort=sort)
        if len(found) >= ENOUGH:
            return found, loose
        # Two queries at most: words that are frequent each and never together are at once looked for one by one.
        found = matching(some=several and frequent and not found)
        if not found and several and not frequent:
            found = matching(some=True)
    whole = [match for match in found if match.tier < SOME]
    return whole or found, bool(found) and (loose or not whole)


def _begun(terms: Sequence[Term], shop: Vocabulary) -> set[str]:
    """The stems that are also searched as beginnings. Those of up to three letters begin too many others (« thé »,
    thermos)."""
    stems = {word.stem for term in terms for phrase in (term.words, *term.others) for word in phrase}
    return {stem for stem in stems if len(stem) > 3 and shop.begins(stem)}


def _best(words: Sequence[Word], shop: Vocabulary, *, sort: str = DEFAULT_SORT, limit: int = MAX_FOUND) -> list[Match]:
    """What has all the words in the name, by postings; among the best, those spelt as typed come first."""
    rarest_first = sorted(words, key=lambda word: shop.names.get(word.stem, 0))
    posted = best_with(rarest_first, shop.language, by=_sort_column(sort), limit=limit)
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


def _sort_column(sort: str) -> str:
    """Names are sorted in the language of the page."""
    column = SORTED_BY.get(sort, "")
    return f"{column}_en" if column == "name_key" and current_language() == "en" else column


def _rows(
    documents: QuerySet[SearchDocument], *, sort: str = DEFAULT_SORT, limit: int = MAX_FOUND, tier: bool = False
) -> list[Match]:
    columns = ["product_id", "in_stock", "brand_id", "price_range", "brand__slug", "brand__name"]
    columns.append(_sort_column(sort) or "product_id")
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


def _rayons(words: Sequence[Word], language: str, number: int) -> tuple[Rayon, ...]:
    """Rayons with all the words in their names, the last word perhaps half typed."""
    if not words:
        return ()

    def named(rayon: Rayon) -> bool:
        stems = [word.stem for word in telling(split(rayon.name), language)]
        return all(any(_begins(stem, word.stem) for stem in stems) for word in words)

    return tuple(rayon for rayon in tree(language, number).by_id.values() if named(rayon))[:MAX_RAYONS]


def _begins(stem: str, typed: str) -> bool:
    return stem == typed or (len(typed) > 2 and stem.startswith(typed))
