"""`populate_datalake`: writes the catalogue, its pictures and the sales for programs and analysts."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django import forms
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common import replicas
from apps.operations.runs.definition import Operation, Options, Outcome, register
from apps.operations.runs.report import Reporter
from apps.operations.services.backup.store import Bucket, Folder, Store
from apps.operations.services.lake import assets, athena, sales, tables
from apps.operations.services.lake.catalogue import catalogue_files
from apps.operations.services.lake.manifest import (
    MANIFEST,
    Entry,
    Manifest,
    object_key,
    packed,
    read_manifest,
    sha256_of,
)
from apps.operations.services.lake.parquet import Rows

# The list of pictures that an interrupted run had sent.
PROGRESS = "catalogue/progress.ndjson.gz"
SAVED_EVERY = 500
NOTHING = packed(b"")
EXTRACTS: dict[str, tuple[Callable[[], set[str]], Callable[[str], Rows]]] = {
    "sales": (sales.months_of_sales, sales.sales_of),
    "refunds": (sales.months_of_refunds, sales.refunds_of),
}


class LakeOptions(Options):
    months = forms.IntegerField(
        label=gettext_lazy("Mois"),
        min_value=1,
        max_value=600,
        initial=13,
        help_text=gettext_lazy("mois de ventes recalculés : une annulation corrige le sien ; ceux d’avant restent"),
    )
    at_once = forms.IntegerField(
        label=gettext_lazy("À la fois"),
        min_value=1,
        max_value=32,
        initial=8,
        help_text=gettext_lazy("images envoyées en même temps"),
    )


def lake() -> Store:
    bucket = settings.OPERATIONS["lake_bucket"]
    return Bucket(bucket) if bucket else Folder(settings.OPERATIONS["lake_folder"])


@dataclass
class Shipment:
    """Sends missing objects, or in a dry run only counts them."""

    store: Store
    dry_run: bool
    there: set[str]
    sent: list[str] = field(default_factory=list)
    size: int = 0

    def object(self, content: bytes, suffix: str, rows: int = 0) -> Entry:
        sha256 = sha256_of(content)
        entry = Entry(object_key(sha256, suffix), len(content), sha256, rows)
        if entry.key not in self.there:
            self.put(entry.key, content)
        return entry

    def table(self, rows: Rows, before: Entry | None) -> Entry:
        """An unchanged hash needs no new file."""
        if before and before.digest == rows.hash and before.key in self.there:
            return before
        return replace(self.object(rows.parquet(), ".parquet", rows.count), digest=rows.hash)

    def change(self, key: str, content: bytes) -> None:
        """For objects that keep their name when they change."""
        if self.store.get(key) != content:
            self.put(key, content)

    def put(self, key: str, content: bytes) -> None:
        self.count(key, len(content))
        if not self.dry_run:
            self.store.put(key, content)

    def count(self, key: str, size: int) -> None:
        self.sent.append(key)
        self.size += size
        self.there.add(key)


def populate_datalake(*, months: int, at_once: int, dry_run: bool, report: Reporter, now: datetime) -> Outcome:
    """Send what changed, and the manifest last: interrupted, the lake stays as it was, and the next run sends what is
    missing. A repeat sends nothing. Read from a replica where one is fit."""

    def populate() -> Outcome:
        return _populate(months=months, at_once=at_once, dry_run=dry_run, report=report, now=now)

    return replicas.read(populate, is_long=True)


def _populate(*, months: int, at_once: int, dry_run: bool, report: Reporter, now: datetime) -> Outcome:
    store = lake()
    if not dry_run:
        store.sweep()
    before = read_manifest(store)
    shipment = Shipment(store, dry_run, {each.key for each in store.listed("")})
    after = Manifest()
    for file in catalogue_files():
        after.catalogue[file.name] = shipment.object(file.content, ".csv.gz", file.rows)
        report.progress(_("Catalogue : %(name)s") % {"name": file.name})
    after.assets, pictures, lost = _assets(before, shipment, at_once, report)
    _tables(before, after, shipment, pictures, report)
    _extracts(before, after, shipment, _oldest(now, months), report)
    shipment.change(athena.KEY, athena.statements(store.name))
    if after != before and not dry_run:
        store.put(MANIFEST, after.written(created_at=now.isoformat(), release=settings.RELEASE))
    if PROGRESS in shipment.there and not dry_run and store.get(PROGRESS) != NOTHING:
        store.put(PROGRESS, NOTHING)
    return _outcome(after, shipment, lost, report)


def _assets(
    before: Manifest, shipment: Shipment, at_once: int, report: Reporter
) -> tuple[Entry, dict[str, Entry], list[str]]:
    """The list of pictures, their entries, and the names of missing files."""
    uploaded = _uploaded(before, shipment)
    names = list(assets.asset_names())
    new = [name for name in names if name not in uploaded or uploaded[name].key not in shipment.there]
    lost: list[str] = []
    if shipment.dry_run:
        for name in new:
            shipment.count(name, 0)
    else:
        arriving = assets.upload_assets(new, store=shipment.store, there=shipment.there, at_once=at_once)
        for number, (name, entry) in enumerate(arriving, start=1):
            report.progress(_("Images"), number, len(new))
            if entry is None:
                lost.append(name)
                report.say(_("perdue   %(name)s : son fichier n’est plus là") % {"name": name})
                continue
            uploaded[name] = entry
            if entry.key not in shipment.there:
                shipment.count(entry.key, entry.size)
            if number % SAVED_EVERY == 0:
                shipment.store.put(PROGRESS, packed(assets.listed(uploaded)))
                shipment.there.add(PROGRESS)
    present = {name: uploaded[name] for name in names if name in uploaded and name not in lost}
    return shipment.object(packed(assets.listed(present)), ".ndjson.gz", len(present)), present, lost


def _tables(
    before: Manifest, after: Manifest, shipment: Shipment, pictures: Mapping[str, Entry], report: Reporter
) -> None:
    for name, rows in tables.tables(pictures):
        report.progress(_("Tables : %(name)s") % {"name": name})
        after.tables[name] = shipment.table(rows, before.tables.get(name))
    for table in tables.TABLES:
        keys = [entry.key for name, entry in after.tables.items() if name.startswith(f"{table}/")]
        shipment.change(f"{athena.LISTS}{table}/files.txt", athena.listed(shipment.store.name, keys))


def _uploaded(before: Manifest, shipment: Shipment) -> dict[str, Entry]:
    uploaded: dict[str, Entry] = {}
    for key in (before.assets.key if before.assets else None, PROGRESS):
        if key in shipment.there and (content := shipment.store.get(str(key))):
            uploaded |= assets.read_list(gzip.decompress(content))
    return uploaded


def _extracts(before: Manifest, after: Manifest, shipment: Shipment, oldest: str, report: Reporter) -> None:
    """A month keeps its name, and one without sales any more an empty file: the lake's writer may delete nothing."""
    for table, (months_of, extract_of) in EXTRACTS.items():
        months = months_of() | {key.split("=")[1][:7] for key in before.sales if key.startswith(table)}
        for month in sorted(months):
            key = f"{table}/month={month}/lines.parquet"
            entry = before.sales.get(key)
            is_there = key in shipment.there
            if entry and month < oldest and is_there:
                after.sales[key] = entry
                continue
            report.progress(_("Ventes : %(month)s") % {"month": month})
            with extract_of(month) as rows:
                if entry and entry.digest == rows.hash and is_there:
                    after.sales[key] = entry
                    continue
                content = rows.parquet()
            shipment.put(key, content)
            after.sales[key] = Entry(key, len(content), sha256_of(content), rows.count, rows.hash)


