"""Rows from ODS, the sheets of LibreOffice: XML in a ZIP archive, read as a stream."""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree.ElementTree import Element, iterparse

from django.utils.translation import gettext as _

from apps.common.tabular.errors import UnreadableFile
from apps.common.tabular.limits import LONGEST_SHEET, WIDEST_SHEET
from apps.common.tabular.workbook import check_unpacked_size, legible

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_NUMBERS = ("float", "currency", "percentage")


class OpenDocumentSheets:
    kind = "ods"

    def __init__(self, open_: Callable[[], Any]) -> None:
        self._open = open_
        with open_() as file:
            check_unpacked_size(file)
        with legible():
            self._names = [
                element.get(f"{_TABLE}name", "")
                for event, element in self._events()
                if event == "start" and element.tag == f"{_TABLE}table"
            ]

    def names(self) -> list[str]:
        return self._names

    def lines(self, sheet: int) -> int:
        return 0

    def rows(self, sheet: int) -> Iterator[Sequence[str]]:
        at, count = -1, 0
        for event, element in self._events():
            if element.tag == f"{_TABLE}table":
                at += event == "start"
                if event == "end" and at == sheet:
                    return
            if event == "end" and element.tag == f"{_TABLE}table-row":
                cells = _cells(element) if at == sheet else []
                repeated = int(element.get(f"{_TABLE}number-rows-repeated", 1)) if at == sheet else 0
                element.clear()
                for _number in range(min(repeated, LONGEST_SHEET - count)):
                    yield cells
                count += repeated
                if count >= LONGEST_SHEET:
                    return

    def _events(self) -> Iterator[tuple[str, Element]]:
        with self._open() as file, zipfile.ZipFile(file) as archive:
            with archive.open("content.xml") as content:
                if b"<!DOCTYPE" in content.read(4096):
                    raise UnreadableFile(_("Ce classeur ne peut pas être lu. Enregistrez-le au format CSV."))
            with archive.open("content.xml") as content:
                yield from iterparse(content, events=("start", "end"))  # noqa: S314


def _cells(row: Element) -> list[str]:
    """The cells up to the last that holds anything: a row is padded to the sheet's full width by one repeated cell."""
    cells: list[str] = []
    empty = 0
    for cell in row:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        repeated = min(int(cell.get(f"{_TABLE}number-columns-repeated", 1)), WIDEST_SHEET)
        if not (text := _value(cell)):
            empty += repeated
            continue
        cells += [""] * min(empty, WIDEST_SHEET) + [text] * repeated
        empty = 0
        if len(cells) > WIDEST_SHEET:
            raise UnreadableFile(_("Ce classeur ne peut pas être lu. Enregistrez-le au format CSV."))
    return cells


def _value(cell: Element) -> str:
    kind = cell.get(f"{_OFFICE}value-type", "")
    displayed = "\n".join(_text(paragraph) for paragraph in cell if paragraph.tag == f"{_TEXT}p")
    if kind in _NUMBERS:
        try:
            # Through float: 15 digits, which is what Calc shows.
            number = Decimal(f"{float(cell.get(f'{_OFFICE}value', '')):.15g}")
        except (ValueError, InvalidOperation):
            return displayed
        # A format of zeros keeps a code's first ones: « 0012345678905 ».
        if displayed.isascii() and displayed.isdigit() and Decimal(displayed) == number:
            return displayed
        if kind == "percentage":
            number *= 100
        text = f"{number:f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return f"{text} %" if kind == "percentage" else text
    if kind == "boolean":
        return "VRAI" if cell.get(f"{_OFFICE}boolean-value") == "true" else "FAUX"
    if kind == "date":
        day, _t, clock = cell.get(f"{_OFFICE}date-value", displayed).partition("T")
        return f"{day} {clock[:8]}" if clock.strip("0:.Z") else day[:10]
    return displayed


def _text(element: Element) -> str:
    """A paragraph's text with its spaces, tabs and line breaks, which are elements of their own."""
    parts = [element.text or ""]
    for child in element:
        match child.tag.removeprefix(_TEXT):
            case "s":
                parts.append(" " * min(int(child.get(f"{_TEXT}c", 1)), 1000))
            case "tab":
                parts.append("\t")
            case "line-break":
                parts.append("\n")
            case "note":
                pass
            case _:
                parts.append(_text(child))
        parts.append(child.tail or "")
    return "".join(parts)
