"""Words as the search compares them: without case, accents or plural, the same for shoppers and for products.

What is indexed is not the text but its words, each closed by "_" and at least three characters long: "thé" becomes
`the_`, "5" becomes `5__`. Short words and words that MySQL holds for stop words are then found like any other, `the_`
is the whole word and `the*` its beginnings. A word with accents is indexed a second time with a digit for each letter's
accent (`pate_0301` for "pâté"), so that who types accents finds that spelling first.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from apps.common.letters import TABLE

MAX_WORD = 36
_LIGATURES = TABLE | {ord("’"): "'"}
_ACCENTS = {"\u0301": "1", "\u0300": "2", "\u0302": "3", "\u0327": "4", "\u0308": "5", "\u0303": "6"}
_WORD = re.compile(r"[a-z0-9](?:[a-z0-9]|[\u0300-\u036f])*")
# Asked together with other words, these say nothing; asked alone they are searched like any other.
EMPTY_WORDS = frozenset(
    {"a", "au", "aux", "avec", "d", "dans", "de", "des", "du", "en", "et", "l", "la", "le", "les", "ou", "par", "pour"}
    | {"sans", "sur", "un", "une", "and", "for", "in", "of", "or", "with"}
)


@dataclass(frozen=True, slots=True)
class Word:
    stem: str
    written: str  # lower case, with its accents
    accents: str  # one digit a letter of the stem, empty without accents

    @property
    def whole(self) -> str:
        return self.stem.ljust(2, "_") + "_"

    @property
    def accented(self) -> str:
        """The token of this very spelling, empty when the word has no accents."""
        return f"{self.stem}_{self.accents}" if self.accents else ""


def split(text: str) -> list[Word]:
    """The words of a text in order. "L’œuf" gives l and oeuf, "Pâtés" gives pate."""
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    return [_word(match) for match in _WORD.findall(folded)]


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


def index_text(words: list[Word]) -> str:
    """The tokens stored for these words, without repeats."""
    tokens = dict.fromkeys(word.whole for word in words)
    tokens.update(dict.fromkeys(word.accented for word in words if word.accents))
    return " ".join(tokens)


def sort_key(name: str) -> str:
    """The same alphabetical order on every database."""
    folded = unicodedata.normalize("NFKD", name.casefold().translate(_LIGATURES))
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in folded if not unicodedata.combining(c))))[:40]
