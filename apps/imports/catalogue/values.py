"""Parses cells. Each function raises Refusal with a reason that a merchant can act on."""

import html
import re
import unicodedata
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from apps.catalogue.descriptions import from_text, sanitise
from apps.catalogue.ean import is_ean13
from apps.catalogue.models import Variant
from apps.catalogue.models.product import VAT_RATES, VatClass
from apps.common.letters import fold
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
    if _IS_HTML.search(raw):
        rewritten = _ELEMENT.sub(_allowed, _NEXT_ROW.sub(_tag("br"), _NEXT_CELL.sub(" : ", raw)))
        return sanitised(raw) if rewritten == raw else _EMPTY_BLOCK.sub("", sanitised(rewritten))
    lines = [plain(line).replace("\ufffd", "") for line in html.unescape(raw).splitlines()]
    text = re.sub(r"\n{2,}", "\n\n", "\n".join(lines).strip("\n"))
    return from_text(text) if text else ""


def _allowed(found: re.Match[str]) -> str:
    return _tag(found[1] + _ELEMENTS[found[2].lower()])


def _tag(name: str) -> str:
    return f"<{name}>"


def lost_in_description(raw: str) -> list[str]:
    """What a description holds that a product's page does not show."""
    names = [str(name) for tag, name in _LOST.items() if re.search(rf"<{tag}\b", raw, re.I)]
    return list(dict.fromkeys(names))


# « € » between euros and cents, as price tags write it: « 12€90 ».
_WITH_SIGN_INSIDE = re.compile(r"(\d+) ?(?:€|euros?|eur) ?(\d\d)", re.I)
_CURRENCY = re.compile(r"(?:€|\beuros?\b|(?<![a-z])eur\b)", re.I)
_FOREIGN_CURRENCY = re.compile(r"[$£¥]|\b(?:chf|usd|gbp|cad|fcfa|xof|francs?)\b", re.I)
_WITHOUT_TAX = re.compile(r"\b(?:h\.?t\.?|hors[ -]taxes?)(?![a-z])", re.I)
_WITH_TAX = re.compile(r"\b(?:t\.?t\.?c\.?|toutes taxes comprises)(?![a-z])", re.I)
_CENTS = re.compile(r"(\d{1,2}) ?(?:cts?|centimes?)", re.I)
_NUMBER = re.compile(
    r"""
    (?P<sign>[+-]?)
    (?P<whole>
        \d+ | \d{1,3}(?:\ \d{3})+ | \d{1,3}(?:'\d{3})+ | \d{1,3}(?:\.\d{3})+(?!\d*$) | \d{1,3}(?:,\d{3})+(?!\d*$)
    )
    (?:(?P<separator>[.,])(?P<decimals>\d*|-+))?
    """,
    re.X,
)
_ZERO_CENTS = re.compile(r"[-–—]+$")


def price(raw: str, *, may_be_zero: bool = False) -> Decimal:
    """« 1 234,50 € », « 1.234,50 », « 12€90 », « 12,90 TTC », « 12.500000 ».

    Thousands are groups of three, by one sign that is not the decimal one. What has two readings, as « 1.234 » and
    « 12 90 », is refused.
    """
    amount = _positive(raw, may_be_zero=may_be_zero)
    cents = amount.quantize(Decimal("0.01"))
    if cents != amount:
        raise _ambiguous(raw)
    return cents


def net_price(raw: str) -> Decimal:
    """A price before VAT, which may have fractions of cents: « 9,383886 »."""
    return _positive(raw, without_tax=True)


def _positive(raw: str, *, may_be_zero: bool = False, without_tax: bool = False) -> Decimal:
    amount = _amount(raw, without_tax=without_tax)
    if amount < 0:
        raise Refusal(_("prix négatif : %(amount)s") % {"amount": format_euros(amount)})
    if amount == 0 and not may_be_zero:
        raise Refusal(_("prix nul : un produit gratuit est presque toujours une erreur"))
    if amount > HIGHEST_PRICE:
        raise Refusal(_("prix absurde : %(amount)s (100 000 € au plus)") % {"amount": format_euros(amount)})
    return amount


