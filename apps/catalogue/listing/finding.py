from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import QuerySet

from apps.catalogue import revision
from apps.catalogue.listing.cards import Card, cards, cards_from_rows, columns_of
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
from apps.catalogue.postings import best_with
from apps.catalogue.price_ranges import NUMBERS
from apps.catalogue.querysets import DESCRIBED, NAMED, SOME, TIERS, tiers_of
from apps.catalogue.words import Word, drop_stop_words, is_word, split
from apps.common.prepared import Prepared
from apps.common.translation import current_language

MAX_FOUND = 240
"""The best matches: only these are paged, filtered and counted."""
ENOUGH = PAGE_SIZE
"""Matches in names; with as many, nothing else is searched."""
FEW = 400
"""Products with a word anywhere: up to here names, descriptions and what has only some of the words are searched at
once."""
COMPLETIONS = 3
"""How many words of the vocabulary complete a half typed one."""
MAX_RAYONS = 4
LEAST_LETTERS = 2
"""Of a word that is being typed, to be completed."""
COLUMNS = ("product_id", "in_stock", "brand_id", "price_range", "brand__slug", "brand__name")
SORTED_BY = {"prix": "price", "prix-desc": "price", "nouveautes": "published_at", "nom": "name_key"}


class Match(NamedTuple):
    product_id: int
    in_stock: bool
    brand_id: int | None
    price_range: int
    brand_slug: str | None
    brand_name: str | None
    """These six are COLUMNS."""
    by: Any
    """What the list is sorted by, unless by relevance."""
    tier: int
    """SOME or more: it has only some of the words."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """While typing: a few products, the rayons named so, and the text as it was understood."""

    text: str
    corrected: str
    cards: tuple[Card, ...]
    rayons: tuple[Rayon, ...]


def search(text: str | None, *, filters: Filters, sort: str | None = None, page: str | int | None = 1) -> Listing:
    """Products for what was typed, at most five queries: revision, matches (in up to three steps), cards.

    Unknown words are corrected first (`corrected`). SKUs and barcodes are words like others. When no product has all
    the words, those with some of them are shown (`loose`). Any text is safe; `sort`, `page` are raw query parameters.
    """
    text, sort = read_text(text), read_sort(sort)
    revisions, language = revision.both(), current_language()
    shops = vocabularies(revisions.vocabulary)
    question = understand(text, shops, language)
    found, loose = _find(question, shops[question.language], sort=sort)
    filters = _usable(filters, loose=loose)
    matches = _sorted(_passing(found, filters), sort)
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
        rayons=_rayons(question.words, language, revisions.catalogue),
        capped=len(found) == MAX_FOUND,
        loose=loose,
    )


def suggest(text: str | None, *, limit: int = 8) -> Suggestions:
    """Suggestions while typing; two queries where names fill the list, revision and matches with their cards; else at
    most five: matches are looked for in up to three steps, and the cards of the later ones are read in one more.

    The last word, perhaps half typed, is taken for the shop's most frequent words that begin so.
    """
    text = read_text(text)
    revisions, language = revision.both(), current_language()
    shops = vocabularies(revisions.vocabulary)
    question = understand(text, shops, language)
    shop = shops[question.language]
    suggested = _suggested(_without_single_letter(question.terms, shop), shop, limit=limit)
    return Suggestions(
        text=text,
        corrected=question.corrected if suggested else "",
        cards=suggested,
        rayons=_rayons(question.words, language, revisions.catalogue),
    )


def _suggested(terms: Sequence[Term], shop: Vocabulary, *, limit: int) -> tuple[Card, ...]:
    if not terms:
        return ()
    *words, last = [word for term in terms for word in term.words]
    completed = [Word(stem, last.written, accents="") for stem in shop.completions(last.stem, COMPLETIONS)]
    found = _named(*([*words, each] for each in completed), shop=shop, limit=limit)
    if len(found) < limit:
        others = [match.product_id for match in _elsewhere(terms, shop, found=bool(found), limit=limit)]
        wanted = list(dict.fromkeys((*found, *others)))[:limit]
        found |= {card.product_id: card for card in cards([each for each in wanted if each not in found])}
    return tuple(found.values())[:limit]


def _named(*phrases: Sequence[Word], shop: Vocabulary, limit: int) -> dict[int, Card]:
    """As `_best`, with the cards: reading them by a query of their own took MySQL and its driver 0.42 ms instead of
    0.26, of a suggestion's 2.2."""
    language = current_language()
    rows = best_with(_rarest_first(phrases, shop), shop.language, by="", limit=limit, beside=columns_of("c", language))
    of_cards = [row[len(Match._fields) :] for row in rows]
    return {
        card.product_id: card for card in cards_from_rows((row for row in of_cards if row[0] is not None), language)
    }


