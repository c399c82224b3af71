"""What surrounds every page: the rayons menu and the links of header and footer, kept in process memory.

Read again when the catalogue's revision moves, so that a page spends no query on its own frame.
"""

from dataclasses import dataclass
from functools import lru_cache

from django.urls import NoReverseMatch, reverse

from apps.catalogue.models import Category
from apps.common.translation import LANGUAGES, current_language

PAGES = (
    "home",
    "search",
    "suggestions",
    "basket",
    "basket_add",
    "me",
    "account",
    "contact",
    "legal_notice",
    "terms",
    "privacy",
    "delivery_and_returns",
)
STRIP_LENGTH = 9


@dataclass(frozen=True, slots=True)
class Rayon:
    name: str
    url: str
    tint: str
    children: tuple["Rayon", ...]


@dataclass(frozen=True, slots=True)
class Chrome:
    links: dict[str, str]
    rayons: tuple[Rayon, ...]

    @property
    def strip(self) -> tuple[Rayon, ...]:
        """The rayons that fit beside the menu button."""
        return self.rayons[:STRIP_LENGTH]


def _page_url(name: str) -> str:
    try:
        return reverse(f"storefront:{name}")
    except NoReverseMatch:
        return ""


def _rayons() -> tuple[Rayon, ...]:
    children: dict[str, list[Rayon]] = {}
    roots: list[Rayon] = []
    # Deepest first, so that a rayon's children are known when it is made.
    categories = sorted(Category.objects.filter(depth__lte=2, is_visible=True), key=lambda c: (-c.depth, c.path))
    for category in categories:
        rayon = Rayon(
            name=category.name,
            url=reverse("storefront:category", args=[category.slug]),
            tint=category.tint,
            children=tuple(children.get(category.path, ())),
        )
        if category.depth == 1:
            roots.append(rayon)
        else:
            children.setdefault(category.path[: Category.steplen], []).append(rayon)
    return tuple(roots)


@lru_cache(maxsize=2 * len(LANGUAGES))
def _chrome(revision: int, language: str) -> Chrome:
    return Chrome(links={name: _page_url(name) for name in PAGES}, rayons=_rayons())


def current_chrome(*, revision: int) -> Chrome:
    return _chrome(revision, current_language())
