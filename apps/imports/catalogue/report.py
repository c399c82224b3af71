"""What an import reports, and the file of what it refused."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TextIO

from apps.common.tabular.choice import column_keys
from apps.common.tabular.rejects import RejectsSheet
from apps.common.tabular.rows import Reject
from apps.common.tabular.source import Tabular
from apps.imports.catalogue.formats import Format
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
    """Refused lines as a CSV that can be corrected and imported again. Made with the first of them."""

    def __init__(self, open_: Callable[[], TextIO], *, has_header: bool = True) -> None:
        self._open, self._has_header = open_, has_header
        self._stream: TextIO | None = None

    def write(self, reject: Reject, source: Tabular) -> None:
        if self._stream is None:
            self._stream = self._open()
            titles = [] if self._has_header else column_keys(source.header, has_header=False)
            self._sheet = RejectsSheet(self._stream, source.header, titles=titles)
        self._sheet.write(reject.row, reject.sentence)

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()

    @property
    def is_empty(self) -> bool:
        return self._stream is None
