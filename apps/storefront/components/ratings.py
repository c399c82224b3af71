from functools import lru_cache

from django.utils.safestring import SafeString

from apps.common.money import NARROW_SPACE
from apps.common.translation import current_language
from apps.storefront.components.templates import render

FULL, EMPTY = "★", "☆"
MAX = 5
CACHED_AVERAGES = 512


def stars(rating: float) -> str:
    """« ★★★★☆ », to be hidden from screen readers: the same in words stands beside it."""
    whole = min(MAX, max(0, int(rating + 0.5)))
    return FULL * whole + EMPTY * (MAX - whole)


def figure(rating: float) -> str:
    """« 4,5 » in French, "4.5" in English."""
    text = f"{rating:g}"
    return text if current_language() == "en" else text.replace(".", ",")


def out_of_five(rating: float) -> str:
    return f"{figure(rating)}{NARROW_SPACE}/{NARROW_SPACE}5"


def rating(rating: float) -> SafeString:
    return render("rating", rating=rating)


@lru_cache(maxsize=CACHED_AVERAGES)
def average(average: float, ratings: int, language: str) -> SafeString:
    """For a card: stars, and the number of ratings."""
    return render("average", average=average, ratings=ratings)
