"""Runs an import in batches."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, TextIO

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.catalogue.models.product import VatClass
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.services.revision import bump_revision
from apps.common.tabular.errors import UnreadableFile
from apps.common.tabular.header import normalised
from apps.common.tabular.rows import Reject, Row, Warned
from apps.common.tabular.source import Source, open_table
from apps.common.tabular.table import REJECT_LINE, REJECT_REASON
from apps.common.tabular.workbook import Workbook
from apps.common.transactions import retry_on_deadlock
from apps.imports.catalogue import merchant, shopify, webmarket, wix, woocommerce
from apps.imports.catalogue.definitions import define, products_of
from apps.imports.catalogue.plan import CategoryPaths, Difference, ProductPlan, plan_batch
from apps.imports.catalogue.records import DefinitionRecord, Parsed, ProductRecord
from apps.imports.catalogue.write import write_batch

BATCH = 500
SAMPLES = 50


class Format(StrEnum):
    AUTO = "auto"
    MERCHANT = "merchant"
    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"
    WIX = "wix"
    WEBMARKET = "webmarket"


class _Parser(Protocol):
    @property
    def COLUMNS(self) -> Mapping[str, Iterable[str]]: ...

    def recognises(self, header: list[str]) -> bool: ...

    def parse(self, header: list[str], rows: Iterator[Row], *, vat: VatClass) -> Iterator[Parsed]: ...


_PARSERS: dict[Format, _Parser] = {
    Format.WEBMARKET: webmarket,
    Format.SHOPIFY: shopify,
    Format.WOOCOMMERCE: woocommerce,
    Format.WIX: wix,
    Format.MERCHANT: merchant,
}


_WORDS = frozenset(
    normalised(name) for parser in _PARSERS.values() for names in parser.COLUMNS.values() for name in names
)


def open_catalogue(open_: Callable[[], Any], name: str, *, encoding: str = "") -> Source | Workbook:
    """A file whose header is known by the names of columns that any format has. Raises UnreadableFile."""
    return open_table(open_, name, words=_WORDS, encoding=encoding)


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
    big_price_changes: list[Difference] = field(default_factory=list)
    big_price_change_count: int = 0


class RejectsFile:
    """Refused lines as a CSV that can be corrected and imported again: two columns in front, then the file's own."""

    def __init__(self, open_: Callable[[], TextIO]) -> None:
        self._open = open_
        self._stream: TextIO | None = None

    def write(self, reject: Reject, source: Source | Workbook) -> None:
        if self._stream is None:
            self._stream = self._open()
            self._writer = csv.writer(self._stream, delimiter=source.delimiter)
            header = [name for name in source.header if name not in (REJECT_LINE, REJECT_REASON)]
            self._writer.writerow([REJECT_LINE, REJECT_REASON, *header])
            self._skip = [at for at, name in enumerate(source.header) if name in (REJECT_LINE, REJECT_REASON)]
        cells = [cell.replace("\0", "") for at, cell in enumerate(reject.row.cells) if at not in self._skip]
        self._writer.writerow([reject.row.line, reject.reason, *cells])

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()

    @property
    def is_empty(self) -> bool:
        return self._stream is None


def detect(source: Source | Workbook, wanted: Format) -> Format:
    """The format that the header belongs to. Raises UnreadableFile for none, or for another than the one asked for."""
    if wanted is not Format.AUTO:
        return wanted
    for format_, parser in _PARSERS.items():
        if parser.recognises(source.header):
            return format_
    raise UnreadableFile(
        _(
            "Aucun format connu n’a ces colonnes : %(header)s. Attendu : code_barres, nom, rayon, prix_ttc (liste de "
            "commerçant), Handle, Title, Variant Price (Shopify), ou notre propre export."
        )
        % {"header": ", ".join(source.header)[:300]}
    )


def run_import(
    *,
    source: Source | Workbook,
    format_: Format = Format.AUTO,
    dry_run: bool = False,
    rejects: RejectsFile | None = None,
    vat: VatClass = VatClass.STANDARD,
    author: User | None = None,
    now: datetime,
    progress: Callable[[int], None] = lambda line: None,
) -> Report:
    """Import a file in batches, each in one transaction of its own: stopped anywhere, the same call completes it.

    A repeat changes nothing. A dry run writes nothing and reports the same numbers. `progress` is called with the line
    reached. Raises UnreadableFile before anything is written.
    """
    report = Report(format=detect(source, format_), encoding=source.survey.encoding)
    run = _Run(source, report, rejects, dry_run=dry_run, author=author, now=now)
    batch: list[ProductRecord | DefinitionRecord] = []
    for notice in source.notices():
        run.warn(notice)
    for parsed in _PARSERS[report.format].parse(source.header, run.counted(source.rows()), vat=vat):
        if isinstance(parsed, Reject):
            run.reject(parsed)
        elif isinstance(parsed, Warned):
            run.warn(parsed)
        else:
            batch.append(parsed)
        if len(batch) >= BATCH:
            run.flush(batch)
            batch = []
            progress(run.line)
    run.flush(batch)
    progress(source.survey.lines)
    return report


