"""Runs an import in batches."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.catalogue.models import Product
from apps.catalogue.models.product import VatClass
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.services.revision import bump_revision
from apps.common.tabular.rejects import rows_of
from apps.common.tabular.rows import Reject, Row, Warned
from apps.common.tabular.source import Tabular
from apps.common.transactions import retry_on_deadlock
from apps.imports.catalogue import mapped
from apps.imports.catalogue.absent import plan_absent
from apps.imports.catalogue.definitions import define, products_of
from apps.imports.catalogue.formats import PARSERS, Format, UnknownColumns, detect
from apps.imports.catalogue.journal import Journal
from apps.imports.catalogue.matching import Supplier, match_records
from apps.imports.catalogue.plan import CategoryPaths, ProductPlan, plan_batch
from apps.imports.catalogue.reading import Missing, Reading
from apps.imports.catalogue.records import DefinitionRecord, Parsed, ProductRecord
from apps.imports.catalogue.report import SAMPLES, RejectsFile, Report
from apps.imports.catalogue.samples import MOST_OF_A_KIND, sample_of
from apps.imports.catalogue.write import write_batch
from apps.imports.models import ImportedProduct

BATCH = 500
_MOST_TEXTS = 200


def run_import(
    *,
    source: Tabular,
    format_: Format = Format.AUTO,
    dry_run: bool = False,
    rejects: RejectsFile | None = None,
    vat: VatClass = VatClass.STANDARD,
    author: User | None = None,
    now: datetime,
    progress: Callable[[int], None] = lambda line: None,
    reading: Reading | None = None,
    supplier: Supplier | None = None,
    journal: Journal | None = None,
    beat: Callable[[], None] = lambda: None,
    starting_stock: int | None = None,
) -> Report:
    """Import a file in batches, each in one transaction of its own: stopped anywhere, the same call completes it.

    A repeat changes nothing. A dry run writes nothing and reports the same numbers. `progress` is called with the line
    reached, `beat` at the beginning of each transaction; what it raises ends the import there. `reading` is for a file
    whose columns a person chose, `starting_stock` for new variants whose pieces the file does not give. Raises
    UnreadableFile before anything is written.
    """
    format_ = Format.MAPPED if reading is not None else detect(source, format_)
    if format_ is Format.MAPPED and reading is None:
        raise UnknownColumns(_("Les colonnes de ce fichier restent à choisir."))
    report = Report(format=format_, encoding=source.survey.encoding)
    run = _Run(
        source,
        report,
        rejects,
        dry_run=dry_run,
        author=author,
        now=now,
        reading=reading,
        supplier=supplier or Supplier(None),
        journal=journal,
        beat=beat,
        starting_stock=starting_stock,
    )
    batch: list[ProductRecord | DefinitionRecord] = []
    for notice in source.notices():
        run.warn(notice)
    for parsed in run.parse(vat):
        if isinstance(parsed, Reject):
            run.reject(parsed)
        elif isinstance(parsed, Warned):
            run.warn(parsed)
        else:
            batch.append(parsed)
        if len(batch) >= BATCH or run.refused_count >= BATCH:
            run.flush(batch)
            batch = []
            progress(run.line)
    run.flush(batch)
    run.finish()
    progress(source.survey.lines)
    return report


class _Run:
    def __init__(
        self,
        source: Tabular,
        report: Report,
        rejects: RejectsFile | None,
        *,
        dry_run: bool,
        author: User | None,
        now: datetime,
        reading: Reading | None,
        supplier: Supplier,
        journal: Journal | None,
        beat: Callable[[], None],
        starting_stock: int | None,
    ) -> None:
        self.source, self.report, self.rejects = source, report, rejects
        self.dry_run, self.author, self.now = dry_run, author, now
        self.reading, self.supplier, self.journal, self.beat = reading, supplier, journal, beat
        self.starting_stock = starting_stock
        self.paths = CategoryPaths()
        self.announced: set[str] = set()
        self.new_paths: set[tuple[str, ...]] = set()
        self.line = 1
        self._rolled_back = False
        self._refused: list[Reject] = []
        self._sampled: Counter[bool] = Counter()
        self._pictures: dict[str, str] | None = None

    @property
    def refused_count(self) -> int:
        """Refused lines that wait for the next batch."""
        return len(self._refused)

    def parse(self, vat: VatClass) -> Iterator[Parsed]:
        rows = self.counted(self._rows())
        if self.reading is not None:
            return self._pictured(mapped.parse(self.source.header, rows, vat=vat, reading=self.reading))
        return self._pictured(PARSERS[self.report.format].parse(self.source.header, rows, vat=vat))

    def _pictured(self, records: Iterator[Parsed]) -> Iterator[Parsed]:
        """Finds in the list's archive the pictures that it names by their files."""
        for record in records:
            if isinstance(record, ProductRecord) and any(image.name for image in record.images):
                images = []
                for image in record.images:
                    if not image.name:
                        images.append(image)
                    elif key := self._find_picture(image.name):
                        images.append(replace(image, url=key, name=""))
                    else:
                        text = _("image « %(name)s » : ni adresse, ni fichier d’une archive envoyée avec la liste")
                        yield Warned(record.row.line, text % {"name": image.name[:80]})
                record.images = images
            yield record

    def _find_picture(self, name: str) -> str | None:
        if self._pictures is None:
            self._pictures = self.source.pictures()
        return self._pictures.get(name.lower()) or self._pictures.get(name.lower().rpartition("/")[2])

    def _rows(self) -> Iterator[Row]:
        return rows_of(self.source, has_header=self.reading is None or self.reading.has_header)

    def counted(self, rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            self.report.rows += 1
            self.line = row.line
            yield row

    def reject(self, reject: Reject) -> None:
        """What the journal says of it is written with the next batch."""
        self._note_reject(reject)
        if self.journal is not None:
            self._refused.append(reject)

    def _note_reject(self, reject: Reject) -> None:
        self.report.rejected += 1
        self.report.reasons[reject.reason.split("\u202f:")[0].split(" «")[0]] += 1
        if self.reading is not None and self.reading.missing is not Missing.LEAVE:
            self.supplier.refuse(reject)
        if len(self.report.rejects) < SAMPLES:
            self.report.rejects.append(reject)
        if self.rejects is not None:
            self.rejects.write(reject, self.source)

    def warn(self, warned: Warned) -> None:
        text = warned.text
        if text not in self.report.warnings and len(self.report.warnings) >= _MOST_TEXTS:
            # A text that quotes the cell is another one on each line.
            text = text.split(" «")[0].split("\u202f:")[0]
        self.report.warnings[text] += 1
        lines = self.report.warned.setdefault(text, [])
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

    def finish(self) -> None:
        """What the file does not hold, where that was asked for, and what the last batch refused."""
        if self.reading is not None and self.reading.missing is not Missing.LEAVE:
            missing = self.supplier.missing()
            for start in range(0, len(missing), BATCH):
                self._write_absent(missing[start : start + BATCH])
        if self._refused:
            self._write([], [])

    @retry_on_deadlock
    def _write_absent(self, variants: list[int]) -> None:
        assert self.reading is not None  # noqa: S101
        with transaction.atomic(durable=not self.dry_run):
            self.beat()
            plans = plan_absent(variants, self.reading.missing)
            outcome = [_Outcome.of(plan) for plan in plans if plan.changes]
            changing = [plan for plan in plans if plan.changes]
            touched = self._apply(changing, [], attention=ImportedProduct.Attention.ABSENT)
            if not self.dry_run:
                refresh_listing(product_ids=touched)
        self.report.missing += len(outcome)
        self._note(outcome)

    @retry_on_deadlock
    def _write(self, definitions: list[DefinitionRecord], products: list[ProductRecord]) -> None:
        if self._rolled_back:
            self.paths = CategoryPaths()
        self._rolled_back = True
        with transaction.atomic(durable=not self.dry_run):
            self.beat()
            matched, unmatched, notices = products, list[Reject](), list[Warned]()
            if self.reading is not None:
                matched, unmatched, notices = match_records(products, self.reading, self.supplier)
            defined, refused = define(definitions, self.paths, announced=self.announced, dry_run=self.dry_run)
            plans, rejects = plan_batch(matched, self.paths, announced=self.announced, now=self.now)
            rejects = [*refused, *unmatched, *rejects]
            if self.starting_stock is not None:
                _stock_up(plans, self.starting_stock)
            outcome = [_Outcome.of(plan) for plan in plans]
            touched = self._apply(plans, [*self._refused, *rejects])
            if defined and not self.dry_run:
                touched |= products_of(defined, self.paths)
                bump_revision()
            if not self.dry_run:
                refresh_listing(product_ids=touched)
            if self.reading is not None:
                self._see(plans)
        self._rolled_back = False
        self._refused = []
        self._note(outcome)
        for notice in notices:
            self.warn(notice)
        self.report.defined += len(defined)
        for reject in rejects:
            self._note_reject(reject)

    def _apply(self, plans: list[ProductPlan], rejects: list[Reject], *, attention: str = "") -> set[int]:
        """Writes the plans, unless this is a dry run, with their lines in the journal; returns the products' ids."""
        rows = []
        if self.journal is not None:
            self.journal.before(plans)
            rows = self.journal.rows(plans, rejects)
            for row in rows:
                row.attention = attention or row.attention
        touched: set[int] = set()
        if not self.dry_run:
            touched = set(write_batch(plans, self.paths, author=self.author, now=self.now))
        if self.journal is not None:
            self.journal.after(plans, rows)
        return touched

    def _see(self, plans: list[ProductPlan]) -> None:
        found = [
            (item.variant.pk, item.record.supplier_reference)
            for plan in plans
            for item in plan.variants
            if item.variant is not None
        ]
        self.supplier.see(found, write=not self.dry_run)

    def _note(self, outcome: list["_Outcome"]) -> None:
        report = self.report
        for each in outcome:
            plan = each.plan
            report.created += each.is_new
            report.updated += each.changes and not each.is_new
            report.unchanged += not each.changes
            report.doubtful += plan.record.is_doubtful
            report.drafts += each.is_new and each.is_draft
            report.without_stock += each.is_new and each.has_no_stock
            report.published += each.is_published_now
            report.sold_out += each.is_sold_out and not each.is_new
            if plan.is_new_category and plan.record.category and plan.record.category not in self.new_paths:
                self.new_paths.add(plan.record.category)
                report.new_rayon_count += 1
                if len(report.new_rayons) < SAMPLES:
                    report.new_rayons.append(" > ".join(plan.record.category))
            if self.dry_run and each.changes and self._sampled[each.is_new] < MOST_OF_A_KIND:
                self._sampled[each.is_new] += 1
                report.samples.append(sample_of(plan))
            report.images += sum(1 for image in plan.new_images if image.url and not image.file)
            if each.is_new and len(report.new_names) < SAMPLES:
                report.new_names.append(plan.record.fields.get("name_fr", plan.record.code))
            if len(report.differences) < SAMPLES:
                report.differences += plan.differences[: SAMPLES - len(report.differences)]
            big = [difference for difference in plan.differences if difference.is_big]
            report.big_price_change_count += len(big)
            report.big_price_changes += big[: SAMPLES - len(report.big_price_changes)]
            for warned in plan.warnings:
                self.warn(warned)


def _stock_up(plans: list[ProductPlan], pieces: int) -> None:
    for plan in plans:
        for item in plan.variants:
            if item.variant is None and item.record.on_hand is None:
                item.record.on_hand = pieces


class _Outcome(NamedTuple):
    """What a plan is before it is written: writing empties it."""

    is_new: bool
    changes: bool
    is_draft: bool
    has_no_stock: bool
    is_published_now: bool
    is_sold_out: bool
    plan: ProductPlan

    @classmethod
    def of(cls, plan: ProductPlan) -> "_Outcome":
        product = plan.product
        return cls(
            is_new=product is None,
            changes=plan.changes,
            is_draft=not plan.is_published,
            has_no_stock=plan.has_no_stock,
            is_published_now=plan.is_published and product is not None and product.state != Product.State.PUBLISHED,
            is_sold_out=plan.is_sold_out,
            plan=plan,
        )
