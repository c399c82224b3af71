"""Writes one table as CSV, as JSON and as a workbook, row by row."""

import csv
import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from apps.common.spreadsheets import guard

# Of a workbook: rows of a sheet, and characters of a cell.
SHEET_ROWS = 1_048_576
CELL_LENGTH = 32_767
# What openpyxl refuses: XML 1.0 has none of them.
CONTROL_CHARACTERS = re.compile(r"[\000-\010]|[\013-\014]|[\016-\037]")


class TableFiles:
    """Three files of one table in a folder; a context that closes them."""

    def __init__(self, folder: Path, name: str, columns: Sequence[str]) -> None:
        self._columns = columns
        self._count = self._on_sheet = 0
        self.paths = {suffix: folder / f"{name}.{suffix}" for suffix in ("csv", "json", "xlsx")}
        self._name = name[:28]

    def __enter__(self) -> "TableFiles":
        self._csv = self.paths["csv"].open("w", encoding="utf-8-sig", newline="")
        self._rows = csv.writer(self._csv, delimiter=";")
        self._rows.writerow(self._columns)
        self._json = self.paths["json"].open("w", encoding="utf-8")
        self._json.write("[")
        # Rows go to a temporary file as they come.
        # Imported here, as in everything that reads or writes workbooks: 8 MB of every process, with lxml.
        from openpyxl import Workbook

        self._book = Workbook(write_only=True)
        self._next_sheet()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._json.write("\n]\n")
        self._json.close()
        self._csv.close()
        self._book.save(self.paths["xlsx"])

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        for row in rows:
            self._rows.writerow([in_csv(value) for value in row])
            self._json.write(",\n" if self._count else "\n")
            described = dict(zip(self._columns, row, strict=True))
            self._json.write(json.dumps(described, ensure_ascii=False, cls=DjangoJSONEncoder))
            if self._on_sheet >= SHEET_ROWS:
                self._next_sheet()
            self._sheet.append([in_workbook(value) for value in row])
            self._count += 1
            self._on_sheet += 1

    def _next_sheet(self) -> None:
        number = len(self._book.worksheets) + 1
        self._sheet = self._book.create_sheet(self._name if number == 1 else f"{self._name} {number}")
        self._sheet.append(list(self._columns))
        self._on_sheet = 1


def in_csv(value: Any) -> str:
    """As French spreadsheets read it: decimal commas, the shop's time; no text begins as a formula does."""
    match value:
        case None:
            return ""
        case bool():
            return "oui" if value else "non"
        case Decimal():
            return f"{value:f}".replace(".", ",")
        case datetime():
            return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"
        case date():
            return value.isoformat()
        case int():
            return str(value)
    text = value if isinstance(value, str) else _text(value)
    text = text.replace("\0", "")
    return guard(text)


def in_workbook(value: Any) -> Any:
    """Numbers and dates as such; text without what a workbook cannot hold."""
    match value:
        case bool():
            return in_csv(value)
        case None | int() | Decimal():
            return value
        case datetime():
            return timezone.make_naive(value)
        case date():
            return value
    return CONTROL_CHARACTERS.sub("", in_csv(value))[:CELL_LENGTH]


def _text(value: Any) -> str:
    if isinstance(value, UUID):
        return str(value)
    return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)