def _amount(raw: str, *, without_tax: bool) -> Decimal:
    text = _SPACES.sub(" ", raw).strip().removeprefix("'").replace("’", "'")
    if not text:
        raise Refusal(_("prix manquant"))
    if not text.isprintable() or not _has_ascii_digits(text) or _FOREIGN_CURRENCY.search(text):
        raise _unreadable(raw)
    if _WITHOUT_TAX.search(text) and not without_tax:
        raise Refusal(_("prix hors taxes : « %(raw)s » dans une colonne de prix TTC") % {"raw": raw.strip()[:40]})
    text = (_WITHOUT_TAX if without_tax else _WITH_TAX).sub("", text, count=1).strip()
    if match := _WITH_SIGN_INSIDE.fullmatch(text):
        return Decimal(f"{match[1]}.{match[2]}")
    if match := _CENTS.fullmatch(text):
        return Decimal(match[1]) / 100
    # The sign of the currency stands before or after the number, once.
    bare = _CURRENCY.sub("", text, count=1).strip()
    if bare != text and not (text.startswith(bare) or text.endswith(bare)):
        raise _unreadable(raw)
    bare = re.sub(r"^([+-]) ", r"\1", bare)
    return _number(bare, raw)


def _unreadable(raw: str) -> Refusal:
    return Refusal(_("prix illisible : « %(raw)s »") % {"raw": raw.strip()[:40]})


def _ambiguous(raw: str) -> Refusal:
    return Refusal(_("prix ambigu : « %(raw)s » (deux décimales au plus)") % {"raw": raw.strip()[:40]})


def _has_ascii_digits(text: str) -> bool:
    return all(character.isascii() for character in text if character.isnumeric())


def _number(text: str, raw: str) -> Decimal:
    """A decimal number as people write it; raises Refusal where it has two readings."""
    text = _ZERO_CENTS.sub("00", text) if re.search(r"\d[.,][-–—]+$", text) else text
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise _unreadable(raw)
    whole, decimals = match["whole"], match["decimals"]
    grouped_by = next((sign for sign in " '.," if sign in whole), "")
    if match["separator"] and (not decimals or match["separator"] == grouped_by):
        raise _ambiguous(raw)
    if decimals and len(decimals) == 3 and whole != "0" and len(whole) < 4:
        # « 1.234 » is as well one thousand two hundred and thirty-four, and « 12,500 » twelve thousand five hundred.
        raise _ambiguous(raw)
    if not match["separator"] and grouped_by in (".", ","):
        raise _ambiguous(raw)
    digits = re.sub(r"\D", "", whole)
    return Decimal(f"{match['sign']}{digits}.{decimals or 0}")


_VAT_WORDS = {
    "normal": VatClass.STANDARD,
    "standard": VatClass.STANDARD,
    "plein": VatClass.STANDARD,
    "intermediaire": VatClass.INTERMEDIATE,
    "reduit": VatClass.REDUCED,
    "reduced rate": VatClass.REDUCED,
    "super reduit": VatClass.SUPER_REDUCED,
    "particulier": VatClass.SUPER_REDUCED,
}
_PERCENTAGE = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,6})?) ?%")


