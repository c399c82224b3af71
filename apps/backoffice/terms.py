"""The terms of sale as they would be published now."""

from django.template.loader import render_to_string
from django.utils import translation

from apps.common.translation import LANGUAGES
from apps.shop.identity import current
from apps.shop.terms import TEMPLATE


def rendered_terms() -> dict[str, str]:
    """By language: the newest template, filled with the shop's facts."""
    texts = {}
    for language in LANGUAGES:
        with translation.override(language):
            texts[language] = render_to_string(
                f"storefront/legal/terms/{TEMPLATE}.{language}.html", {"shop": current()}
            ).strip()
    return texts