class _Run:
    def __init__(
        self,
        source: Source | Workbook,
        report: Report,
        rejects: RejectsFile | None,
        *,
        dry_run: bool,
        author: User | None,
        now: datetime,
    ) -> None:
        self.source, self.report, self.rejects = source, report, rejects
        self.dry_run, self.author, self.now = dry_run, author, now
        self.paths = CategoryPaths()
        self.announced: set[str] = set()
        self.line = 1
        self._rolled_back = False

    def counted(self, rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            self.report.rows += 1
            self.line = row.line
            yield row

    def reject(self, reject: Reject) -> None:
        self.report.rejected += 1
        self.report.reasons[reject.reason.split("\u202f:")[0].split(" «")[0]] += 1
        if len(self.report.rejects) < SAMPLES:
            self.report.rejects.append(reject)
        if self.rejects is not None:
            self.rejects.write(reject, self.source)

    def warn(self, warned: Warned) -> None:
        self.report.warnings[warned.text] += 1
        lines = self.report.warned.setdefault(warned.text, [])
        if len(lines) < 5:
            lines.append(warned.line)

    def flush(self, batch: list[ProductRecord | DefinitionRecord]) -> None:
        definitions = [record for record in batch if isinstance(record, DefinitionRecord)]
        products = [record for record in batch if isinstance(record, ProductRecord)]
        try:
            self._write(definitions, products)
        except IntegrityError:
            # Somebody wrote the same codes meanwhile, or the database compares two texts as equal that we do not. One
            # by one, so that only the row in question is refused.
            self._write(definitions, [])
            for record in products:
                try:
                    self._write([], [record])
                except IntegrityError:
                    self.reject(Reject(record.row, _("refusé par la base : un code ou une adresse existe déjà")))

    @retry_on_deadlock
    def _write(self, definitions: list[DefinitionRecord], products: list[ProductRecord]) -> None:
        if self._rolled_back:
            self.paths = CategoryPaths()
        self._rolled_back = True
        with transaction.atomic(durable=not self.dry_run):
            defined, refused = define(definitions, self.paths, announced=self.announced, dry_run=self.dry_run)
            plans, rejects = plan_batch(products, self.paths, announced=self.announced, now=self.now)
            outcome = [_Outcome.of(plan) for plan in plans]
            if not self.dry_run:
                touched = set(write_batch(plans, self.paths, author=self.author, now=self.now))
                if defined:
                    touched |= products_of(defined, self.paths)
                    bump_revision()
                refresh_listing(product_ids=touched)
        self._rolled_back = False
        self._note(outcome)
        self.report.defined += len(defined)
        for reject in [*refused, *rejects]:
            self.reject(reject)

    def _note(self, outcome: list["_Outcome"]) -> None:
        report = self.report
        for is_new, changes, is_draft, has_no_stock, plan in outcome:
            report.created += is_new
            report.updated += changes and not is_new
            report.unchanged += not changes
            report.doubtful += plan.record.is_doubtful
            report.drafts += is_new and is_draft
            report.without_stock += is_new and has_no_stock
            report.images += sum(1 for image in plan.new_images if image.url and not image.file)
            if is_new and len(report.new_names) < SAMPLES:
                report.new_names.append(plan.record.fields.get("name_fr", plan.record.code))
            if len(report.differences) < SAMPLES:
                report.differences += plan.differences[: SAMPLES - len(report.differences)]
            big = [difference for difference in plan.differences if difference.is_big]
            report.big_price_change_count += len(big)
            report.big_price_changes += big[: SAMPLES - len(report.big_price_changes)]
            for warned in plan.warnings:
                self.warn(warned)


class _Outcome(NamedTuple):
    """What a plan is before it is written: writing empties it."""

    is_new: bool
    changes: bool
    is_draft: bool
    has_no_stock: bool
    plan: ProductPlan

    @classmethod
    def of(cls, plan: ProductPlan) -> "_Outcome":
        return cls(plan.product is None, plan.changes, not plan.is_published, plan.has_no_stock, plan)
