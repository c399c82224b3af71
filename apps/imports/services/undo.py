"""Undoes an import for thirty days: what it changed and nobody changed since. The rest stays, and is listed.

What was never on sale is deleted; what was is archived, because its prices and stock movements have to stay. Stock
that orders moved since is put back by as much as the import had moved it.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Count, F, Max, Q
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.catalogue.models import (
    AttributeValue,
    Brand,
    CatalogueImport,
    Category,
    Product,
    ProductImage,
    Stock,
    StockHold,
    StockMovement,
    Variant,
)
from apps.catalogue.services import prices, stock
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.services.revision import bump_revision
from apps.common.errors import DomainError
from apps.common.transactions import retry_on_deadlock
from apps.imports.catalogue.journal import field_of, restored, snapshot
from apps.imports.catalogue.write import update_with_history
from apps.imports.models import ImportedProduct
from apps.imports.retention import JOURNAL_RETENTION
from apps.imports.services.jobs import Job, Paused, Replaced, Stopped, claimed
from apps.orders.models import OrderLine

logger = structlog.get_logger(__name__)
Status = CatalogueImport.Status
_BATCH = 100
# An import that ended in any of these ways may have written something.
UNDOABLE = (Status.DONE, Status.STOPPED, Status.REFUSED)
# Movements that a shop makes by itself while it sells.
_OF_ORDERS = (StockMovement.Reason.SALE, StockMovement.Reason.CANCELLATION, StockMovement.Reason.RETURN)


class NotToUndo(DomainError):
    """Older than thirty days, undone already, or not finished."""

    code = "not_to_undo"


def can_undo(received: CatalogueImport, *, now: datetime) -> bool:
    ended = received.finished_at
    return (
        received.status in UNDOABLE
        and ended is not None
        and now < ended + JOURNAL_RETENTION
        and _written(received).filter(undone_at=None).exists()
    )


def start_undo(*, received: CatalogueImport, now: datetime) -> None:
    """Wait for the task, which the caller sends. Raises NotToUndo; of two clicks one counts."""
    if not can_undo(received, now=now) or not CatalogueImport.objects.filter(
        pk=received.pk, status__in=UNDOABLE
    ).update(status=Status.UNDOING, progress=0, lines=_written(received).count(), wish="", problem=""):
        raise NotToUndo(
            _("Cet import ne peut plus être annulé : il n’a rien écrit, l’est déjà, ou date de plus de 30 jours.")
        )


def undo_import(*, import_id: int, now: datetime) -> bool:
    """Undo what was asked for; False when there is nothing to do. Interrupted, it is run again and completes."""
    with claimed(import_id, now=now) as job:
        received = CatalogueImport.objects.filter(pk=import_id, status=Status.UNDOING).first()
        if job is None or received is None:
            return False
        mine = CatalogueImport.objects.filter(pk=received.pk, status=Status.UNDOING)
        try:
            while count := _undo_batch(received, job, now):
                mine.update(progress=F("progress") + count)
            left = _undo_categories(received, job)
        except (Replaced, Paused, Stopped):
            return False
        except Exception as error:
            logger.error("catalogue_undo_failed", import_id=received.pk, exc_info=error)
            problem = _("Une erreur de notre part a interrompu l’annulation. Ce qui est annulé le reste ; reprenez-la.")
            mine.update(status=Status.DONE, problem=problem)
            return False
        received.report["undo"] = {
            "restored": _written(received).filter(left=[]).count(),
            "left": _written(received).exclude(left=[]).count(),
            "categories": left,
        }
        mine.update(status=Status.UNDONE, report=received.report)
    return True


def _written(received: CatalogueImport) -> Any:
    return ImportedProduct.objects.filter(received=received, is_written=True, undo__isnull=False)


@retry_on_deadlock
def _undo_batch(received: CatalogueImport, job: Job, now: datetime) -> int:
    """The last rows that are not undone yet, whole products of them; returns how many."""
    with transaction.atomic(durable=True):
        job.beat()
        rows = list(_written(received).filter(undone_at=None).order_by("-pk").select_for_update()[:_BATCH])
        if not rows:
            return 0
        batch = _Batch(rows, received.confirmed_by, now)
        for row in rows:
            row.left = batch.undo(row)
            row.undone_at = now
        batch.write()
        ImportedProduct.objects.bulk_update(rows, ["left", "undone_at"])
    return len(rows)


class _Batch:
    """What undoing some rows changes: read once, compared row by row, written once."""

    def __init__(self, rows: Sequence[ImportedProduct], author: User | None, now: datetime) -> None:
        self.author, self.now = author, now
        self.reason = _("annulation d’un import")
        ids = [row.product_id for row in rows if row.product_id]
        self.products = {
            product.pk: product for product in Product.objects.filter(pk__in=ids).order_by("pk").select_for_update()
        }
        found = Variant.objects.filter(product__in=ids).order_by("pk").select_for_update()
        self.variants = {variant.pk: variant for variant in found}
        self.stocks = Stock.objects.in_bulk(list(self.variants))
        self.sold = self._sold()
        self.counted = self._last_counts()
        self.edited = self._edited()
        self.fields: dict[type[Product | Variant], list[tuple[Any, dict[str, Any]]]] = {Product: [], Variant: []}
        self.prices: dict[int, Decimal] = {}
        self.counts: dict[int, int] = {}
        self.deleted: list[int] = []
        self.touched: list[int] = list(self.products)

    def _sold(self) -> set[int]:
        held = set(StockHold.objects.filter(stock__in=self.variants).values_list("stock", flat=True))
        return held | set(OrderLine.objects.filter(variant__in=self.variants).values_list("variant", flat=True))

    def _last_counts(self) -> dict[int, int | None]:
        """What the last import left on hand, None where people moved stock after it."""
        moved = StockMovement.objects.filter(stock__in=self.variants).exclude(reason__in=_OF_ORDERS)
        last = moved.order_by().values("stock").annotate(last=Max("pk")).values("last")
        rows = StockMovement.objects.filter(pk__in=list(last.values_list("last", flat=True)))
        return {row.stock_id: row.on_hand_after if row.reason == StockMovement.Reason.IMPORT else None for row in rows}

    def _edited(self) -> set[int]:
        """Products of which, or of whose variants, there is more history than their creation."""
        often = Product.history.filter(id__in=self.products).values("id").order_by().annotate(count=Count("pk"))
        edited = {row["id"] for row in often if row["count"] > 1}
        rows = Variant.history.filter(id__in=self.variants).values("id").order_by().annotate(count=Count("pk"))
        return edited | {self.variants[row["id"]].product_id for row in rows if row["count"] > 1}

    def undo(self, row: ImportedProduct) -> list[list[str]]:
        """Note what to write for one row; returns [code, column, why it stays] for the rest."""
        product = self.products.get(row.product_id or 0)
        if product is None:
            return [[row.code, "", _("supprimé depuis")]]
        done = row.undo or {}
        left = [
            [row.code, "images", _("image retirée par l’import, à remettre : %(key)s") % {"key": key}]
            for key in done["gone"]
        ]
        if done["created"]:
            return [*left, *self._undo_product(product, done)]
        left += self._undo_fields(product, product.code, done["fields"])
        for pk, changed in done["variants"].items():
            variant = self.variants.get(int(pk))
            if variant is None:
                left.append([row.code, "", _("modèle supprimé depuis")])
            elif changed["created"]:
                left += self._undo_variant(variant)
            else:
                left += self._undo_changes(variant, changed)
        self._undo_images(product, done["images"])
        self._undo_values(product, done)
        return left

    def _undo_product(self, product: Product, done: dict[str, Any]) -> list[list[str]]:
        variants = [variant for variant in self.variants.values() if variant.product_id == product.pk]
        moved = [variant for variant in variants if self.counted.get(variant.pk, 0) is None]
        if product.pk in self.edited or moved:
            return [[product.code, "", _("modifié depuis l’import : il reste")]]
        sold = [variant for variant in variants if variant.pk in self.sold]
        if not sold and product.published_at is None:
            self.deleted.append(product.pk)
            return []
        if product.state != Product.State.ARCHIVED:
            self.fields[Product].append((product, {"state": Product.State.ARCHIVED}))
        return [[product.code, "state", _("vendu depuis l’import : archivé, pas supprimé")]] if sold else []

    def _undo_variant(self, variant: Variant) -> list[list[str]]:
        if variant.is_active:
            self.fields[Variant].append((variant, {"is_active": False}))
        return [[variant.sku, "", _("modèle ajouté par l’import : retiré de la vente, pas supprimé")]]

    def _undo_fields(
        self, instance: Product | Variant, code: str, fields: dict[str, list[str | None]]
    ) -> list[list[str]]:
        now = snapshot(instance, fields)
        left = [
            [code, name, _("modifié depuis l’import")] for name, (_was, after) in fields.items() if now[name] != after
        ]
        model = type(instance)
        back = {
            field_of(model, name).attname: restored(model, name, before)
            for name, (before, after) in fields.items()
            if now[name] == after
        }
        lost = [name for name in ("category_id", "brand_id") if back.get(name) and not self._exists(name, back[name])]
        for name in lost:
            del back[name]
            left.append([code, name.removesuffix("_id"), _("l’ancienne valeur n’existe plus")])
        if back:
            self.fields[model].append((instance, back))
        return left

    def _exists(self, name: str, pk: int) -> bool:
        model = Category if name == "category_id" else Brand
        return model.objects.filter(pk=pk).exists()

    def _undo_changes(self, variant: Variant, changed: dict[str, Any]) -> list[list[str]]:
        left = self._undo_fields(variant, variant.sku, changed["fields"])
        if price := changed.get("price"):
            before, after = map(Decimal, price)
            if variant.regular_price == variant.price == after:
                self.prices[variant.pk] = before
            else:
                left.append([variant.sku, "price", _("modifié depuis l’import")])
        if changed.get("reduced"):
            left.append([variant.sku, "price", _("l’import a arrêté une réduction : elle n’est pas relancée")])
        if moved := changed.get("stock"):
            before_count, after_count = moved
            if self.counted.get(variant.pk) == after_count:
                held = self.stocks[variant.pk].on_hand if variant.pk in self.stocks else after_count
                self.counts[variant.pk] = max(held + before_count - after_count, 0)
            else:
                left.append([variant.sku, "on_hand", _("compté depuis l’import")])
        if threshold := changed.get("threshold"):
            held_stock = self.stocks.get(variant.pk)
            if held_stock is not None and held_stock.low_threshold == threshold[1] and threshold[0] is not None:
                Stock.objects.filter(pk=variant.pk).update(low_threshold=threshold[0])
            else:
                left.append([variant.sku, "low_threshold", _("modifié depuis l’import")])
        return left

    def _undo_images(self, product: Product, keys: Sequence[str]) -> None:
        if keys:
            ProductImage.objects.filter(Q(source_url__in=keys) | Q(file__in=keys), product=product).delete()

    def _undo_values(self, product: Product, done: dict[str, Any]) -> None:
        for attribute, slug in done["values"]:
            product.attribute_values.remove(*AttributeValue.objects.filter(attribute__code=attribute, slug=slug))
        if done["lost"]:
            product.attribute_values.add(*AttributeValue.objects.filter(pk__in=done["lost"]))

    def write(self) -> None:
        """Locks variants for prices, then stocks, as imports do."""
        for model, changes in self.fields.items():
            update_with_history(changes, model, self.author, self.reason, self.now)
        prices.set_prices(amounts=self.prices, author=self.author, reason=self.reason, now=self.now)
        stock.count_stocks(counts=self.counts, author=self.author, note=self.reason, now=self.now)
        if self.deleted:
            Product.objects.filter(pk__in=self.deleted).delete()
        refresh_listing(product_ids=self.touched)
        bump_revision()


@retry_on_deadlock
def _undo_categories(received: CatalogueImport, job: Job) -> int:
    """Delete the rayons that the import created and nothing stands in; returns how many stay. A repeat finds none."""
    rows = _written(received).exclude(undo__categories=[]).values_list("undo__categories", flat=True)
    created = {pk for pks in rows for pk in pks}
    with transaction.atomic(durable=True):
        job.beat()
        for pk in list(
            Category.objects.filter(pk__in=created).order_by("-depth", "-path").values_list("pk", flat=True)
        ):
            # Read anew: deleting one below it changed its row.
            category = Category.objects.get(pk=pk)
            if not category.numchild and not category.products.exists():
                category.delete()
    return Category.objects.filter(pk__in=created).count()
