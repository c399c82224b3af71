"""The search's tokens: words without case, accents or plural, the same for queries and for products.

What is indexed is not the text but its words, each closed by "_" and at least three characters long: "thé" becomes
`the_`, "5" becomes `5__`. Short words and MySQL's own stop words are then found like any other, `the_`
is the whole word and `the*` its beginnings. A word with accents is indexed a second time with a digit for each letter's
accent (`pate_0301` for "pâté"), so that a query with accents finds that spelling first.

Each language has its own words: French ones stand bare, English ones begin with `_en_`, which nobody can type. A word
of a product's name, rayons, brand or characteristics is indexed once more as `_k_the_` or `_ken_tea_`, so that such
words are found together and before those of descriptions.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from apps.common.letters import TABLE

MAX_WORD = 36
_LIGATURES = TABLE | {ord("’"): "'"}
_ACCENTS = {"\u0301": "1", "\u0300": "2", "\u0302": "3", "\u0327": "4", "\u0308": "5", "\u0303": "6"}
_WORD = re.compile(r"[a-z0-9](?:[a-z0-9]|[\u0300-\u036f])*")
# Soft hyphens, zero-width spaces and joiners, marks of direction: in pasted text they separate no words.
INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
# Stop words of each language: neither indexed nor searched, unless a text has no other.
STOP_WORDS = {
    "fr": frozenset(
        {"a", "à", "au", "aux", "avec", "ce", "ces", "d", "dans", "de", "des", "du", "en", "et", "l", "la", "le", "les"}
        | {"ou", "où", "par", "pour", "qu", "que", "qui", "se", "ses", "sur", "un", "une"}
        | {"elle", "elles", "est", "il", "ils", "je", "ne", "nos", "notre", "nous", "pas", "sont", "vos", "votre"}
        | {"vous"}
    ),
    "en": frozenset(
        {"a", "an", "and", "are", "as", "at", "by", "for", "from", "in", "is", "it", "its", "of", "on", "or", "s"}
        | {"that", "the", "their", "them", "these", "this", "to", "with", "your"}
        | {"be", "but", "can", "has", "have", "i", "not", "our", "we", "will", "you"}
    ),
}
WHOLE, KEYWORD = "whole", "keyword"
_PREFIXES = {(WHOLE, "fr"): "", (WHOLE, "en"): "_en_", (KEYWORD, "fr"): "_k_", (KEYWORD, "en"): "_ken_"}
_QUANTITY = re.compile(
    r"(?<![0-9.,a-wyz])(?P<number>\d{1,6}(?:[.,]\d{1,3})?) ?"
    r"(?P<unit>kg|kilos?|mg|g|gr|grammes?|grams?|ml|cl|dl|l|litres?|liters?)(?![a-z0-9'\u0300-\u036f])"
)
_UNITS = {"m": ("g", Decimal("0.001")), "g": ("g", Decimal(1)), "k": ("g", Decimal(1000))}
_VOLUMES = {"ml": Decimal(1), "cl": Decimal(10), "dl": Decimal(100)}


@dataclass(frozen=True, slots=True)
class Word:
    stem: str
    written: str  # lower case, with its accents
    accents: str  # one digit a letter of the stem, empty without accents

    def token(self, language: str, kind: str = WHOLE) -> str:
        """The token that the index holds for this word."""
        return f"{_PREFIXES[kind, language]}{self.stem.ljust(2, '_')}_"

    def beginning(self, language: str, kind: str = WHOLE) -> str:
        """The beginning of every token whose word begins with this one."""
        return f"{_PREFIXES[kind, language]}{self.stem}"

    def accented(self, language: str) -> str:
        """The token of this very spelling, empty when the word has no accents."""
        return f"{_PREFIXES[WHOLE, language]}{self.stem}_{self.accents}" if self.accents else ""


def fold(text: str) -> str:
    """Lower case, ligatures written out, accents apart from their letters, nothing invisible."""
    return unicodedata.normalize("NFKD", INVISIBLE.sub("", text).casefold().translate(_LIGATURES))


def split(text: str) -> list[Word]:
    """The words of a text in order. "L’œuf" gives l and oeuf, "Pâtés" gives pate."""
    return [_word(match) for match in _WORD.findall(fold(text))]


def split_query(text: str) -> list[Word]:
    """The same for what a shopper typed, with a quantity as one word: "1,5 kg", "1.5KG" and "1500 g" give 1500g."""
    return [_word(match) for match in _WORD.findall(_QUANTITY.sub(lambda found: f" {_quantity(found)} ", fold(text)))]


def split_indexed(text: str) -> list[Word]:
    """The words of a product's text, its quantities, what stands apart in « T 65 », and what it is without."""
    folded = fold(text)
    found = [_word(match) for match in _WORD.findall(folded)]
    found += [_word(_quantity(match)) for match in _QUANTITY.finditer(folded)]
    for letter, number in pairwise(list(found)):
        if len(letter.stem) == 1 and letter.stem.isalpha() and number.stem.isdigit():
            found.append(_word(letter.stem + number.stem))
    return [*found, *(each for each in join_negations(list(found)) if " " in each.written)]


