from collections.abc import Mapping, Sequence
from functools import lru_cache

from django.utils.safestring import SafeString

from apps.catalogue.listing import Rayon
from apps.catalogue.pictures import Picture
from apps.common.translation import LANGUAGES
from apps.storefront.components.templates import render

STRIP_LENGTH = 9

# Rayons are compared by identity and never change: those of another revision or language are others.


@lru_cache(maxsize=2 * len(LANGUAGES))
def render_menu(rayons: tuple[Rayon, ...]) -> SafeString:
    """Every rayon with those directly under it."""
    return render("menu", rayons=rayons)


def render_strip(rayons: Sequence[Rayon], *, here: str) -> SafeString:
    """The first rayons beside the menu; `here` is the URL of the one that the page belongs to."""
    return _strip(tuple(rayons[:STRIP_LENGTH]), in_strip(rayons, here))


def in_strip(rayons: Sequence[Rayon], here: str) -> str:
    """`here` if it is the URL of a rayon beside the menu, else nothing."""
    return here if any(rayon.url == here for rayon in rayons[:STRIP_LENGTH]) else ""


@lru_cache(maxsize=2 * len(LANGUAGES) * (STRIP_LENGTH + 1))
def _strip(rayons: tuple[Rayon, ...], here: str) -> SafeString:
    return render("strip", rayons=rayons, here=here)


def render_breadcrumbs(trail: Sequence[tuple[str, str]], *, here: str, home_url: str) -> SafeString:
    return render("breadcrumbs", trail=trail, here=here, home_url=home_url)


def render_tiles(rayons: Sequence[Rayon], *, pictures: Mapping[int, Picture]) -> SafeString:
    return _tiles(tuple((rayon, pictures.get(rayon.id)) for rayon in rayons))


@lru_cache(maxsize=2 * len(LANGUAGES))
def _tiles(tiles: tuple[tuple[Rayon, Picture | None], ...]) -> SafeString:
    return render("tiles", tiles=tiles)
