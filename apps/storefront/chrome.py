"""The frame of every page: the rayons menu and the links of header and footer, cached in process memory.

Refreshed when the catalogue's revision changes, so that the frame of a page costs no query.
"""

from dataclasses import dataclass
from functools import lru_cache

from django.urls import NoReverseMatch, reverse

from apps.catalogue.listing import Rayon, rayon_pictures, tree
from apps.catalogue.pictures import Picture
from apps.common.translation import LANGUAGES, current_language

PAGES = (
    "home",
    "search",
    "suggestions",
    "basket",
    "basket_add",
    "basket_update",
    "me",
    "account",
    "contact",
    "find_order",
    "legal_notice",
    "terms",
    "privacy",
    "delivery_and_returns",
    "withdrawal_entrance",
)


@dataclass(frozen=True, slots=True)
class Chrome:
    links: dict[str, str]
    rayons: tuple[Rayon, ...]

    @property
    def pictures(self) -> dict[int, Picture]:
        """One picture for each top rayon, for its tile."""
        return rayon_pictures()


def _page_url(name: str) -> str:
    try:
        return reverse(f"storefront:{name}")
    except NoReverseMatch:
        return ""


@lru_cache(maxsize=len(LANGUAGES))
def _links(language: str) -> dict[str, str]:
    return {name: _page_url(name) for name in PAGES}


def current_links() -> dict[str, str]:
    return _links(current_language())


def current_chrome() -> Chrome:
    """In the current language. The rayons come from the catalogue's cached tree."""
    return Chrome(links=current_links(), rayons=tuple(tree(current_language()).roots))
