"""The environment of Jinja2 templates, which are components that a page repeats (`jinja2/components/` of an app).

Compiled to Python, they take a third of the time of Django's templates where nothing in them is called through Jinja2's
context: values are variables and their attributes, formats are filters.
"""

import re
from typing import Any

from django.utils.translation import gettext, ngettext
from jinja2 import Environment, StrictUndefined
from jinja2.ext import Extension

from apps.storefront.components.filters import FILTERS

_INDENTATION = re.compile(r"\n[ \t]+")
_BETWEEN_TAGS = re.compile(r"(?<=[>}])[ \t]*(\n+)(?=[<{])|(\n)(?=>)")
_JINJA2 = re.compile(r"({{.*?}}|{%.*?%}|{#.*?#})", re.DOTALL)
# A line with nothing but these tags prints nothing.
_SILENT_LINE = re.compile(r"^((?:{%(?:(?!%}).)*%}|{#(?:(?!#}).)*#})+)[ \t]*\n", re.MULTILINE)


def without_line_ends(text: str) -> str:
    """HTML on one line. A line end between two tags, be they HTML's or Jinja2's, values included, is left out: a space
    that shows stands within a line. One beside text, or between two attributes, is a space.

    Line ends stay in comments of Jinja2, so that errors name the right line.
    """
    text = _SILENT_LINE.sub("\\1{#\n#}", _INDENTATION.sub("\n", text.rstrip()))
    parts = _JINJA2.split(_BETWEEN_TAGS.sub(r"{#\1\2#}", text))
    parts[::2] = [part.replace("\n", " {#\n#}") for part in parts[::2]]
    return "".join(parts)


class LineEnds(Extension):
    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return without_line_ends(source)


class Components(Environment):
    """Strict: a parameter, an attribute or a filter that does not exist is an error, in production too. A dot reads an
    attribute, as in Python, never an item. There is no `|safe`: what is not escaped was rendered by a component."""

    getattr = staticmethod(getattr)  # type: ignore[assignment]

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "undefined": StrictUndefined, "extensions": [LineEnds]})
        self.filters |= FILTERS
        del self.filters["safe"]
        # Only these: each component's context begins with a copy of them.
        self.globals = {"_": gettext, "ngettext": ngettext}
