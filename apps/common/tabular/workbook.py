"""The rows of a workbook, as text: which of its sheets holds the table, and where in it."""

import zipfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, Protocol

from django.utils.translation import gettext as _

from apps.common.tabular.encoding import Survey
from apps.common.tabular.errors import UnreadableFile
from apps.common.tabular.header import Head, find_header
from apps.common.tabular.limits import LARGEST_WORKBOOK, LONGEST_SHEET, MOST_SHEETS, ROWS_BEFORE_HEADER
from apps.common.tabular.rows import Row, Warned


class Sheets(Protocol):
    """`kind` is what people call the format."""

    kind: str

    def names(self) -> list[str]: ...

    def lines(self, sheet: int) -> int:
        """About how many, to show progress by; 0 where nothing says it."""
        ...

    def rows(self, sheet: int) -> Iterator[Sequence[str]]:
        """All rows from the first, empty ones included; what is empty at a row's end may be left out."""
        ...


class Workbook:
    """The sheet with the most known columns, or else the first that holds a table; a file that unpacks to too much is
    not opened."""

    def __init__(self, sheets: Sheets, name: str, *, words: Collection[str] = (), has_header: bool = True) -> None:
        self.name, self._sheets, self.delimiter = name, sheets, ";"
        heads = [self._head(sheet, words, has_header) for sheet in range(min(len(sheets.names()), MOST_SHEETS))]
        tables = [sheet for sheet, head in enumerate(heads) if head.row is not None]
        if not tables:
            raise UnreadableFile(_("Le fichier « %(name)s » est vide.") % {"name": name})
        self._sheet = max(tables, key=lambda sheet: heads[sheet].recognised)
        row = heads[self._sheet].row
        assert row is not None  # noqa: S101
        self._line, self.header = row.line, [cell.strip() for cell in row.cells]
        self._unread = [sheets.names()[sheet] for sheet in tables if sheet != self._sheet]
        self.survey = Survey(encoding=sheets.kind, lines=sheets.lines(self._sheet))

    def rows(self) -> Iterator[Row]:
        """The rows under the header that hold anything. Raises UnreadableFile where the sheet turns out damaged."""
        columns = len(self.header)
        for row in self._read(self._sheet):
            if row.line > self._line:
                yield Row(row.line, row.cells + [""] * (columns - len(row.cells)))

    def pictures(self) -> dict[str, str]:
        """None come with it."""
        return {}

    def notices(self) -> Iterator[Warned]:
        """What a person should know of the file as a whole."""
        if self._unread:
            yield Warned(
                1,
                _("seule la feuille « %(read)s » est lue, pas : %(names)s")
                % {"read": self._sheets.names()[self._sheet], "names": ", ".join(self._unread)[:200]},
            )

    def _head(self, sheet: int, words: Collection[str], has_header: bool) -> Head:
        top = list(islice(self._read(sheet), ROWS_BEFORE_HEADER))
        return find_header(
            [row for row in top if row.line <= ROWS_BEFORE_HEADER] or top[:1], words, has_header=has_header
        )

    def _read(self, sheet: int) -> Iterator[Row]:
        rows = self._sheets.rows(sheet)
        line = 0
        while True:
            with legible():
                cells = next(rows, None)
            if cells is None:
                return
            line += 1
            if any(cells):
                yield Row(line, list(cells))


class ExcelSheets:
    """XLSX, streamed: a sheet is never in memory as a whole."""

    kind = "xlsx"

    def __init__(self, open_: Callable[[], Any]) -> None:
        from openpyxl import load_workbook

        file = open_()
        check_unpacked_size(file)
        with legible():
            self._book = load_workbook(file, read_only=True, data_only=True)
            self._pages = [sheet for sheet in self._book.worksheets if sheet.sheet_state == "visible"]

    def names(self) -> list[str]:
        return [str(sheet.title) for sheet in self._pages]

    def lines(self, sheet: int) -> int:
        return min(self._pages[sheet].max_row or 0, LONGEST_SHEET)

    def rows(self, sheet: int) -> Iterator[Sequence[str]]:
        page = self._pages[sheet]
        # What a sheet says of its own size is wrong in files of some programs, and cells beyond it were not read.
        page.reset_dimensions()
        for cells in page.iter_rows(max_row=LONGEST_SHEET):
            yield [cell_text(cell.value, cell.number_format) if cell.value is not None else "" for cell in cells]


def check_unpacked_size(file: Any) -> None:
    file.seek(0)
    with legible(), zipfile.ZipFile(file) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > LARGEST_WORKBOOK:
        raise UnreadableFile(_("Ce classeur est trop grand une fois ouvert. Enregistrez-le au format CSV."))
    file.seek(0)


@contextmanager
def legible() -> Iterator[None]:
    """Readers of workbooks let what they meet in a damaged file through: KeyError, ValueError, BadZipFile, XML
    errors."""
    try:
        yield
    except UnreadableFile:
        raise
    except Exception as error:
        raise UnreadableFile(_("Ce classeur ne peut pas être lu. Enregistrez-le au format CSV.")) from error


def cell_text(value: Any, number_format: str = "") -> str:
    """A number in full and without what binary fractions add, a rate with its « % », a code with the zeros that its
    format shows."""
    match value:
        case None:
            return ""
        case bool():
            return "VRAI" if value else "FAUX"
        case datetime() if value.time() != time():
            # A moment is a fraction of a day there, which may end a hair before its second.
            return f"{value + timedelta(milliseconds=1):%Y-%m-%d %H:%M:%S}"
        case datetime() | date():
            return value.isoformat()[:10]
        case int() | float():
            # Excel keeps and shows 15 digits: 9.900000000000002 is a sum that says 9.9.
            number = Decimal(f"{value:.15g}") if isinstance(value, float) else Decimal(value)
            if len(number_format) > 1 and set(number_format) == {"0"} and number == int(number):
                return str(int(number)).zfill(len(number_format))
            if "%" in number_format:
                return f"{_plain(number * 100)} %"
            return _plain(number)
        case _:
            return str(value)


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
