"""Synonyms that staff have entered, normalised as the search compares words."""

from collections.abc import Iterable

from apps.catalogue.models import SearchSynonym
from apps.catalogue.words import Word, split_asked

MAX_TERMS = 12
"""Terms of one line."""
MAX_WORDS = 4
"""Words of one term."""
MAX_LINES = 1000

Phrase = tuple[Word, ...]
Synonyms = dict[tuple[str, ...], tuple[Phrase, ...]]
"""The alternatives of a phrase, by its stems."""


def phrases(text: str, language: str) -> list[Phrase]:
    """The terms of a line, « soda, boisson gazeuse »."""
    found = (tuple(split_asked(term, language)) for term in text.split(","))
    return [phrase for phrase in found if phrase]


def read_synonyms() -> dict[str, Synonyms]:
    """By language; one query."""
    found: dict[str, dict[tuple[str, ...], dict[tuple[str, ...], Phrase]]] = {}
    lines = SearchSynonym.objects.order_by("pk").values_list("language", "direction", "words", "found")
    for language, direction, typed, other in lines[:MAX_LINES]:
        of_language = found.setdefault(language, {})
        left = phrases(typed, language)[:MAX_TERMS]
        right = left if direction == SearchSynonym.Direction.BOTH else phrases(other, language)[:MAX_TERMS]
        for phrase in left:
            others = {_stems(each): each for each in right if _stems(each) != _stems(phrase)}
            of_language.setdefault(_stems(phrase), {}).update(others)
    return {
        language: {stems: tuple(others.values())[:MAX_TERMS] for stems, others in lines.items()}
        for language, lines in found.items()
    }


def _stems(phrase: Iterable[Word]) -> tuple[str, ...]:
    return tuple(word.stem for word in phrase)
