"""Lines of text into rows: the separator, and quotes that are damaged."""

import csv
from collections import deque
from collections.abc import Iterator
from typing import TextIO

from django.utils.translation import gettext as _

from apps.common.tabular.errors import UnreadableFile
from apps.common.tabular.limits import LONGEST_LINE, LONGEST_RECORD_LINES
from apps.common.tabular.rows import Row


def delimiter_of(text: TextIO) -> str:
    """The separator that the first line has most of."""
    return max(";\t,", key=_readline(text).count)


def split_rows(text: TextIO, delimiter: str, *, columns: int) -> Iterator[Row]:
    """Split lines into rows. A quote that is never closed costs its own line, not the rest of the file.

    A row may run over several lines inside quotes. When it runs to the end of the file, or closes where no cell can
    end, or with a wrong number of cells, the quote was a stray one: its line is reported and reading goes on below it.
    """
    waiting: deque[str] = deque()
    number = 0

    def following() -> str:
        return waiting.popleft() if waiting else _readline(text)

    while line := following():
        number += 1
        start = number
        if '"' not in line:
            yield Row(start, line.rstrip("\r\n").split(delimiter))
            continue
        taken = [line]
        cells, problem = _split(taken, delimiter)
        while cells is None and problem is None and len(taken) < LONGEST_RECORD_LINES and (line := following()):
            taken.append(line)
            if '"' in line:
                cells, problem = _split(taken, delimiter)
                if len(taken) > 1 and (problem or (cells is not None and columns and len(cells) != columns)):
                    cells = None
                    break
        if len(taken) > 1 and cells is None:
            waiting.extendleft(reversed(taken[1:]))
            taken = taken[:1]
        if cells is None:
            cells = _lenient(taken[0], delimiter)
        number = start + len(taken) - 1
        if cells is None:
            yield Row(start, [taken[0].rstrip("\r\n")], error=_("un guillemet est ouvert et jamais fermé"))
        else:
            yield Row(start, cells)


def _split(lines: list[str], delimiter: str) -> tuple[list[str] | None, str | None]:
    """The cells; or None while a quote is open; or None and what is wrong with the quotes."""
    try:
        return next(csv.reader(lines, delimiter=delimiter, strict=True)), None
    except csv.Error as error:
        return None, (None if "unexpected end of data" in str(error) else str(error))


def _lenient(line: str, delimiter: str) -> list[str] | None:
    """The cells of a line with text after a closing quote (« "5" verre »), None if it ends inside quotes."""
    end = "\x1f"
    cells = next(csv.reader([f"{line.rstrip(chr(10)).rstrip(chr(13))}{delimiter}{end}"], delimiter=delimiter))
    return cells[:-1] if cells[-1] == end else None


def _readline(text: TextIO) -> str:
    line = text.readline(LONGEST_LINE)
    if len(line) >= LONGEST_LINE:
        raise UnreadableFile(_("Une ligne dépasse un million de caractères : ce n’est pas un tableau en CSV."))
    return line
