"""The shop's own words, by which what a shopper typed is understood; loaded once per process and vocabulary."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from apps.catalogue.models import SearchWord
from apps.catalogue.words import Word
from apps.common.memo import Memo


@dataclass(frozen=True)
class Vocabulary:
    written: dict[str, str]
    """How each word of a product's name is written."""
    names: dict[str, int]
    """In how many names it occurs."""
    known: frozenset[str]
    """Those, and the words that occur only in descriptions."""

    @cached_property
    def by_length(self) -> dict[int, list[str]]:
        words: dict[int, list[str]] = defaultdict(list)
        for word in self.names:
            words[len(word)].append(word)
        return words

    @cached_property
    def in_order(self) -> list[str]:
        return sorted(self.known)

    def knows(self, stem: str) -> bool:
        """Whether it is a word of the shop or the beginning of one: what is half typed is not an error."""
        if stem in self.known:
            return True
        place = bisect_left(self.in_order, stem)
        return len(stem) > 3 and place < len(self.in_order) and self.in_order[place].startswith(stem)

    def is_rare(self, words: Sequence[Word], few: int) -> bool:
        """Whether at most so many names have any of the words; False when that is not known of one of them."""
        counts = [self.names.get(word.stem, 0) for word in words]
        return min(counts) > 0 and sum(counts) <= few

    def lacks(self, stem: str) -> bool:
        """Whether it is certain that no product has it; codes and quantities are not in the vocabulary."""
        return stem.isalpha() and len(stem) > 1 and not self.knows(stem)

    def completed(self, stem: str) -> str:
        """The most frequent word of the shop's names that begins so, itself if it is one."""
        if stem in self.names or len(stem) < 2:
            return stem
        first = bisect_left(self.in_order, stem)
        after = bisect_left(self.in_order, stem + "\uffff")
        return max(self.in_order[first:after], key=lambda word: self.names.get(word, 0), default=stem)

    def correct(self, word: Word) -> Word | None:
        """The nearest word of the shop's names, one error in 4 letters or more, two in 8 or more; None without one.

        Among equally near ones that with the same first letter wins, then the most frequent one.
        """
        stem = word.stem
        allowed = 2 if len(stem) >= 8 else 1 if len(stem) >= 4 else 0
        if not allowed or not stem.isalpha():
            return None
        lengths = range(len(stem) - allowed, len(stem) + allowed + 1)
        candidates = [near for length in lengths for near in self.by_length.get(length, ())]
        found = process.extract(stem, candidates, scorer=OSA.distance, score_cutoff=allowed, limit=None)
        if not found:
            return None
        best = min(found, key=lambda hit: (hit[1], hit[0][0] != stem[0], -self.names[hit[0]], hit[0]))[0]
        return Word(stem=best, written=self.written[best], accents="")


_loaded: Memo[Vocabulary] = Memo(size=1)


def vocabulary(revision: int) -> Vocabulary:
    return _loaded.get(revision, "words", _load)


def _load() -> Vocabulary:
    written, names, known = {}, {}, []
    for word, text, count in SearchWord.objects.values_list("word", "written", "names"):
        known.append(word)
        if count > 0:
            written[word], names[word] = text, count
    return Vocabulary(written, names, frozenset(known))
