"""Filters of the Jinja2 templates: formats, and the components that stand in other ones."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.html import urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from apps.comments.services.trust import has_link
from apps.common import formats
from apps.common.money import format_euros
from apps.storefront.components import pictures, ratings


def few_left(pieces: int) -> str:
    return ngettext("Plus que %(pieces)s", "Plus que %(pieces)s", pieces) % {"pieces": pieces}


def iso_day(text: str) -> str:
    """« 20 novembre 2026 » of an ISO 8601 date or moment."""
    return formats.day(datetime.fromisoformat(text))


def linked(text: str) -> str | SafeString:
    """URLs as links with `rel="nofollow ugc"`. The author's text is escaped, quotes included."""
    if not has_link(text):
        return text
    html = urlize(text, nofollow=True, autoescape=True)
    return mark_safe(html.replace('rel="nofollow"', 'rel="nofollow ugc"'))  # noqa: S308 - escaped by urlize


FILTERS: dict[str, Callable[..., Any]] = {
    "average": ratings.average,
    "euros": format_euros,
    "few_left": few_left,
    "figure": ratings.figure,
    "iso_day": iso_day,
    "linked": linked,
    "out_of_five": ratings.out_of_five,
    "percent": formats.percent,
    "picture": pictures.picture,
    "rating": ratings.rating,
    "stars": ratings.stars,
}
