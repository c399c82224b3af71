"""Refused rows as a CSV to be corrected in a spreadsheet and given back: two columns in front, then the file's own."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import IO

from apps.common.spreadsheets import for_excel, guard, out_of_excel
from apps.common.tabular.header import normalised
from apps.common.tabular.rows import Row
from apps.common.tabular.source import Tabular
from apps.common.tabular.table import REJECT_LINE, REJECT_REASON


class RejectsSheet:
    """Open `stream` with newline="" and utf-8-sig, by which Excel knows the accents."""

    def __init__(self, stream: IO[str], header: Sequence[str], *, titles: Sequence[str] = ()) -> None:
        """`header` is the file's own, `titles` what its columns are called where it has none."""
        # Excel in French splits at semicolons alone, whatever the file came with.
        self._writer = csv.writer(stream, delimiter=";")
        self._skip = {at for at, name in enumerate(header) if name in (REJECT_LINE, REJECT_REASON)}
        self._writer.writerow([REJECT_LINE, REJECT_REASON, *map(guard, self._own(titles or header))])

    def write(self, row: Row, sentence: str) -> None:
        cells = [cell.replace("\0", "") for cell in self._own(row.cells)]
        self._writer.writerow([row.line, sentence, *map(for_excel, cells)])

    def _own(self, cells: Sequence[str]) -> list[str]:
        return [cell for at, cell in enumerate(cells) if at not in self._skip]


def is_given_back(header: Sequence[str]) -> bool:
    return REJECT_LINE in map(normalised, header)


def rows_of(source: Tabular, *, has_header: bool = True) -> Iterator[Row]:
    """A table's rows, all of them where it has no header; those of refused rows that are given back as they were before
    a spreadsheet had them."""
    if is_given_back(source.header):
        return map(_as_it_was, source.rows())
    return source.rows() if has_header else chain([Row(1, source.header)], source.rows())


def _as_it_was(row: Row) -> Row:
    return replace(row, cells=[out_of_excel(cell) for cell in row.cells])
