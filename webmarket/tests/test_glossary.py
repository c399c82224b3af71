"""docs/glossary.md names every model, with the French and the English word that staff read."""

import re

from django.apps import apps
from django.conf import settings
from django.utils import translation

VISIBLE = re.compile(r"^\| (\w+) \| ([^|]+?) \| ([^|]+?) \|[^|]*\|$", re.M)
INTERNAL = re.compile(r"^\| (\w+(?:, \w+)*) \|[^|]*\|$", re.M)


def models():
    ours = (model for app in apps.get_app_configs() if app.name.startswith("apps.") for model in app.get_models())
    return {model.__name__: model._meta for model in ours if not model.__name__.startswith("Historical")}


def word(meta, language: str) -> str:
    with translation.override(language):
        return str(meta.verbose_name)


def test_every_model_has_its_row_with_the_words_that_staff_read():
    visible, internal = (settings.BASE_DIR / "docs" / "glossary.md").read_text().split("## What only programs see")
    hidden = {code for codes in INTERNAL.findall(internal) for code in codes.split(", ")}
    rows = {code: (french, english) for code, french, english in VISIBLE.findall(visible) if code != "code"}
    assert rows == {code: (word(meta, "fr"), word(meta, "en")) for code, meta in models().items() if code not in hidden}
    assert {code for code in hidden if code[0].isupper()} <= models().keys()