def _elsewhere(terms: Sequence[Term], shop: Vocabulary, *, found: bool, limit: int) -> list[Match]:
    """What has the terms in full text, its beginnings too."""
    begun = _begun(terms, shop)
    last = [word for term in terms for word in term.words][-1]
    if len(last.stem) >= LEAST_LETTERS:
        begun.add(last.stem)
    if all(is_word(stem) and not shop.has(stem) and not shop.begins(stem) for stem in _stems(terms[-1:])):
        return []
    full_text = _FullTextSearch(terms, shop, begun)
    if full_text.is_cheap:
        return full_text.rows(limit=limit)
    # Descriptions are searched only when no name, rayon or characteristic matches.
    matches = full_text.rows(tiers=NAMED, limit=limit)
    return matches if matches or found else full_text.rows(tiers=DESCRIBED, limit=limit)


def _without_single_letter(terms: tuple[Term, ...], shop: Vocabulary) -> tuple[Term, ...]:
    """Leaves out a last word of which only the first letter is typed (« chocolat n »)."""
    if len(terms) > 1 and all(len(word.stem) < LEAST_LETTERS and not shop.has(word.stem) for word in terms[-1].words):
        return terms[:-1]
    return terms


def _find(question: Question, shop: Vocabulary, *, sort: str) -> tuple[list[Match], bool]:
    """The best matches, and whether they have only some of the words; one query, in large shops up to three.

    Rayons, characteristics and beginnings of words are searched when the names with the whole words do not fill a page,
    and descriptions when those do not: a search for chocolate must not list what has it among its ingredients, and a
    word may stand in the description of every product. A word that is not in the vocabulary is left out: no product
    has it.
    """
    terms = [term for term in question.terms if not term.is_lacking(shop)]
    loose = len(terms) < len(question.terms)
    if not terms:
        return [], False
    words = [word for term in terms for word in term.words]
    several = len(terms) > 1
    if all(shop.names.get(word.stem, 0) >= ENOUGH for word in words) and not any(term.others for term in terms):
        found = _best(words, shop=shop, sort=sort)
        if len(found) >= ENOUGH:
            return found, loose
        several = several and not found
    full_text = _FullTextSearch(terms, shop, _begun(terms, shop), sort)
    if full_text.is_cheap:
        found = full_text.rows(some=several)
    else:
        found = full_text.rows(tiers=NAMED)
        if len(found) < ENOUGH:
            first = {match.product_id for match in found}
            rest = full_text.rows(tiers=DESCRIBED, some=several and not found)
            found += [match for match in rest if match.product_id not in first]
    whole = [match for match in found if match.tier < SOME]
    return whole or found, bool(found) and (loose or not whole)


@dataclass(frozen=True, slots=True)
class _FullTextSearch:
    """Full-text search for what has all the terms."""

    terms: Sequence[Term]
    shop: Vocabulary
    begun: set[str]
    """Stems that are searched as beginnings as well."""
    sort: str = DEFAULT_SORT

    @property
    def is_cheap(self) -> bool:
        """Whether so few documents have any of the words that all can be asked at once."""
        return all(self.shop.is_rare(stem, begun=stem in self.begun, few=FEW) for stem in _stems(self.terms))

    def rows(self, *, tiers: Collection[int] = TIERS, some: bool = False, limit: int = MAX_FOUND) -> list[Match]:
        asked = tiers_of(
            self.terms,
            self.shop.language,
            begun=self.begun,
            beginnings={stem for stem in self.begun if is_word(stem) and not self.shop.has(stem)},
            named={stem for stem in _stems(self.terms) if stem in self.shop.names} if some else (),
            tiers=tiers,
            some=some,
        )
        columns = (*COLUMNS, _sort_column(self.sort) or "product_id", "tier")
        shape = (tuple((tier, names) for tier, names, _query in asked), columns, limit)
        return list(map(Match._make, _documents.rows(*(query for *_, query in asked), shape=shape)))


def _in_tiers(
    tiers: tuple[tuple[int, tuple[str, ...]], ...], columns: tuple[str, ...], limit: int, *queries: str
) -> QuerySet:
    asked = [(tier, names, query) for (tier, names), query in zip(tiers, queries, strict=True)]
    return SearchDocument.objects.in_tiers(asked).values_list(*columns)[:limit]


# Compiling it took 1 ms.
_documents = Prepared(_in_tiers)


