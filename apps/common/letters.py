"""Transliteration of Latin letters that Unicode does not decompose: one table for slugs, SKUs and codes, the search,
and, in `backoffice/slugs.js`, for the slugs that the back office suggests."""

import unicodedata

from django.utils.text import slugify

_PAIRS = (
    "œ=oe æ=ae ĳ=ij ß=ss ſ=s þ=th ŋ=ng ĸ=q ø=o ł=l đ=d ð=d ħ=h ŧ=t ı=i ŉ=n ƀ=b ɓ=b ɗ=d ƒ=f ɨ=i ƙ=k ƴ=y ʉ=u ə=e ɛ=e ɔ=o"
)
LETTERS = dict(pair.split("=") for pair in _PAIRS.split())
TABLE = str.maketrans(
    LETTERS | {"ẞ": "ss"} | {letter.upper(): text for letter, text in LETTERS.items() if len(letter.upper()) == 1}
)


def slug_of(text: str) -> str:
    """« Œufs de plein air » → oeufs-de-plein-air: lower-case ASCII letters, digits, hyphens and underscores.

    Empty for a text in another script.
    """
    return slugify(text.translate(TABLE))


def fold(text: str) -> str:
    """One key for names that readers hold equal: without case, accents, ligatures."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae").replace("ø", "o"))
    return "".join(character for character in decomposed if not unicodedata.combining(character)).strip()
