"""A row of a file, and its refusals and warnings."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.common.letters import fold
from apps.common.tabular.errors import Refusal

_TOTAL = re.compile(
    r"(sous[ -]?)?(grand[ -]?)?tota(l|ux)([ -](general|generaux|ttc|ht|tva|stock|valeur|articles?|produits?))*\s*:?"
)


@dataclass(slots=True, frozen=True)
class Row:
    """One line of the file; `line` is where it begins in the (uncompressed) file, the file's first being line 1.

    `is_open`: the file ends with it, and not with the end of a line.
    """

    line: int
    cells: list[str]
    error: str = ""
    is_open: bool = False

    @property
    def is_total(self) -> bool:
        """A sum below a table, as tills and spreadsheets write it."""
        first = next((cell.strip() for cell in self.cells if cell.strip()), "")
        return first[:1] in tuple("tTsSgG") and len(first) < 40 and _TOTAL.fullmatch(fold(first)) is not None


@dataclass(slots=True, frozen=True)
class Reject:
    """`column` is the file's own name of that which is to be corrected, or nothing."""

    row: Row
    reason: str
    column: str = ""

    @classmethod
    def of(cls, row: Row, refusal: Refusal) -> "Reject":
        return cls(row, str(refusal), refusal.column)

    @property
    def sentence(self) -> str:
        if not self.column:
            return self.reason
        return _("%(reason)s (colonne « %(column)s »)") % {"reason": self.reason, "column": self.column}


@dataclass(slots=True, frozen=True)
class Warned:
    """Something a person should know of a row that is imported all the same.

    `is_doubt`: it was read in one of several ways, so nothing of it may be published unseen.
    """

    line: int
    text: str
    is_doubt: bool = False
