"""Query analysis: a search text as terms of one language, each with its alternatives."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from apps.catalogue.listing.vocabulary import Vocabulary
from apps.catalogue.synonyms import MAX_WORDS as LONGEST_SYNONYM
from apps.catalogue.synonyms import Phrase
from apps.catalogue.words import STOP_WORDS, Word, compound, drop_stop_words, is_word, split_asked, split_query

MAX_WORDS = 8
CODE_LENGTHS = (8, 12, 13, 14)
"""Digits of a barcode: EAN-8, UPC-A, EAN-13, ITF-14."""
MAX_LETTERS_BEFORE_A_NUMBER = 6
LONGEST_NAME = 6
"""Words of a rayon's name that are understood together."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or several that belong together, and the alternatives that match as well."""

    words: Phrase
    others: tuple[Phrase, ...] = ()

    def is_lacking(self, shop: Vocabulary) -> bool:
        """Whether it is certain that no product has it."""
        return all(any(shop.lacks(word.stem) for word in phrase) for phrase in (self.words, *self.others))


@dataclass(frozen=True, slots=True)
class Question:
    language: str
    terms: tuple[Term, ...]
    corrected: str
    """The text as it was understood, if that is not what was typed."""

    @property
    def words(self) -> list[Word]:
        return [word for term in self.terms for word in term.words]


def understand(text: str, shops: Mapping[str, Vocabulary], language: str) -> Question:
    """The question in the visitor's language; in another one when its words are that one's and not the visitor's."""
    typed = split_query(text)
    language = _language(typed, shops, language)
    shop = shops[language]
    words, changed = [], False
    for word in _joined_codes(list(dict.fromkeys(split_asked(text, language)))[:MAX_WORDS]):
        meant = () if shop.knows(word.stem) or _joins(word, words, shop) else shop.correct(word)
        words += meant or (word,)
        changed = changed or bool(meant)
    corrected = " ".join(word.written for word in words) if changed else ""
    return Question(language, tuple(_terms(words, shop)), corrected)


def _language(typed: Sequence[Word], shops: Mapping[str, Vocabulary], language: str) -> str:
    """Another language than the page's only when its products are called so, and the page's are not: « fromage » on
    an English page, although a description there has the word. Stop words alone (« de la ») change no language."""
    here = shops[language]
    if all(word.written in STOP_WORDS[language] for word in typed):
        return language
    words = [word for word in drop_stop_words(typed, language) if is_word(word.stem)]
    if all(here.names_begin(word.stem) for word in words):
        return language
    for other, shop in shops.items():
        if other != language and all(
            word.stem in shop.names for word in drop_stop_words(typed, other) if is_word(word.stem)
        ):
            return other
    return language


def _joined_codes(words: Sequence[Word]) -> list[Word]:
    """« 2 000600 081049 » is one barcode, as it is printed."""
    found: list[Word] = []
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and words[end].stem.isdigit():
            end += 1
        digits = "".join(word.stem for word in words[at:end])
        if end - at > 1 and len(digits) in CODE_LENGTHS:
            found.append(Word(stem=digits, written=digits, accents=""))
            at = end
        else:
            found.append(words[at])
            at += 1
    return found


def _joins(word: Word, before: Sequence[Word], shop: Vocabulary) -> bool:
    """Whether it is the second half of a word of the shop that was written apart."""
    return bool(before) and before[-1].stem + word.stem in shop.names


def _terms(words: Sequence[Word], shop: Vocabulary) -> Iterator[Term]:
    at = 0
    while at < len(words):
        length, others = _synonyms(words, at, shop) or _apart(words, at, shop)
        yield Term(tuple(words[at : at + length]), others)
        at += length


def _synonyms(words: Sequence[Word], at: int, shop: Vocabulary) -> tuple[int, tuple[Phrase, ...]] | None:
    for length in range(min(LONGEST_SYNONYM, len(words) - at), 0, -1):
        if others := shop.synonyms.get(tuple(word.stem for word in words[at : at + length])):
            return length, others
    return None


def _apart(words: Sequence[Word], at: int, shop: Vocabulary) -> tuple[int, tuple[Phrase, ...]]:
    """« ginger bread » is also gingerbread, « fruits et légumes » the rayon, « T 65 » also T65, and the other way
    round."""
    word = words[at]
    for length in range(min(LONGEST_NAME, len(words) - at), 1, -1):
        name = compound(words[at : at + length], "")
        if name.stem in shop.names:
            return length, ((name,),)
    if at + 1 < len(words):
        after = words[at + 1]
        joined = Word(stem=word.stem + after.stem, written=word.written + after.written, accents="")
        named = word.stem.isalpha() and after.stem.isdigit() and len(word.stem) <= MAX_LETTERS_BEFORE_A_NUMBER
        if joined.stem in shop.names or named:
            return 2, ((joined,),)
    letters = word.stem.rstrip("0123456789")
    if letters and letters.isalpha() and letters != word.stem:
        parts = (letters, word.stem[len(letters) :])
        return 1, (tuple(Word(stem=part, written=part, accents="") for part in parts),)
    return 1, ()
