"""Columns by their names."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from apps.common.tabular.errors import Refusal, UnreadableFile
from apps.common.tabular.header import normalised
from apps.common.tabular.rows import Row, Warned

_Value = TypeVar("_Value")
# The two columns that a rejects file adds: corrected and given back, it imports as it is.
REJECT_LINE = "rejet_ligne"
REJECT_REASON = "rejet_motif"
_CUT_ENTITY = re.compile(r"&(#\d{1,6}|#x[0-9a-f]{1,5}|[a-z]{2,8})$", re.I)


# What a spreadsheet shows where a formula failed, in French and in English.
_FORMULA_ERROR = re.compile(
    r"#(N/A|REF ?!|DIV/0 ?!|VALEUR ?!|VALUE!|NOM ?\?|NAME\?|NUL ?!|NULL!|NOMBRE ?!|NUM!|####*)", re.I
)


class Cells(dict[str, str]):
    """A row's cells by column."""

    def __init__(self, table: "Table", cells: Mapping[str, str]) -> None:
        super().__init__(cells)
        self._table = table

    def parse(self, column: str, value: Callable[..., _Value], **how: Any) -> _Value:
        """What `value` makes of the cell, of an empty one where the file has no such column. A Refusal names the
        column."""
        try:
            return value(self.get(column, ""), **how)
        except Refusal as refusal:
            refusal.column = refusal.column or (self._table.name(column) if self._table.has(column) else "")
            raise


class Table:
    """Finds a row's cells by column, whatever the order, case, accents and known synonyms of the header."""

    def __init__(
        self,
        header: list[str],
        columns: Mapping[str, Iterable[str]],
        *,
        understood: Iterable[str] = (),
        titles: Sequence[str] = (),
    ) -> None:
        """`understood` are names of columns that are left out knowingly, so that nobody need be told; `titles` what the
        file calls its columns, where `header` is not that."""
        self.header = header
        self._titles = titles or header
        names = [normalised(name) for name in header]
        self._index: dict[str, int] = {}
        for column, synonyms in columns.items():
            at = next((names.index(key) for name in synonyms if (key := normalised(name)) in names), None)
            if at is not None:
                self._index[column] = at
        self._columns = columns
        used = set(self._index.values())
        # Columns of one name: which of them is meant, nobody can tell where they differ.
        self._twins = {
            at: [other for other, name in enumerate(names) if name == names[at] and other != at] for at in used
        }
        self._twins = {at: others for at, others in self._twins.items() if others}
        twins = {other for others in self._twins.values() for other in others}
        names_understood = {REJECT_LINE, REJECT_REASON, *map(normalised, understood)}
        self._ignored = [
            name
            for at, name in enumerate(header)
            if at not in used and at not in twins and name and names[at] not in names_understood
        ]

    def has(self, column: str) -> bool:
        return column in self._index

    def name(self, column: str) -> str:
        """What the file itself calls it."""
        return self._titles[self._index[column]]

    def near(self, column: str) -> str:
        """The name among the unknown ones that may have been meant for this column, or nothing."""
        names = {normalised(name): name for name in self._ignored}
        found = get_close_matches(normalised(next(iter(self._columns[column]))), names, n=1, cutoff=0.6)
        return names[found[0]] if found else ""

    def require(self, columns: Iterable[str]) -> None:
        missing = [next(iter(self._columns[column])) for column in columns if column not in self._index]
        if not missing:
            return
        near = next((near for column in columns if column not in self._index and (near := self.near(column))), "")
        raise UnreadableFile(
            _("Il manque la colonne « %(missing)s ».") % {"missing": " », « ".join(missing)}
            + (" " + _("Est-ce « %(near)s » ?") % {"near": near} if near else "")
        )

    def notices(self) -> Iterator[Warned]:
        if self._ignored:
            yield Warned(1, _("colonnes ignorées : %(names)s") % {"names": ", ".join(self._ignored)[:200]})

    def read(self, row: Row) -> Cells:
        """The cells by column. Raises Refusal for a row that does not fit the header or was damaged."""
        if row.error:
            raise Refusal(row.error)
        expected, cells = len(self.header), row.cells
        if len(cells) > expected:
            cells = _rejoined(cells, expected)
        if any(cell.strip() for cell in cells[expected:]) or (row.is_open and len(cells) < expected):
            raise Refusal(_("%(cells)s colonnes au lieu de %(expected)s") % {"cells": len(cells), "expected": expected})
        if "\0" in "".join(cells):
            raise Refusal(_("caractère nul dans la ligne : le fichier est abîmé à cet endroit"))
        if len(cells) < expected:
            # Spreadsheets leave out what is empty at a row's end.
            cells = cells + [""] * (expected - len(cells))
        found = {column: cells[at] for column, at in self._index.items()}
        for column, at in self._index.items():
            if at in self._twins:
                found[column] = self._one_of(column, [cells[at], *(cells[other] for other in self._twins[at])])
            if found[column].startswith("#") and _FORMULA_ERROR.fullmatch(found[column].strip()):
                raise Refusal(
                    _("« %(column)s » : la formule du tableur a échoué (%(cell)s)")
                    % {"column": self.name(column), "cell": found[column].strip()}
                )
        return Cells(self, found)

    def _one_of(self, column: str, cells: list[str]) -> str:
        given = {cell.strip() for cell in cells if cell.strip()}
        if len(given) > 1:
            raise Refusal(
                _("deux colonnes « %(column)s » se contredisent : %(cells)s")
                % {"column": self.name(column), "cells": ", ".join(sorted(given))[:80]}
            )
        return given.pop() if given else ""


def _rejoined(cells: list[str], expected: int) -> list[str]:
    """Cells of a row that was cut at the semicolons of its own entities (« L&#39;été » without quotes around it)."""
    joined: list[str] = []
    for cell in cells:
        if joined and _CUT_ENTITY.search(joined[-1]):
            joined[-1] += f";{cell}"
        else:
            joined.append(cell)
    return joined if len(joined) == expected else cells
