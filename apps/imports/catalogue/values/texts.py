"""Text on one line, and descriptions."""

import html
import re
import unicodedata

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from apps.catalogue.descriptions import from_text, sanitise
from apps.common.tabular.errors import Refusal

_IS_HTML = re.compile(
    r"</?(p|br|strong|em|b|i|u|s|ul|ol|li|h[1-6]|div|span|table|tbody|tr|td|th|a|img|blockquote|font|center|small|big|sup|sub"
    r"|pre|code|hr|dl|dt|dd|section|article|header|footer|figure|figcaption|iframe|video|mark|del|ins|style|script)\b[^<>]*>",
    re.I,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\ufeff]")
SPACES = re.compile(r"[\s\u00a0\u202f]+")


def plain(raw: str) -> str:
    """Text on one line: entities decoded (some exports encode twice), without control characters and double spaces."""
    if raw.isprintable() and "&" not in raw and "  " not in raw and unicodedata.is_normalized("NFC", raw):
        # Most cells: nothing in it to change, and of white space single spaces alone are printable.
        return raw.strip()
    text = raw
    if "&" in text:
        text = html.unescape(html.unescape(text))
    return SPACES.sub(" ", _CONTROL.sub("", unicodedata.normalize("NFC", text))).strip()


def named(raw: str, *, longest: int, what: str) -> str:
    text = plain(raw)
    if len(text) > longest:
        raise Refusal(
            _("%(what)s trop long : %(length)s caractères, %(longest)s au plus")
            % {"what": what, "length": len(text), "longest": longest}
        )
    if "\ufffd" in text:
        raise Refusal(
            _("%(what)s illisible : des caractères sont perdus (« %(text)s »)") % {"what": what, "text": text}
        )
    return text


def sanitised(raw: str) -> str:
    return sanitise(_CONTROL.sub("", raw))


# Elements that a description may not have, and those that keep their parts apart instead.
_ELEMENTS = {
    **dict.fromkeys(("h1", "h2"), "h3"),
    **dict.fromkeys(("h5", "h6"), "h4"),
    **dict.fromkeys(("table", "div", "section", "article", "figcaption", "dl"), "p"),
    **dict.fromkeys(("dt", "dd"), "li"),
    "hr": "br",
}
_ELEMENT = re.compile(rf"<(/?)({'|'.join(_ELEMENTS)})\b[^<>]*>", re.I)
_NEXT_CELL = re.compile(r"<[/]t[dh]>\s*<t[dh]\b[^<>]*>", re.I)
_NEXT_ROW = re.compile(r"<[/]tr>\s*(?:<[/]?(?:tbody|thead)>|\s)*<tr\b[^<>]*>", re.I)
_EMPTY_BLOCK = re.compile(r"<(p|h3|h4|li)>\s*</\1>")
_LOST = {"img": _lazy("images"), "a": _lazy("liens"), "table": _lazy("mise en tableau"), "iframe": _lazy("vidéos")}


def described(raw: str) -> str:
    """A description as HTML, from a cell that may hold HTML or plain text with or without entities.

    Lines, headings and cells of tables stay apart. Repeating it changes nothing.
    """
    if "&lt;" in raw and not _is_html(raw) and _is_html(unescaped := html.unescape(raw)):
        # HTML that an export has escaped as a whole.
        raw = unescaped
    if _is_html(raw):
        rewritten = _ELEMENT.sub(_allowed, _NEXT_ROW.sub(_tag("br"), _NEXT_CELL.sub(" : ", raw)))
        return sanitised(raw) if rewritten == raw else _EMPTY_BLOCK.sub("", sanitised(rewritten))
    lines = [plain(line).replace("\ufffd", "") for line in html.unescape(raw).splitlines()]
    text = re.sub(r"\n{2,}", "\n\n", "\n".join(lines).strip("\n"))
    return from_text(text) if text else ""


def _is_html(raw: str) -> bool:
    return "<" in raw and _IS_HTML.search(raw) is not None


def _allowed(found: re.Match[str]) -> str:
    return _tag(found[1] + _ELEMENTS[found[2].lower()])


def _tag(name: str) -> str:
    return f"<{name}>"


def lost_in_description(raw: str) -> list[str]:
    """What a description holds that a product's page does not show."""
    if "<" not in raw:
        return []
    names = [str(name) for tag, name in _LOST.items() if re.search(rf"<{tag}\b", raw, re.I)]
    return list(dict.fromkeys(names))
