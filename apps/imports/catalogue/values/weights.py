"""Weights, and the net content that a price per kilo or litre is of."""

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.catalogue.models import Variant
from apps.common.tabular.errors import Refusal
from apps.imports.catalogue.values.texts import SPACES

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
    text = SPACES.sub(" ", raw).strip().removeprefix("'")
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
    text = SPACES.sub(" ", raw).strip().removeprefix("'")
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
