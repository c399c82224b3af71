"""Cells that programs for spreadsheets leave as they are: nothing is run as a formula, no digit is lost.

Each of the pairs is exact: `unguard(guard(text)) == text`, and `out_of_excel(for_excel(cell)) == cell` but for blanks
around a code. A file of ours that is given back therefore reads as what was written.
"""

import re
from typing import Any

from django.db import models
from import_export.fields import Field
from import_export.resources import ModelResource

# First characters that make a cell a formula (OWASP, CSV injection).
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# A text's own apostrophe gets another one before it, so that taking one away always gives the text.
_GUARDED = (*DANGEROUS, "'")
# Excel rounds longer numbers and drops zeros in front, but leaves what a formula gives as text.
_LOST_IN_EXCEL = re.compile(r"[0-9]{12,}|0[0-9]+")
# Less than nothing, which Excel shows as it is written.
_NEGATIVE = re.compile(r"-[0-9][0-9., ]{0,10}")
_AS_TEXT = re.compile(r'="([0-9]+)"')


def guard(text: str) -> str:
    """With an apostrophe in front where it begins like a formula."""
    return f"'{text}" if text.startswith(_GUARDED) else text


def unguard(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:].startswith(_GUARDED) else text


def for_excel(cell: str) -> str:
    """A cell of a file that is opened in Excel, saved, and given back: codes keep their digits."""
    text = cell.strip()
    if _LOST_IN_EXCEL.fullmatch(text):
        return f'="{text}"'
    return cell if _NEGATIVE.fullmatch(cell) else guard(cell)


def out_of_excel(cell: str) -> str:
    quoted = _AS_TEXT.fullmatch(cell.strip())
    return quoted[1] if quoted else unguard(cell)


class SafeResource(ModelResource):
    """Export to spreadsheets. A text that begins like a formula gets an apostrophe, so that it is not executed."""

    def export_field(self, field: Field, instance: models.Model, **kwargs: Any) -> Any:
        value = super().export_field(field, instance, **kwargs)
        return guard(value) if isinstance(value, str) else value
