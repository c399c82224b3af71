"""What an import reports, and the file of what it refused."""

import csv
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TextIO

from apps.common.tabular.choice import column_keys
from apps.common.tabular.rows import Reject, Row
from apps.common.tabular.source import Tabular
from apps.common.tabular.table import REJECT_LINE, REJECT_REASON
from apps.imports.catalogue.formats import Format
from apps.imports.catalogue.layout import guard, unguard
from apps.imports.catalogue.plan import Difference

SAMPLES = 50
MAX_LISTED = 20


@dataclass(slots=True)
class Report:
    """Counts and details of an import, or of its dry run. Counts are products; `rejected` and `rows` are lines."""

    format: Format
    encoding: str
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    defined: int = 0
    rejected: int = 0
    images: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    rejects: list[Reject] = field(default_factory=list)
    warnings: Counter[str] = field(default_factory=Counter)
    warned: dict[str, list[int]] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    new_names: list[str] = field(default_factory=list)
    # What a person should look at before anything is published.
    doubtful: int = 0
    drafts: int = 0
    without_stock: int = 0
    published: int = 0
    sold_out: int = 0
    missing: int = 0
    new_rayons: list[str] = field(default_factory=list)
    new_rayon_count: int = 0
    big_price_changes: list[Difference] = field(default_factory=list)
    big_price_change_count: int = 0
    # Of a dry run (`imports.catalogue.samples`).
    samples: list[dict[str, Any]] = field(default_factory=list)


def summary(report: Report) -> dict[str, Any]:
    """The report as JSON, with the first few of everything that there may be thousands of."""
    return {
        "format": str(report.format),
        "encoding": report.encoding,
        "rows": report.rows,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "defined": report.defined,
        "rejected": report.rejected,
        "images": report.images,
        "drafts": report.drafts,
        "doubtful": report.doubtful,
        "without_stock": report.without_stock,
        "published": report.published,
        "sold_out": report.sold_out,
        "missing": report.missing,
        "new_rayon_count": report.new_rayon_count,
        "new_rayons": report.new_rayons[:MAX_LISTED],
        "big_price_change_count": report.big_price_change_count,
        "big_price_changes": [
            [difference.code, difference.before, difference.after]
            for difference in report.big_price_changes[:MAX_LISTED]
        ],
        "reasons": report.reasons.most_common(MAX_LISTED),
        "rejects": [[reject.row.line, reject.sentence] for reject in report.rejects[:MAX_LISTED]],
        "warnings": [[text, count, report.warned[text]] for text, count in report.warnings.most_common(MAX_LISTED)],
        "differences": [
            [difference.code, difference.column, difference.before, difference.after]
            for difference in report.differences[:MAX_LISTED]
        ],
        "new_names": report.new_names[:MAX_LISTED],
        "samples": report.samples,
    }


class RejectsFile:
    """Refused lines as a CSV that can be corrected and imported again: two columns in front, then the file's own."""

    def __init__(self, open_: Callable[[], TextIO], *, has_header: bool = True) -> None:
        self._open, self._has_header = open_, has_header
        self._stream: TextIO | None = None

    def write(self, reject: Reject, source: Tabular) -> None:
        if self._stream is None:
            self._stream = self._open()
            # Excel in French splits at semicolons alone, whatever the file came with.
            self._writer = csv.writer(self._stream, delimiter=";")
            header = source.header if self._has_header else column_keys(source.header, has_header=False)
            header = [name for name in header if name not in (REJECT_LINE, REJECT_REASON)]
            self._writer.writerow([REJECT_LINE, REJECT_REASON, *header])
            self._skip = [at for at, name in enumerate(source.header) if name in (REJECT_LINE, REJECT_REASON)]
        cells = [cell.replace("\0", "") for at, cell in enumerate(reject.row.cells) if at not in self._skip]
        self._writer.writerow([reject.row.line, reject.sentence, *map(_safe_in_excel, cells)])

    @staticmethod
    def as_it_was(row: Row) -> Row:
        """A row of such a file that is given back, without what kept its cells as they are in Excel."""
        return replace(row, cells=[_out_of_excel(cell) for cell in row.cells])

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()

    @property
    def is_empty(self) -> bool:
        return self._stream is None


# Excel rounds longer numbers and drops zeros in front, but leaves what a formula gives as text.
_LOST_IN_EXCEL = re.compile(r"\d{12,}|0\d+")
_NUMBER = re.compile(r"[+-][\d., ]+")
_AS_TEXT = re.compile(r'="(\d+)"')


def _safe_in_excel(cell: str) -> str:
    text = cell.strip()
    if _LOST_IN_EXCEL.fullmatch(text):
        return f'="{text}"'
    return cell if _NUMBER.fullmatch(text) or _AS_TEXT.fullmatch(text) else guard(cell)


def _out_of_excel(cell: str) -> str:
    quoted = _AS_TEXT.fullmatch(cell.strip())
    return quoted[1] if quoted else unguard(cell)