def _stems(terms: Sequence[Term]) -> set[str]:
    return {word.stem for term in terms for phrase in (term.words, *term.others) for word in phrase}


def _begun(terms: Sequence[Term], shop: Vocabulary) -> set[str]:
    """The stems that are also searched as beginnings. Those of up to three letters begin too many others (« thé »,
    thermos)."""
    return {stem for stem in _stems(terms) if len(stem) > 3 and shop.begins(stem)}


def _best(*phrases: Sequence[Word], shop: Vocabulary, sort: str = DEFAULT_SORT, limit: int = MAX_FOUND) -> list[Match]:
    """What has all the words of a phrase in the name, by postings, the first phrase first; among the best of each,
    those spelt as typed come first."""
    found = best_with(_rarest_first(phrases, shop), shop.language, by=_sort_column(sort), limit=limit)
    return list(map(Match._make, found))


def _rarest_first(phrases: Sequence[Sequence[Word]], shop: Vocabulary) -> list[list[Word]]:
    return [sorted(words, key=lambda word: shop.names.get(word.stem, 0)) for words in phrases]


def _sort_column(sort: str) -> str:
    """Names are sorted in the language of the page."""
    column = SORTED_BY.get(sort, "")
    return f"{column}_en" if column == "name_key" and current_language() == "en" else column


def _usable(filters: Filters, *, loose: bool) -> Filters:
    """Search has no attribute facets, and none at all where not all the words were found."""
    return Filters() if loose else Filters(brands=filters.brands, prices=filters.prices, available=filters.available)


def _passes(match: Match, filters: Filters, *, but: str = "") -> bool:
    return (
        (but == AVAILABLE or not filters.available or match.in_stock)
        and (but == PRICE or not filters.prices or match.price_range in {NUMBERS[key] for key in filters.prices})
        and (but == BRAND or not filters.brands or match.brand_slug in filters.brands)
    )


def _passing(found: Sequence[Match], filters: Filters, *, but: str = "") -> Sequence[Match]:
    return [match for match in found if _passes(match, filters, but=but)] if filters else found


def _counts(found: Sequence[Match], filters: Filters) -> dict[tuple[int, int], int]:
    """A facet's own values are counted as if none of them were chosen."""
    available = sum(1 for match in _passing(found, filters, but=AVAILABLE) if match.in_stock)
    prices = Counter(match.price_range for match in _passing(found, filters, but=PRICE))
    brands = Counter(match.brand_id for match in _passing(found, filters, but=BRAND) if match.brand_id)
    return {
        (Kind.AVAILABILITY, 1): available,
        **{(Kind.PRICE, number): count for number, count in prices.items()},
        **{(Kind.BRAND, brand_id): count for brand_id, count in brands.items()},
    }


def _brands(found: Sequence[Match], filters: Filters) -> list[Name]:
    """The most frequent brands and those chosen, the most frequent first."""
    named = {match.brand_id: match for match in found if match.brand_id}
    frequent = Counter(match.brand_id for match in found if match.brand_id)
    names = [
        Name(Kind.BRAND, pk, BRAND, "", match.brand_slug or "", match.brand_name or "") for pk, match in named.items()
    ]
    names.sort(key=lambda each: (-frequent[each.key], each.label))
    return [each for place, each in enumerate(names) if place < MAX_BRANDS or each.slug in filters.brands]


def _sorted(matches: Sequence[Match], sort: str) -> Sequence[Match]:
    """The best matches in another order; what is equal stays in that of relevance."""
    if sort not in SORTED_BY:
        return matches
    return sorted(matches, key=lambda match: match.by, reverse=sort in ("prix-desc", "nouveautes"))


def _rayons(words: Sequence[Word], language: str, number: int) -> tuple[Rayon, ...]:
    """Rayons with all the words in their names, the last word perhaps half typed."""
    if not words:
        return ()

    def named(rayon: Rayon) -> bool:
        stems = _stems_of_name(rayon.name, language)
        return all(any(_begins(stem, word.stem) for stem in stems) for word in words)

    return tuple(rayon for rayon in tree(language, number).by_id.values() if named(rayon))[:MAX_RAYONS]


# Every search looks at every rayon: splitting the names of sixty took 0.5 ms.
@lru_cache(maxsize=2000)
def _stems_of_name(name: str, language: str) -> tuple[str, ...]:
    return tuple(word.stem for word in drop_stop_words(split(name), language))


def _begins(stem: str, typed: str) -> bool:
    return stem == typed or (len(typed) > 2 and stem.startswith(typed))
