"""Rates of VAT."""

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.catalogue.models.product import VAT_RATES, VatClass
from apps.common.letters import fold
from apps.common.tabular.errors import Refusal
from apps.imports.catalogue.values.texts import SPACES
from apps.shop.identity import current

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


def vat_class(raw: str) -> VatClass | None:
    """« 5,5 », « TVA 5,5 % », « 0,055 », « FR Taux réduit (5.5%) », « taux réduit ».

    None for a rate of 0 in a shop that charges no VAT (art. 293 B CGI): it says none of the rates.
    """
    text = SPACES.sub(" ", raw).strip().removeprefix("'")
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
        if current().vat_franchise:
            return None
        raise Refusal(
            _(
                "TVA à 0 : êtes-vous en franchise en base (art. 293 B du CGI) ? Cochez-la sur la page « La boutique », "
                "puis renvoyez le fichier. Sinon écrivez le taux : 20, 10, 5,5 ou 2,1"
            )
        )
    raise Refusal(_("taux de TVA inconnu : « %(raw)s » (20, 10, 5,5 ou 2,1)") % {"raw": raw.strip()[:20]})


def _rate_class(rate: Decimal) -> VatClass | None:
    return next((code for code, its_rate in VAT_RATES.items() if rate == its_rate), None)
