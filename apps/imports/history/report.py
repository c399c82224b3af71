"""What an import of customers or orders reports, and the file of what it refused."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import IO, Any

from apps.common.money import ZERO
from apps.common.spreadsheets import DANGEROUS
from apps.common.tabular.table import REJECT_LINE, REJECT_REASON
from apps.imports.history.records import Refused

MAX_LISTED = 200
MAX_SAMPLES = 20


@dataclass
class HistoryReport:
    """Figures of a preview or of what was written, and no person's name; samples are shown in the preview alone."""

    kind: str = ""
    program: str = ""
    source: str = ""
    created: int = 0
    repeated: int = 0
    erased: int = 0
    rejected: int = 0
    total: Decimal = ZERO
    without_email: int = 0
    without_postal_address: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    states: Counter[str] = field(default_factory=Counter)
    unknown_statuses: Counter[str] = field(default_factory=Counter)
    # [line, column, value, reason, remedy]
    rejects: list[list[Any]] = field(default_factory=list)
    ignored: str = ""
    samples: list[list[str]] = field(default_factory=list)
    undone: int = 0
    left: int = 0

    def as_json(self) -> dict[str, Any]:
        return {
            **vars(self),
            "states": dict(self.states),
            "total": str(self.total),
            "first_at": self.first_at.isoformat() if self.first_at else "",
            "last_at": self.last_at.isoformat() if self.last_at else "",
            "unknown_statuses": self.unknown_statuses.most_common(MAX_SAMPLES),
        }


class Rejects:
    """Refused rows as a CSV that can be corrected and given back: two columns in front, then the file's own."""

    def __init__(self, header: Sequence[str], stream: IO[str] | None) -> None:
        self._skip = {at for at, name in enumerate(header) if name in (REJECT_LINE, REJECT_REASON)}
        self._writer = csv.writer(stream, delimiter=";") if stream is not None else None
        if self._writer is not None:
            self._writer.writerow([REJECT_LINE, REJECT_REASON, *self._own(header)])

    def _own(self, cells: Sequence[str]) -> list[str]:
        return [cell for at, cell in enumerate(cells) if at not in self._skip]

    def write(self, refused: Refused, report: HistoryReport) -> None:
        report.rejected += 1
        if len(report.rejects) < MAX_LISTED:
            report.rejects.append([refused.row.line, refused.column, refused.value, refused.reason, refused.remedy])
        if self._writer is not None:
            cells = [cell.replace("\0", "") for cell in self._own(refused.row.cells)]
            safe = [f"'{cell}" if cell.startswith(DANGEROUS) else cell for cell in cells]
            self._writer.writerow([refused.row.line, refused.sentence(), *safe])
