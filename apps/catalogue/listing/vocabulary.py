"""The shop's vocabulary, for corrections and completions of search texts; loaded once per process and revision."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from heapq import nlargest

from rapidfuzz import process
from rapidfuzz.distance import OSA

from apps.catalogue.models import SearchWord
from apps.catalogue.synonyms import Phrase, Synonyms, read_synonyms
from apps.catalogue.words import STOP_WORDS, Word, is_word, singular, vocabulary_key
from apps.common.memo import Memo
from apps.common.translation import LANGUAGES

LEAST_PART = 3
"""Letters of the words that one written together is taken apart into."""


@dataclass(frozen=True)
class Vocabulary:
    """One language's words."""

    language: str
    written: dict[str, str] = field(default_factory=dict)
    """How each word of a product's name, rayons or characteristics is written."""
    names: dict[str, int] = field(default_factory=dict)
    """In how many products' names, rayons or characteristics each word occurs."""
    occurrences: dict[str, int] = field(default_factory=dict)
    """In how many products each word occurs anywhere: the words of `names`, and those of descriptions alone."""
    synonyms: Synonyms = field(default_factory=dict)

    @cached_property
    def by_length(self) -> dict[int, list[str]]:
        words: dict[int, list[str]] = defaultdict(list)
        for word in self.names:
            if " " not in self.written[word]:
                words[len(word)].append(word)
        return words

    @cached_property
    def of_several(self) -> list[str]:
        """Phrases that are indexed as one word: « sans gluten », names of rayons."""
        return [word for word in self.names if " " in self.written[word]]

    @cached_property
    def in_order(self) -> list[str]:
        return sorted(self.occurrences)

    @cached_property
    def in_synonyms(self) -> frozenset[str]:
        return frozenset(stem for stems in self.synonyms for stem in stems)

    def knows(self, stem: str) -> bool:
        """Whether it is a word of the shop or the beginning of one: what is half typed is not an error."""
        return self.has(stem) or (len(stem) > 3 and self.begins(stem))

    def names_begin(self, stem: str) -> bool:
        """Whether it is a word of a product's name, rayons or characteristics, or a synonym, or perhaps half typed."""
        return stem in self.names or stem in self.in_synonyms or (len(stem) > 3 and self.begins(stem))

    def has(self, stem: str) -> bool:
        return stem in self.occurrences or stem in self.in_synonyms

    def begins(self, stem: str) -> bool:
        """Whether it is the beginning of a longer word; codes and quantities are not in the vocabulary."""
        if not is_word(stem):
            return not stem.isdigit()
        place = bisect_left(self.in_order, f"{stem}\0")
        return place < len(self.in_order) and self.in_order[place].startswith(stem)

    def is_rare(self, stem: str, *, begun: bool, few: int) -> bool:
        """Whether at most so many products have it anywhere; with `begun`, what begins so as well. False for codes and
        quantities, which are not counted."""
        if not is_word(stem):
            return False
        if not begun:
            return self.occurrences.get(stem, 0) <= few
        return sum(self.occurrences[word] for word in self._longer(stem)[: few + 1]) <= few

    def lacks(self, stem: str) -> bool:
        """Whether it is certain that no product has it."""
        return is_word(stem) and stem not in self.occurrences and not (len(stem) > 3 and self.begins(stem))

    def completions(self, stem: str, number: int) -> list[str]:
        """Itself if it is a word of the shop's names, else the most frequent ones that begin so."""
        if stem in self.names or len(stem) < 2:
            return [stem]
        named = (word for word in self._longer(stem) if word in self.names and " " not in self.written[word])
        return nlargest(number, named, key=self.names.__getitem__) or [stem]

    def _longer(self, stem: str) -> list[str]:
        """The words that begin so, itself included."""
        first = bisect_left(self.in_order, stem)
        return self.in_order[first : bisect_left(self.in_order, stem + "\uffff")]

    def correct(self, word: Word) -> Phrase:
        """The nearest word of the shop's names: with one error in 4 letters or more, as several words written together,
        with two errors in 8 letters or more; empty without any.

        A word of four letters is too short for another letter instead of one of its own (soap, soup), and hardly
        anybody mistypes the first letter (boeuf, oeuf), unless the first two change places. Among equally near words
        one that differs in a doubled letter wins, then one that has not lost a letter, then the most frequent one.
        """
        stem = word.stem
        if len(stem) < 4 or not stem.isalpha():
            return ()
        if " " in word.written:
            return self._nearest(stem, self.of_several, 1)
        return self._near(stem, 1) or self.taken_apart(word) or (self._near(stem, 2) if len(stem) >= 8 else ())

    def taken_apart(self, word: Word) -> Phrase:
        """« petitpois »: two words of names, perhaps with a stop word between them (« paindepices »)."""
        letters = word.stem
        stop_words = sorted(each for each in STOP_WORDS[self.language] if each.isascii())
        found: list[tuple[str, str]] = []
        for end in range(LEAST_PART, len(letters) - LEAST_PART + 1):
            first = singular(letters[:end])
            if first not in self.names:
                continue
            for rest in {letters[end:], *(letters[end:].removeprefix(each) for each in stop_words)}:
                second = singular(rest)
                if len(second) >= LEAST_PART and second in self.names:
                    found.append((first, second))
        # « huiledolive » is oil with olive, and not with what an article number calls dolive.
        best = max(found, key=lambda parts: (min(self.names[part] for part in parts), parts), default=())
        return tuple(self._as_written(part) for part in best)

    def _near(self, stem: str, errors: int) -> Phrase:
        lengths = range(len(stem) - errors, len(stem) + errors + 1)
        return self._nearest(stem, [near for length in lengths for near in self.by_length.get(length, ())], errors)

    def _nearest(self, stem: str, candidates: Sequence[str], errors: int) -> Phrase:
        hits = process.extract(stem, candidates, scorer=OSA.distance, score_cutoff=errors, limit=None)
        found = [hit for hit in hits if _is_likely(stem, hit[0])]
        if not found:
            return ()

        def likelihood(hit: tuple[str, float, int]) -> tuple[float, bool, bool, int, str]:
            near, distance, _place = hit
            return distance, _undoubled(near) != _undoubled(stem), len(near) < len(stem), -self.names[near], near

        best = min(found, key=likelihood)[0]
        return (self._as_written(best),)

    def _as_written(self, stem: str) -> Word:
        return Word(stem=stem, written=self.written[stem], accents="")


def _is_likely(typed: str, meant: str) -> bool:
    if sorted(typed) == sorted(meant):
        return True
    return typed[0] == meant[0] and (len(typed) > 4 or len(typed) != len(meant))


def _undoubled(stem: str) -> str:
    return re.sub(r"(.)\1+", r"\1", stem)


_loaded: Memo[dict[str, Vocabulary]] = Memo(size=1)


def vocabularies(revision: int) -> dict[str, Vocabulary]:
    return _loaded.get(revision, "words", _load)


def _load() -> dict[str, Vocabulary]:
    synonyms = read_synonyms()
    found = {language: Vocabulary(language, synonyms=synonyms.get(language, {})) for language in LANGUAGES}
    # The prefix of each language's keys, the longest first: French keys have none.
    prefixes = sorted(((vocabulary_key("", language), language) for language in LANGUAGES), reverse=True)
    for word, text, count, anywhere in SearchWord.objects.values_list("word", "written", "names", "bodies"):
        prefix, language = next(each for each in prefixes if word.startswith(each[0]))
        stem, of_language = word[len(prefix) :], found[language]
        of_language.occurrences[stem] = max(count, anywhere)
        if count > 0:
            of_language.written[stem], of_language.names[stem] = text, count
    return found
