from functools import cache
from typing import Any

import jinja2
from django.template import engines
from django.utils.safestring import SafeString


def render(name: str, **parameters: Any) -> SafeString:
    """The component `jinja2/components/{name}.html`, which escapes its parameters and says on top which it needs."""
    return SafeString(_template(name).render(parameters))


@cache
def _template(name: str) -> jinja2.Template:
    return engines["jinja2"].env.get_template(f"components/{name}.html")
