"""Addresses of one page in each of the shop's languages."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse, translate_url
from django.utils.translation import override

from apps.common.translation import LANGUAGES


def slug_alternates(name: str, subject) -> dict[str, str]:
    """The page `name` of a category or product whose slug differs between languages."""
    alternates = {}
    for language in LANGUAGES:
        with override(language):
            alternates[language] = reverse(f"storefront:{name}", args=[subject.slug])
    return alternates


def page_alternates(request: HttpRequest) -> dict[str, str]:
    """The same page, with the same query, in the other languages."""
    path = request.get_full_path()
    return {language: translate_url(path, language) for language in LANGUAGES}


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