def join_negations(found: Sequence[Word]) -> list[Word]:
    """« sans gluten », "gluten-free" and "without gluten" as one word each: a product with
    only one of the words may be the contrary. Not "eggs free range"."""
    result: list[Word] = []
    at = 0
    while at < len(found):
        word, after, later = (found[at + more].written if at + more < len(found) else "" for more in range(3))
        if word in ("sans", "without") and after:
            result.append(_negation(found[at + 1], f"{word} {after}", french=word == "sans"))
            at += 2
        elif after == "free" and later != "range":
            result.append(_negation(found[at], f"{word} {after}", french=False))
            at += 2
        else:
            result.append(found[at])
            at += 1
    return result


def _negation(word: Word, written: str, *, french: bool) -> Word:
    stem = _word(f"sans{word.stem}" if french else f"{word.stem}free").stem
    return Word(stem=stem, written=written, accents="")


def split_code(code: str) -> list[Word]:
    """An article number's parts, and the whole without its marks."""
    parts = split(code)
    return [*parts, _word("".join(part.stem for part in parts))] if len(parts) > 1 else parts


def quantity(amount: Decimal, unit: str) -> str:
    """In grams or millilitres, as `split_query` writes it."""
    if amount == amount.to_integral_value():
        return f"{int(amount)}{unit}"
    return f"{int(amount * 1000)}m{unit}" if unit == "g" else f"{int(amount)}{unit}"


def _quantity(found: re.Match[str]) -> str:
    amount, unit = Decimal(found["number"].replace(",", ".")), found["unit"]
    if unit[0] == "l":
        return quantity(amount * 1000, "ml")
    if unit in _VOLUMES:
        return quantity(amount * _VOLUMES[unit], "ml")
    mass, factor = _UNITS[unit[0]]
    return quantity(amount * factor, mass)


def drop_stop_words(found: Iterable[Word], language: str) -> list[Word]:
    """Without the language's stop words, unless there is no other."""
    found = list(found)
    return [word for word in found if word.written not in STOP_WORDS[language]] or found


def compound(found: Sequence[Word], written: str) -> Word:
    """The words of a list, « fruits et légumes », as one that nobody types and that no other word begins."""
    return Word(stem=f"zz{''.join(word.stem for word in found)}"[:MAX_WORD], written=written, accents="")


def split_asked(text: str, language: str) -> list[Word]:
    """The words of a query that are searched."""
    return join_negations(drop_stop_words(split_query(text), language))


def vocabulary_key(stem: str, language: str) -> str:
    """The key of a language's word in the vocabulary and among the postings."""
    return f"{_PREFIXES[WHOLE, language]}{stem}"


@lru_cache(maxsize=20_000)
def _word(decomposed: str) -> Word:
    letters: list[str] = []
    accents: list[str] = []
    for character in decomposed:
        if unicodedata.combining(character):
            accents[-1] = _ACCENTS.get(character, "9")
        else:
            letters.append(character)
            accents.append("0")
    stem = singular("".join(letters)[:MAX_WORD])
    signature = "".join(accents)[: len(stem)]
    return Word(
        stem=stem,
        written=unicodedata.normalize("NFC", decomposed)[:MAX_WORD],
        accents=signature if signature.strip("0") else "",
    )


def singular(word: str) -> str:
    """Light stemming of French and English plurals: both forms give the same stem, which need not be a word."""
    if len(word) < 4 or not word.isalpha():
        return word
    if word.endswith(("xes", "shes", "zzes")):
        word = word[:-2]
    elif word.endswith(("s", "x")) and not word.endswith("ss"):
        word = word[:-1]
    if word.endswith("al") and len(word) > 3:
        word = word[:-1] + "u"
    elif word.endswith("y") and len(word) > 3 and word[-2] not in "aeiou":
        word = word[:-1] + "ie"
    return word


def index_text(found: Iterable[Word], language: str, kind: str = WHOLE) -> list[str]:
    """The tokens stored for these words, without repeats."""
    found = list(found)
    tokens = dict.fromkeys(word.token(language, kind) for word in found)
    if kind == WHOLE:
        tokens.update(dict.fromkeys(word.accented(language) for word in found if word.accents))
    return list(tokens)


def read_token(token: str) -> tuple[str, str] | None:
    """(kind, key of the word in the vocabulary) of a stored token; None for spellings, codes and quantities."""
    if not token.endswith("_"):
        return None
    for kind, language in ((KEYWORD, "fr"), (KEYWORD, "en"), (WHOLE, "en"), (WHOLE, "fr")):
        prefix = _PREFIXES[kind, language]
        if token.startswith(prefix):
            stem = token[len(prefix) :].rstrip("_")
            return (kind, vocabulary_key(stem, language)) if is_word(stem) else None
    return None


def is_word(stem: str) -> bool:
    """Whether the vocabulary may hold it: codes and quantities are not corrected."""
    return stem.isalpha() and len(stem) > 1


def sort_key(name: str) -> str:
    """A key that sorts names in the same alphabetical order on every database."""
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in fold(name) if not unicodedata.combining(c))))[:40]
