"""Header and footer of every page, rendered once for each rayon, language and version of the shop: beyond that, pages
differ only in the search text and the links to other languages."""

from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString

from apps.catalogue.listing import Rayon
from apps.common.translation import LANGUAGES, current_language
from apps.shop.identity import Identity, current
from apps.storefront.chrome import Chrome, current_links
from apps.storefront.components import navigation

PLACE = "\x00"
"""Stands for those two in the rendered header. No request may contain it."""


def render_header(rayons: tuple[Rayon, ...], *, here: str, query: str, languages: SafeString) -> SafeString:
    """`here`: URL of the rayon that the page belongs to; `languages`: the links to the page in other languages."""
    before, between, after = _header(rayons, navigation.in_strip(rayons, here), current(), current_language())
    return SafeString(f"{before}{escape(query)}{between}{languages}{after}")


# Rayons and the shop are compared by identity: those of another revision, version or language are others.
@lru_cache(maxsize=2 * len(LANGUAGES) * (navigation.STRIP_LENGTH + 1))
def _header(rayons: tuple[Rayon, ...], here: str, shop: Identity, language: str) -> tuple[str, str, str]:
    chrome = Chrome(links=current_links(), rayons=rayons)
    given = {"chrome": chrome, "shop": shop, "query": PLACE, "languages": PLACE, "rayon_url": here}
    before, between, after = render_to_string("storefront/base/header.html", given).split(PLACE)
    return before, between, after


def render_footer() -> SafeString:
    return _footer(tuple(settings.PAYMENT_GATEWAYS), current(), current_language())


@lru_cache(maxsize=2 * len(LANGUAGES))
def _footer(gateways: tuple[str, ...], shop: Identity, language: str) -> SafeString:
    chrome = Chrome(links=current_links(), rayons=())
    return render_to_string("storefront/base/footer.html", {"chrome": chrome, "shop": shop})
