"""The rows of an XLSX file."""

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.common.tabular.errors import UnreadableFile
from apps.common.tabular.limits import LARGEST_WORKBOOK, LONGEST_SHEET
from apps.common.tabular.rows import Row


class Workbook:
    """The first sheet, as text, read once; a file that unpacks to too much is not opened."""

    def __init__(self, open_: Callable[[], Any]) -> None:
        from openpyxl import load_workbook

        file = open_()
        with _legible(), zipfile.ZipFile(file) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > LARGEST_WORKBOOK:
            raise UnreadableFile(_("Ce classeur est trop grand une fois ouvert. Enregistrez-le au format CSV."))
        file.seek(0)
        with _legible():
            sheet = load_workbook(file, read_only=True, data_only=True).worksheets[0]
            # A sheet's declared size is wrong in files of some programs, and cells beyond it would not be read.
            sheet.reset_dimensions()
            self._values = sheet.iter_rows(values_only=True, max_row=LONGEST_SHEET)
            self.header = [_cell(value) for value in next(self._values)]

    def rows(self) -> Iterator[Row]:
        """The rows under the header that hold anything. Raises UnreadableFile where the sheet turns out damaged."""
        columns = len(self.header)
        line = 1
        while True:
            with _legible():
                values = next(self._values, None)
            if values is None:
                return
            line += 1
            if any(value not in (None, "") for value in values):
                cells = [_cell(value) for value in values]
                yield Row(line, cells + [""] * (columns - len(cells)))


@contextmanager
def _legible() -> Iterator[None]:
    """openpyxl lets what it meets in a damaged file through: KeyError, ValueError, BadZipFile, XML errors."""
    try:
        yield
    except Exception as error:
        raise UnreadableFile(_("Ce classeur ne peut pas être lu. Enregistrez-le au format CSV.")) from error


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
