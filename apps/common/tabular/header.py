"""Where a table begins in a sheet: below titles, notes and blank lines."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from apps.common.tabular.rows import Row

_NUMBER = re.compile(r"[+-]?[\d.,\s\u00a0\u202f]*\d[\d.,\s\u00a0\u202f]*[%€]?")


@dataclass(frozen=True, slots=True)
class Head:
    """`recognised` is how many of its names are known words, `score` how well it heads what stands below it."""

    row: Row | None
    recognised: int = 0
    score: float = 0


def normalised(name: str) -> str:
    """A column's name without case, accents, signs and units' brackets: « Prix TTC (€) » is « prix_ttc »."""
    text = unicodedata.normalize("NFKD", name.strip().casefold().replace("œ", "oe").replace("°", " "))
    letters = (
        " " if not character.isalnum() else character for character in text if not unicodedata.combining(character)
    )
    return "_".join("".join(letters).split())


def find_header(rows: Sequence[Row], words: Collection[str], *, has_header: bool = True) -> Head:
    """The first of the rows with the most known words; without two of them, the first that is as wide as the table and
    holds no numbers; else the first row. Of a table that has no header, its first row."""
    if not rows:
        return Head(None)
    if not has_header:
        first = next((row for row in rows if _filled(row)), rows[0])
        return Head(first, 0, _score(first, rows))
    best = Head(rows[0])
    for row in rows:
        if row.error:
            continue
        found = len({name for cell in row.cells if (name := normalised(cell)) in words})
        if found >= 2 and found > best.recognised:
            best = Head(row, found, _score(row, rows))
    if best.recognised:
        return best
    widest = max(_filled(row) for row in rows)
    for row in rows:
        if row.error:
            continue
        filled = [cell for cell in row.cells if cell.strip()]
        numbers = sum(1 for cell in filled if _NUMBER.fullmatch(cell.strip()))
        if len(filled) >= 2 and len(filled) * 2 > widest and numbers * 4 <= len(filled):
            return Head(row, 0, _score(row, rows))
    return best


def _filled(row: Row) -> int:
    return sum(1 for cell in row.cells if cell.strip())


def _score(header: Row, rows: Sequence[Row]) -> float:
    """How many columns, if the rows below have about as many."""
    below = [row for row in rows if row.line > header.line and _filled(row)]
    width = _filled(header)
    fitting = sum(1 for row in below if 1 < len(row.cells) <= len(header.cells) + 1)
    return width * (fitting + 1) / (len(below) + 1)
