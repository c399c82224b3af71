"""Texts in each of the shop's languages, stored as columns `name_fr`, `name_en`."""

from typing import Any

from django.utils.translation import get_language

DEFAULT_LANGUAGE = "fr"
LANGUAGES = ("fr", "en")


def current_language() -> str:
    """The visitor's language among the shop's own; French outside a request."""
    language = (get_language() or DEFAULT_LANGUAGE)[:2]
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


def localised(field: str) -> str:
    """The column that holds `field` in the current language: `.order_by(localised("name"))`."""
    return f"{field}_{current_language()}"


class Translated:
    """Descriptor: `name_fr` or `name_en` by the current language; French when the text is not translated."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.short_description = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        return getattr(instance, localised(self.name)) or getattr(instance, f"{self.name}_{DEFAULT_LANGUAGE}")
