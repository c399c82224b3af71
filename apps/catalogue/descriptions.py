"""The HTML that a product's description may hold."""

import nh3
from django.utils.html import linebreaks

TAGS = {"p", "br", "strong", "em", "b", "i", "u", "ul", "ol", "li", "h3", "h4", "blockquote", "sub", "sup"}
_WITH_CONTENT = {"script", "style", "iframe", "object", "template"}


def sanitise(html: str) -> str:
    """Keep simple HTML without attributes; take out every other tag, and scripts with what is in them.

    Repeating it changes nothing.
    """
    return nh3.clean(html, tags=TAGS, attributes={}, clean_content_tags=_WITH_CONTENT).strip()


def from_text(text: str) -> str:
    """Plain text as HTML: a paragraph for each part between empty lines."""
    return sanitise("".join(linebreaks(part, autoescape=True) for part in text.split("\n\n")))
