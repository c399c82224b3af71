"""Latin letters that Unicode does not take apart, written with those of ASCII: one table for addresses, references and
codes, for the search, and, in `backoffice/slugs.js`, for what the back office proposes while somebody types."""

from django.utils.text import slugify

_PAIRS = (
    "œ=oe æ=ae ĳ=ij ß=ss ſ=s þ=th ŋ=ng ĸ=q ø=o ł=l đ=d ð=d ħ=h ŧ=t ı=i ŉ=n ƀ=b ɓ=b ɗ=d ƒ=f ɨ=i ƙ=k ƴ=y ʉ=u ə=e ɛ=e ɔ=o"
)
LETTERS = dict(pair.split("=") for pair in _PAIRS.split())
TABLE = str.maketrans(
    LETTERS | {"ẞ": "ss"} | {letter.upper(): text for letter, text in LETTERS.items() if len(letter.upper()) == 1}
)


def slug_of(text: str) -> str:
    """« Œufs de plein air » is oeufs-de-plein-air: lower-case ASCII letters, digits, hyphens and underscores.

    May be empty: other scripts have no letters here.
    """
    return slugify(text.translate(TABLE))
