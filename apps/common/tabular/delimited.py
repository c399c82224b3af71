"""Lines of text into rows: the separator, and quotes that are damaged."""

import csv
import re
from collections import deque
from collections.abc import Collection, Iterator
from itertools import islice, pairwise
from typing import TextIO

from django.utils.translation import gettext as _

from apps.common.tabular.errors import UnreadableFile
from apps.common.tabular.header import Head, find_header
from apps.common.tabular.limits import LONGEST_LINE, LONGEST_RECORD_LINES, ROWS_BEFORE_HEADER
from apps.common.tabular.rows import Row

_DELIMITERS = ";\t,|^~¦"
# Excel's own mark: a first line that names the separator.
_MARK = re.compile(r'"?sep=(.)"?\s*', re.I)


def head_of(lines: list[str], words: Collection[str], *, has_header: bool = True) -> tuple[str, Head]:
    """The separator, and where the header stands: what Excel's mark says, else what splits it best."""
    marked = _MARK.fullmatch(lines[0].rstrip("\r\n;,\t")) if lines else None
    heads = []
    for delimiter in marked[1] if marked else _DELIMITERS:
        records = split_rows(iter(lines), delimiter, columns=0)
        rows = list(islice(records, ROWS_BEFORE_HEADER))
        heads.append((delimiter, find_header(rows[1:] if marked else rows, words, has_header=has_header)))
    # The first of equals: the order of _DELIMITERS is that of use in France.
    return max(heads, key=lambda head: (head[1].recognised, head[1].score))


def first_lines(text: TextIO) -> list[str]:
    return list(islice(iter(lambda: _readline(text), ""), ROWS_BEFORE_HEADER))


def lines_of(text: TextIO) -> Iterator[str]:
    return iter(lambda: _readline(text), "")


def split_rows(lines: Iterator[str], delimiter: str, *, columns: int, above: int = 0) -> Iterator[Row]:
    """Split lines into rows; `above` lines were read already.

    A quote that is never closed costs its own line, not the rest of the file.
    A row may run over several lines inside quotes. When it runs to the end of the file, or closes where no cell can
    end, or with a wrong number of cells, the quote was a stray one: its line is reported and reading goes on below it.
    """
    waiting: deque[str] = deque()
    number = above

    def following() -> str:
        return waiting.popleft() if waiting else next(lines, "")

    while line := following():
        number += 1
        start = number
        if '"' not in line:
            plain = line.rstrip("\r\n").split(delimiter)
            yield Row(start, plain, error=_problem(plain, delimiter, columns), is_open=not line.endswith(("\n", "\r")))
            continue
        taken = [line]
        cells, problem = _split(taken, delimiter)
        while cells is None and problem is None and len(taken) < LONGEST_RECORD_LINES and (line := following()):
            taken.append(line)
            if '"' in line:
                cells, problem = _split(taken, delimiter)
                if len(taken) > 1 and (problem or (cells is not None and _is_stray(cells, taken, delimiter, columns))):
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
            is_open = not taken[-1].endswith(("\n", "\r"))
            yield Row(start, cells, error=_problem(cells, delimiter, columns), is_open=is_open)


def _is_stray(cells: list[str], taken: list[str], delimiter: str, columns: int) -> bool:
    """Whether a quote over several lines swallowed rows, rather than belonging to a text that is one.

    Excel leaves empty cells at the end out, or adds some: their number is not proof. A swallowed row is: its line has
    as many separators as a row.
    """
    if not columns or len(cells) == columns:
        return False
    if len(cells) > columns:
        return any(cell.strip() for cell in cells[columns:])
    return any(line.count(delimiter) >= columns // 2 for line in taken[1:-1]) or len(cells) < columns // 2


def _problem(cells: list[str], delimiter: str, columns: int) -> str:
    """« 9,90 » without quotes between commas is two cells: 9 euros, and 90 for the next column."""
    if delimiter == "," and columns and len(cells) != columns:
        for whole, decimals in pairwise(cells[1:]):
            if whole.strip().isdecimal() and len(whole.strip()) < 6 and re.fullmatch(r"\d\d?(\s?€)?", decimals.strip()):
                return _("une virgule décimale sans guillemets coupe « %(number)s » en deux colonnes") % {
                    "number": f"{whole.strip()},{decimals.strip()}"
                }
    return ""


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