def vat_class(raw: str) -> VatClass:
    """« 5,5 », « TVA 5,5 % », « 0,055 », « FR Taux réduit (5.5%) », « taux réduit »."""
    text = _SPACES.sub(" ", raw).strip().removeprefix("'")
    if not text:
        raise Refusal(_("TVA manquante"))
    found = [_rate_class(Decimal(number.replace(",", "."))) for number in _PERCENTAGE.findall(text)]
    if not found:
        bare = re.sub(r"^(?:taux (?:de )?)?tva ?:? ?", "", text, flags=re.I)
        if re.fullmatch(r"\d{1,2}(?:[.,]\d{1,6})?", bare) and bare.isascii():
            number = Decimal(bare.replace(",", "."))
            # A spreadsheet's percentage without its sign: no French rate is under one per cent.
            found = [_rate_class(number * 100 if 0 < number < 1 else number)]
        else:
            words = re.sub(r"^(?:fr )?taux[ -]|^tva ", "", fold(bare).replace("_", " "))
            found = [_VAT_WORDS.get(words.replace("-", " "))]
    classes = set(found)
    if len(classes) == 1 and (only := classes.pop()) is not None:
        return only
    if re.fullmatch(r"(?:tva )?0+(?:[.,]0+)? ?%?|exon[eé]r[eé]e?|zero-rate|taux-zero", text, re.I):
        raise Refusal(
            _(
                "TVA à 0 : la boutique facture 20, 10, 5,5 ou 2,1 %. En franchise en base (art. 293 B du CGI), rien "
                "n’est prévu : retirez la colonne ou écrivez le taux"
            )
        )
    raise Refusal(_("taux de TVA inconnu : « %(raw)s » (20, 10, 5,5 ou 2,1)") % {"raw": raw.strip()[:20]})


def _rate_class(rate: Decimal) -> VatClass | None:
    return next((code for code, its_rate in VAT_RATES.items() if rate == its_rate), None)


_TRUE = frozenset(
    (
        *("true", "vrai", "oui", "yes", "y", "o", "1", "x", "on", "actif", "active", "publie", "publiee", "published"),
        *("visible", "en-ligne", "enabled"),
    )
)
_FALSE = frozenset(
    (
        *("false", "faux", "non", "no", "n", "0", "-1", "off", "inactif", "inactive", "brouillon", "draft", "hidden"),
        *("cache", "masque", "unlisted", "disabled"),
    )
)


def truth(raw: str) -> bool | None:
    """« VRAI », « oui », « 1 »; « FAUX », « non », « 0 ». None for an empty cell. Raises Refusal for another word."""
    word = re.sub(r"[\s_]+", "-", fold(raw.strip().removeprefix("'")))
    if not word:
        return None
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise Refusal(_("ni oui ni non : « %(raw)s »") % {"raw": raw.strip()[:20]})


_PIECES = re.compile(
    r"([+-]?(?:[0-9]{1,12}|[0-9]{1,3}(?: [0-9]{3})+))(?:[.,](0*))? ?(?:pcs?|pi[eè]ces?|unit[eé]s?|u\.?)?", re.I
)


def pieces(raw: str) -> int | None:
    """Whole pieces, negative ones included: some tills oversell. None for an empty cell, which leaves the stock."""
    text = _SPACES.sub(" ", raw).strip().removeprefix("'")
    if not text:
        return None
    match = _PIECES.fullmatch(text)
    # « 1.000 » is one piece, or a thousand.
    if match is None or len(match[2] or "") == 3:
        raise Refusal(_("stock illisible : « %(raw)s » (un nombre entier de pièces)") % {"raw": raw.strip()[:40]})
    count = int(match[1].replace(" ", ""))
    if abs(count) > MOST_PIECES:
        raise Refusal(_("stock absurde : %(count)s pièces (un million au plus)") % {"count": count})
    return count


_GRAMS: dict[str, Decimal | int] = {
    **dict.fromkeys(("kg", "kilo", "kilos", "kilogramme", "kilogrammes"), 1000),
    **dict.fromkeys(("g", "gr", "gramme", "grammes", "gram", "grams"), 1),
    "mg": Decimal("0.001"),
    "t": 1_000_000,
}
_FOREIGN_WEIGHTS: dict[str, Decimal | int] = {
    "lb": Decimal("453.59237"),
    "lbs": Decimal("453.59237"),
    "oz": Decimal("28.349523125"),
}
_WEIGHT = re.compile(r"(\d{1,7}(?:[.,]\d{1,6})?) ?([a-z]*)", re.I)
HEAVIEST = 1_000_000