def _oldest(now: datetime, months: int) -> str:
    """The first month that is computed again, the present one included."""
    today = timezone.localdate(now)
    first = today.year * 12 + today.month - months
    return f"{first // 12:04d}-{first % 12 + 1:02d}"


def _outcome(after: Manifest, shipment: Shipment, lost: list[str], report: Reporter) -> Outcome:
    report.link(_("manifeste"), f"{shipment.store.name}/{MANIFEST}")
    data = {
        "products": sum(entry.rows for name, entry in after.catalogue.items() if name.startswith("products-")),
        "assets": after.assets.rows if after.assets else 0,
        "months": sum(bool(entry.rows) for entry in after.sales.values()),
        "sent": len(shipment.sent),
        "bytes": shipment.size,
        "lost": lost,
    }
    if not shipment.sent:
        text = _("Rien n’a changé : %(products)d produits, %(assets)d images, %(months)d mois de ventes sont là.")
    elif shipment.dry_run:
        text = _("%(sent)d fichiers seraient envoyés.")
    else:
        text = _(
            "%(sent)d fichiers envoyés (%(size)s) : %(products)d produits, %(assets)d images, %(months)d mois de "
            "ventes."
        )
    return Outcome(text % {**data, "size": filesizeformat(shipment.size)}, data)


register(
    Operation(
        name="populate_datalake",
        title=gettext_lazy("Lac de données"),
        about=gettext_lazy(
            "Catalogue, images et ventes par mois, sans donnée personnelle, là où les analystes les lisent."
        ),
        run=populate_datalake,
        options=LakeOptions,
        time_limit=timedelta(minutes=25),
    )
)
