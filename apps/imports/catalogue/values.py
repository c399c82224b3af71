"""Parses cells. Each function raises Refusal with a reason that a merchant can act on."""

import html
import re
import unicodedata
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from apps.catalogue.descriptions import from_text, sanitise
from apps.catalogue.ean import is_ean13
from apps.catalogue.models import Variant
from apps.catalogue.models.product import VAT_RATES, VatClass
from apps.common.money import format_euros
from apps.common.tabular.errors import Refusal

HIGHEST_PRICE = Decimal("100000")
MOST_PIECES = 1_000_000
_IS_HTML = re.compile(r"</?(p|br|strong|em|b|i|u|ul|ol|li|h[1-6]|div|span|table|a|img|blockquote)\b[^<>]*>", re.I)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\ufeff]")
_SPACES = re.compile(r"[\s\u00a0\u202f]+")


def plain(raw: str) -> str:
    """Text on one line: entities decoded (some exports encode twice), without control characters and double spaces."""
    text = raw
    if "&" in text:
        text = html.unescape(html.unescape(text))
    return _SPACES.sub(" ", _CONTROL.sub("", unicodedata.normalize("NFC", text))).strip()


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


def described(raw: str) -> str:
    """A description as HTML, from a cell that may hold HTML or plain text with or without entities."""
    if _IS_HTML.search(raw):
        return sanitised(raw)
    text = plain(raw).replace("\ufffd", "")
    return from_text(text) if text else ""


def price(raw: str, *, may_be_zero: bool = False) -> Decimal:
    """« 1 234,50 € », « 1.234,50 », « 12.5 »: the last separator is the decimal one."""
    text = _SPACES.sub("", raw).replace("€", "").removesuffix("EUR")
    if not text:
        raise Refusal(_("prix manquant"))
    if not re.fullmatch(r"[+-]?[0-9][0-9.,]*", text):
        raise Refusal(_("prix illisible : « %(raw)s »") % {"raw": raw.strip()[:40]})
    whole, separator, cents = _at_last_separator(text)
    if separator and (len(cents) > 2 or not cents):
        raise Refusal(_("prix ambigu : « %(raw)s » (deux décimales au plus)") % {"raw": raw.strip()[:40]})
    try:
        amount = Decimal(f"{whole}.{cents or 0}")
    except InvalidOperation:
        raise Refusal(_("prix illisible : « %(raw)s »") % {"raw": raw.strip()[:40]}) from None
    if amount < 0:
        raise Refusal(_("prix négatif : %(amount)s") % {"amount": format_euros(amount)})
    if amount == 0 and not may_be_zero:
        raise Refusal(_("prix nul : un produit gratuit est presque toujours une erreur"))
    if amount > HIGHEST_PRICE:
        raise Refusal(_("prix absurde : %(amount)s (100 000 € au plus)") % {"amount": format_euros(amount)})
    return amount.quantize(Decimal("0.01"))


def _at_last_separator(text: str) -> tuple[str, str, str]:
    at = max(text.rfind(","), text.rfind("."))
    if at < 0:
        return text, "", ""
    return text[:at].replace(",", "").replace(".", ""), text[at], text[at + 1 :]


def vat_class(raw: str) -> VatClass:
    text = _SPACES.sub("", raw).replace("%", "").replace(",", ".")
    if not text:
        raise Refusal(_("TVA manquante"))
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal("-1")
    for code, its_rate in VAT_RATES.items():
        if rate == its_rate:
            return code
    raise Refusal(_("taux de TVA inconnu : « %(raw)s » (20, 10, 5,5 ou 2,1)") % {"raw": raw.strip()[:20]})


def pieces(raw: str) -> int | None:
    """Whole pieces, negative ones included: some tills oversell. None for an empty cell, which leaves the stock."""
    text = _SPACES.sub("", raw)
    if not text:
        return None
    match = re.fullmatch(r"([+-]?[0-9]{1,12})(?:[.,]0*)?", text)
    if match is None:
        raise Refusal(_("stock illisible : « %(raw)s » (un nombre entier de pièces)") % {"raw": raw.strip()[:40]})
    count = int(match[1])
    if abs(count) > MOST_PIECES:
        raise Refusal(_("stock absurde : %(count)s pièces (un million au plus)") % {"count": count})
    return count


def ean13(raw: str) -> str | None:
    """The EAN-13 in a code, None if it holds none. A UPC-A or a GTIN-14 of single pieces is one with other zeros."""
    digits = raw.strip().lstrip("'")
    if not (digits.isascii() and digits.isdigit()):
        return None
    if len(digits) == 12:
        digits = f"0{digits}"
    elif len(digits) == 14 and digits.startswith("0"):
        digits = digits[1:]
    return digits if is_ean13(digits) else None


def is_ean8(raw: str) -> bool:
    digits = raw.strip()
    return len(digits) == 8 and digits.isascii() and digits.isdigit() and is_ean13(f"00000{digits}")


def image_url(raw: str) -> str:
    """A URL that a picture can be fetched from. The product sells without it, so the caller warns and goes on."""
    url = html.unescape(raw.strip())
    if len(url) > 500:
        raise Refusal(_("adresse d’image trop longue : %(length)s caractères, 500 au plus") % {"length": len(url)})
    if url and (not re.match(r"https?://[^\s/]+/?", url, re.I) or re.search(r"[\s<>\"\\]", url)):
        raise Refusal(_("adresse d’image refusée : « %(url)s »") % {"url": url[:80]})
    return url


_UNITS = {"kg": ("GRAM", 1000), "g": ("GRAM", 1), "gr": ("GRAM", 1), "l": ("MILLILITRE", 1000)} | {
    "cl": ("MILLILITRE", 10),
    "dl": ("MILLILITRE", 100),
    "ml": ("MILLILITRE", 1),
}
_CONTENT = re.compile(
    r"""
    (?<![\d.,x×*+/-]) (?<!\d\ )
    (?:(?P<times>\d{1,2})\ ?[x×]\ ?)?
    (?P<number>\d{1,4}(?:[.,]\d{1,3})?)\ ?
    (?P<unit>kg|gr?|[cdm]?l)\b
    """,
    re.I | re.X,
)
_DOUBTFUL = re.compile(
    r"""
    [+%/] | \bde\ \d |
    \b(
        lot | les\ \d | paquets? | sachets? | bo[iî]tes? | barres? | tranches? | portions? | offerte?s? | gratuite?s? |
        dont | prot | protéines? | sucres? | fibres? | mati[eè]re | mg | x\ ?\d+ | \d+\ ?x
    )\b
    """,
    re.I | re.X,
)


def net_content(name: str) -> dict[str, object]:
    """Net content written in a product's name (« 75 cl », « 6 x 33 cl »), only where it can mean nothing else.

    A wrong price per kilo misleads, a missing one can be filled in by hand, so anything doubtful gives nothing.
    """
    found = list(_CONTENT.finditer(name))
    if len(found) != 1:
        return {}
    match = found[0]
    if _DOUBTFUL.search(name[: match.start()]) or _DOUBTFUL.search(name[match.end() :]):
        return {}
    if re.match(r" ?(de|d['’]|par)\b", name[match.end() :], re.I):
        return {}
    unit, factor = _UNITS[match["unit"].lower()]
    quantity = Decimal(match["number"].replace(",", ".")) * factor * int(match["times"] or 1)
    if not 10 <= quantity <= 30_000:
        return {}
    return {
        "content_quantity": quantity.quantize(Decimal("0.001")),
        "content_unit": Variant.ContentUnit[unit].value,
        "weight_g": int(quantity),
    }
