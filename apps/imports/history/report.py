"""What an import of customers or orders reports, and the file of what it refused."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import IO, Any

from apps.common.money import ZERO
from apps.common.tabular.rejects import RejectsSheet
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
    # Of the file, titles and blank ones included.
    lines: int = 0
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
    # `history.choice.HistoryChoice`, where a person said what the columns are.
    choice: dict[str, Any] = field(default_factory=dict)
    # What a person said, one of `tabular.encoding.CODECS`, or nothing.
    encoding: str = ""
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
    """Refused rows, counted, the first of them listed, and all of them in a file where there is one."""

    def __init__(self, header: Sequence[str], stream: IO[str] | None) -> None:
        self._sheet = RejectsSheet(stream, header) if stream is not None else None

    def write(self, refused: Refused, report: HistoryReport) -> None:
        report.rejected += 1
        if len(report.rejects) < MAX_LISTED:
            report.rejects.append([refused.row.line, refused.column, refused.value, refused.reason, refused.remedy])
        if self._sheet is not None:
            self._sheet.write(refused.row, refused.sentence())