def grams(raw: str, *, unit: str = "") -> int | None:
    """« 500 g », « 0,5 kg », or a number of `unit`. None for an empty cell. Raises Refusal for another unit or none."""
    text = _SPACES.sub(" ", raw).strip().removeprefix("'")
    if not text:
        return None
    match = _WEIGHT.fullmatch(text)
    factor = (_GRAMS | _FOREIGN_WEIGHTS).get((match[2] if match else "").lower() or unit.strip().lower())
    if match is None or not text.isascii() or factor is None:
        raise Refusal(_("poids illisible : « %(raw)s » (500 g ou 0,5 kg)") % {"raw": raw.strip()[:40]})
    weight = whole_grams(Decimal(match[1].replace(",", ".")) * factor)
    if weight > HEAVIEST:
        raise Refusal(_("poids absurde : « %(raw)s » (une tonne au plus)") % {"raw": raw.strip()[:40]})
    return weight


def whole_grams(weight: Decimal) -> int:
    return int((weight + Decimal("0.5")) // 1)


_VOLUMES: dict[str, Decimal | int] = {"l": 1000, "litre": 1000, "litres": 1000, "dl": 100, "cl": 10, "ml": 1}


def quantity(raw: str, *, unit: str = "") -> tuple[Decimal, str] | None:
    """Grams or millilitres with their content unit; None for a number without a unit that is known."""
    text = _SPACES.sub(" ", raw).strip().removeprefix("'")
    match = _WEIGHT.fullmatch(text)
    if match is None or not text.isascii():
        raise Refusal(_("poids illisible : « %(raw)s » (500 g ou 0,5 kg)") % {"raw": raw.strip()[:40]})
    named_unit = (match[2] or unit).strip(" .").lower()
    number = Decimal(match[1].replace(",", "."))
    if (factor := _VOLUMES.get(named_unit)) is not None:
        kind = Variant.ContentUnit.MILLILITRE.value
    elif (factor := _GRAMS.get(named_unit)) is not None:
        kind = Variant.ContentUnit.GRAM.value
    else:
        return None
    if number * factor > HEAVIEST:
        raise Refusal(_("poids absurde : « %(raw)s » (une tonne au plus)") % {"raw": raw.strip()[:40]})
    return number * factor, kind


# What Excel makes of a long code in a column of numbers: rounded, the code is lost.
_ROUNDED = re.compile(r"\d+(?:[.,]\d+)?e\+\d+", re.I)
_FORMULA = re.compile(r'=\s*"([^"]*)"')


def identifier(raw: str, *, longest: int, what: str) -> str:
    """A code as it was before a spreadsheet: without the formula or the apostrophe that kept it text."""
    text = raw.strip()
    if match := _FORMULA.fullmatch(text):
        text = match[1]
    text = named(text, longest=longest, what=what).removeprefix("'").strip()
    if re.fullmatch(r"\d{8,14}\.0+", text):
        text = text.partition(".")[0]
    if _ROUNDED.fullmatch(text):
        raise Refusal(
            _("Excel a abîmé ce code (%(code)s) : mettez la colonne au format Texte, ou réexportez") % {"code": text}
        )
    return text


def ean13(raw: str) -> str | None:
    """The EAN-13 in a code, None if it holds none. A UPC-A or a GTIN-14 of single pieces is one with other zeros."""
    digits = re.sub(r"(?<=\d)[ -](?=\d)", "", raw.strip().lstrip("'"))
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


def image_urls(raw: str) -> list[str]:
    """The addresses in a cell, which commas, semicolons, bars, spaces or line ends separate."""
    return [part for part in re.split(r"[\s,;|]+(?=https?://)", raw.strip(), flags=re.I) if part]


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
