"""Columns by their names."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from django.utils.translation import gettext as _

from apps.common.tabular.errors import Refusal, UnreadableFile
from apps.common.tabular.rows import Row, Warned

# The two columns that a rejects file adds: corrected and given back, it imports as it is.
REJECT_LINE = "rejet_ligne"
REJECT_REASON = "rejet_motif"
_CUT_ENTITY = re.compile(r"&(#\d{1,6}|#x[0-9a-f]{1,5}|[a-z]{2,8})$", re.I)


def _normalised(name: str) -> str:
    text = unicodedata.normalize("NFKD", name.strip().casefold())
    text = "".join(character for character in text if not unicodedata.combining(character))
    return "_".join(text.replace("-", " ").replace("_", " ").split())


class Table:
    """Finds a row's cells by column, whatever the order, case, accents and known synonyms of the header."""

    def __init__(self, header: list[str], columns: Mapping[str, Iterable[str]]) -> None:
        self.header = header
        names = [_normalised(name) for name in header]
        self._index: dict[str, int] = {}
        for column, synonyms in columns.items():
            at = next((names.index(key) for name in synonyms if (key := _normalised(name)) in names), None)
            if at is not None:
                self._index[column] = at
        self._columns = columns
        used = set(self._index.values())
        self._ignored = [
            name
            for at, name in enumerate(header)
            if at not in used and name and names[at] not in (REJECT_LINE, REJECT_REASON)
        ]

    def has(self, column: str) -> bool:
        return column in self._index

    def require(self, columns: Iterable[str]) -> None:
        missing = [next(iter(self._columns[column])) for column in columns if column not in self._index]
        if not missing:
            return
        near = get_close_matches(missing[0], self._ignored, n=1, cutoff=0.6)
        raise UnreadableFile(
            _("Il manque la colonne « %(missing)s ».") % {"missing": " », « ".join(missing)}
            + (" " + _("Est-ce « %(near)s » ?") % {"near": near[0]} if near else "")
        )

    def notices(self) -> Iterator[Warned]:
        if self._ignored:
            yield Warned(1, _("colonnes ignorées : %(names)s") % {"names": ", ".join(self._ignored)[:200]})

    def read(self, row: Row) -> dict[str, str]:
        """The cells by column. Raises Refusal for a row that does not fit the header or was damaged."""
        if row.error:
            raise Refusal(row.error)
        expected, cells = len(self.header), row.cells
        if len(cells) > expected:
            cells = _rejoined(cells, expected)
        if len(cells) < expected or any(cell.strip() for cell in cells[expected:]):
            raise Refusal(_("%(cells)s colonnes au lieu de %(expected)s") % {"cells": len(cells), "expected": expected})
        if any("\0" in cell for cell in cells):
            raise Refusal(_("caractère nul dans la ligne : le fichier est abîmé à cet endroit"))
        return {column: cells[at] for column, at in self._index.items()}


def _rejoined(cells: list[str], expected: int) -> list[str]:
    """Cells of a row that was cut at the semicolons of its own entities (« L&#39;été » without quotes around it)."""
    joined: list[str] = []
    for cell in cells:
        if joined and _CUT_ENTITY.search(joined[-1]):
            joined[-1] += f";{cell}"
        else:
            joined.append(cell)
    return joined if len(joined) == expected else cells
