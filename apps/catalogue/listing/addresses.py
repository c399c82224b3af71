"""Where the site shows products and rayons. One reverse per language and process: a page has dozens of these links."""

from functools import cache

from django.urls import reverse
from django.utils.translation import override

_PLACE = "zzz"


@cache
def _pattern(name: str, language: str) -> tuple[str, str]:
    with override(language):
        before, after = reverse(f"storefront:{name}", args=[_PLACE]).split(_PLACE)
    return before, after


def product_url(slug: str, language: str) -> str:
    before, after = _pattern("product", language)
    return f"{before}{slug}{after}"


def category_url(slug: str, language: str) -> str:
    before, after = _pattern("category", language)
    return f"{before}{slug}{after}"
