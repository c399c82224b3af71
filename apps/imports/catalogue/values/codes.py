"""References and bar codes."""

import re

from django.utils.translation import gettext as _

from apps.catalogue.ean import is_ean13
from apps.common.tabular.errors import Refusal
from apps.imports.catalogue.values.texts import named

# What Excel makes of a long code in a column of numbers: rounded, the code is lost.
_ROUNDED = re.compile(r"\d+(?:[.,]\d+)?e\+\d+|\d[.,]\d+e\d+", re.I)
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


def restored_ean(raw: str) -> str | None:
    """The EAN-13 of a bar code that lost the zeros in front of it in a column of numbers, where its check digit proves
    it; None for one that lost none. Of twelve digits it is a UPC, which has none to lose (`ean13`)."""
    digits = raw.strip().lstrip("'")
    if not re.fullmatch(r"[1-9][0-9]{8,10}", digits):
        return None
    return restored if is_ean13(restored := digits.zfill(13)) else None


def is_ean8(raw: str) -> bool:
    digits = raw.strip()
    return len(digits) == 8 and digits.isascii() and digits.isdigit() and is_ean13(f"00000{digits}")
