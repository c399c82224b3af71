"""Stock: the only module that writes it. Every movement is a line in the ledger; every reservation is a hold.

`hold_stock`, `release_holds`, `sell_holds` and `restock` run inside the caller's transaction. Whoever locks stock locks
it once, in primary-key order, and after every other row it needs: the most contended rows are locked the shortest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.catalogue.models import Stock, StockHold, StockMovement, Variant
from apps.catalogue.services.listing import refresh_listing
from apps.common.errors import DomainError
from apps.common.insert import insert
from apps.common.prepared import Prepared
from apps.common.transactions import retry_on_deadlock

_BATCH = 200
_FEW = 50
# Of references in a sentence.
_NAMED = 10


@dataclass(frozen=True)
class Shortage:
    variant_id: int
    sku: str
    name: str
    wanted: int
    available: int
    in_basket: int = 0

    @property
    def message(self) -> str:
        if self.in_basket and self.available:
            return ngettext(
                "« %(name)s » : il n’en reste qu’un exemplaire, déjà dans votre panier.",
                "« %(name)s » : il n’en reste que %(count)d exemplaires, déjà dans votre panier.",
                self.available,
            ) % {"count": self.available, "name": self.name}
        if not self.available:
            return _("%(name)s n’est plus disponible. Retirez-le de votre panier.") % {"name": self.name}
        return ngettext(
            "« %(name)s » : il n’en reste qu’un exemplaire. Réduisez la quantité.",
            "« %(name)s » : il n’en reste que %(count)d exemplaires. Réduisez la quantité.",
            self.available,
        ) % {"count": self.available, "name": self.name}


class OutOfStock(DomainError):
    """`shortages` lists what is missing; nothing was reserved."""

    code = "out_of_stock"

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        super().__init__(" ".join(shortage.message for shortage in shortages), shortages=list(shortages))
        self.shortages = list(shortages)


class StockReserved(DomainError):
    code = "stock_reserved"


class StockMoved(DomainError):
    code = "stock_moved"


def hold_stock(*, quantities: Mapping[int, int], reference: str, now: datetime) -> None:
    """Reserve pieces (variant id → quantity) for `reference`; raises OutOfStock before anything is written.

    A second hold under the same reference violates a unique constraint.
    """
    stocks = _lock(quantities)
    lacking = {
        variant_id: stocks[variant_id].available if variant_id in stocks else 0
        for variant_id, quantity in quantities.items()
        if variant_id not in stocks or stocks[variant_id].available < quantity
    }
    if lacking:
        raise OutOfStock(_shortages(lacking, quantities))
    with _Changes(stocks.values()) as changes:
        for variant_id, quantity in quantities.items():
            changes.reserve(stocks[variant_id], quantity)
    holds = [
        StockHold(stock_id=variant_id, reference=reference, quantity=quantity, created_at=now)
        for variant_id, quantity in sorted(quantities.items())
    ]
    insert(*holds)


def release_holds(*, references: Sequence[str]) -> int:
    """Release the holds of these references; returns how many there were. A repeat finds none."""
    stocks, holds = _lock_holds(references)
    with _Changes(stocks.values()) as changes:
        for hold in holds:
            changes.reserve(stocks[hold.stock_id], -hold.quantity)
    _delete(holds)
    return len(holds)


def sell_holds(*, reference: str, now: datetime) -> int:
    """Turn the holds of a reference into sales; returns how many there were. A repeat finds none."""
    stocks, holds = _lock_holds([reference])
    with _Changes(stocks.values()) as changes:
        for hold in holds:
            changes.reserve(stocks[hold.stock_id], -hold.quantity)
            changes.move(stocks[hold.stock_id], -hold.quantity, StockMovement.Reason.SALE, now, reference=reference)
    _delete(holds)
    return len(holds)


def restock(*, reference: str, quantities: Mapping[int, int], reason: str, author: User | None, now: datetime) -> None:
    """Take pieces back from an order (cancellation, return). Variants that no longer exist are passed over."""
    stocks = _lock(quantities)
    with _Changes(stocks.values()) as changes:
        for variant_id, stock in stocks.items():
            changes.move(stock, quantities[variant_id], reason, now, reference=reference, author=author)


def correct_stock(
    *,
    variant: Variant,
    on_hand: int,
    reason: str,
    note: str,
    author: User | None,
    now: datetime,
    expected: int | None = None,
) -> bool:
    """Set the counted number of pieces; False when it was right.

    Raises StockReserved below the number reserved for orders, and StockMoved when there are not `expected` pieces any
    more: a count must not undo a sale made meanwhile.
    """
    with transaction.atomic():
        Stock.objects.get_or_create(variant_id=variant.pk)
        stock = _lock([variant.pk])[variant.pk]
        if expected is not None and stock.on_hand != expected:
            raise StockMoved(
                _("Le stock a changé pendant votre saisie : il est de %(now)s. Vérifiez, puis enregistrez.")
                % {"now": stock.on_hand},
                on_hand=stock.on_hand,
            )
        if on_hand < stock.reserved:
            raise StockReserved(
                ngettext(
                    "%(count)d pièce est réservée à une commande. Annulez d’abord la commande concernée.",
                    "%(count)d pièces sont réservées à des commandes. Annulez d’abord les commandes concernées.",
                    stock.reserved,
                )
                % {"count": stock.reserved},
                reserved=stock.reserved,
            )
        delta = on_hand - stock.on_hand
        if delta:
            with _Changes([stock]) as changes:
                changes.move(stock, delta, reason, now, author=author, note=note)
        return bool(delta)


def open_stocks(
    *,
    counts: Mapping[int, int],
    thresholds: Mapping[int, int] | None = None,
    author: User | None,
    now: datetime,
    note: str = "",
) -> None:
    """Give variants that were just imported (id → pieces) their stock; they may have none yet."""
    thresholds = thresholds or {}
    Stock.objects.bulk_create(
        (
            Stock(variant_id=pk, on_hand=pieces, **({"low_threshold": thresholds[pk]} if pk in thresholds else {}))
            for pk, pieces in counts.items()
        ),
        batch_size=_BATCH,
    )
    StockMovement.objects.bulk_create(
        (
            StockMovement(
                stock_id=pk,
                delta=pieces,
                on_hand_after=pieces,
                reason=StockMovement.Reason.IMPORT,
                note=note,
                author=author,
                created_at=now,
            )
            for pk, pieces in counts.items()
            if pieces
        ),
        batch_size=_BATCH,
    )


def count_stocks(*, counts: Mapping[int, int], author: User | None, now: datetime, note: str = "") -> list[int]:
    """Set many stocks to what an imported list counts (variant id → pieces); returns the variants that moved.

    Reserved pieces stay: a lower count is raised to their number.
    """
    if not counts:
        return []
    with transaction.atomic():
        Stock.objects.bulk_create((Stock(variant_id=pk) for pk in counts), ignore_conflicts=True, batch_size=_BATCH)
        stocks = _lock(counts)
        deltas = {pk: max(counts[pk], stock.reserved) - stock.on_hand for pk, stock in stocks.items()}
        moved = [stock for pk, stock in stocks.items() if deltas[pk]]
        with _Changes(moved) as changes:
            for stock in moved:
                changes.move(stock, deltas[stock.pk], StockMovement.Reason.IMPORT, now, author=author, note=note)
    return [stock.pk for stock in moved]


def book_deltas(*, deltas: Mapping[int, int], reason: str, note: str, author: User | None, now: datetime) -> int:
    """Move many stocks at once, inside the caller's transaction (variant id → pieces more or less); returns how many
    moved.

    Raises StockReserved, naming the variants that would have fewer pieces than orders have reserved.
    """
    Stock.objects.bulk_create((Stock(variant_id=pk) for pk in deltas), ignore_conflicts=True, batch_size=_BATCH)
    stocks = _lock(deltas)
    moved = [each for pk, each in stocks.items() if deltas[pk]]
    if short := [each.pk for each in moved if each.on_hand + deltas[each.pk] < each.reserved]:
        skus = Variant.objects.filter(pk__in=short).order_by("sku").values_list("sku", flat=True)
        raise StockReserved(
            _(
                "Des commandes ont réservé plus de pièces qu’il n’en resterait : %(skus)s. Vérifiez-les, ou annulez "
                "les commandes concernées."
            )
            % {"skus": ", ".join(skus[:_NAMED]) + ("…" if len(short) > _NAMED else "")},
            variants=short,
        )
    with _Changes(moved) as changes:
        for each in moved:
            changes.move(each, deltas[each.pk], reason, now, author=author, note=note)
    return len(moved)


class _Changes:
    """Collects changes to locked stocks; on leaving, writes them in one update and their movements in one insert."""

    def __init__(self, stocks: Iterable[Stock]) -> None:
        self.stocks = list(stocks)
        self.before = {stock.pk: _public_level(stock) for stock in self.stocks}
        self.movements: list[StockMovement] = []

    def __enter__(self) -> "_Changes":
        return self

    def reserve(self, stock: Stock, quantity: int) -> None:
        stock.reserved += quantity

    def move(
        self,
        stock: Stock,
        delta: int,
        reason: str,
        now: datetime,
        *,
        reference: str = "",
        author: User | None = None,
        note: str = "",
    ) -> None:
        stock.on_hand += delta
        self.movements.append(
            StockMovement(
                stock=stock,
                delta=delta,
                on_hand_after=stock.on_hand,
                reason=reason,
                reference=reference,
                author=author,
                note=note,
                created_at=now,
            )
        )

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is not None or not self.stocks:
            return
        columns = ["on_hand", "reserved"] if self.movements else ["reserved"]
        _write(self.stocks, columns)
        StockMovement.objects.bulk_create(self.movements, batch_size=_BATCH)
        variant_ids = [stock.pk for stock in self.stocks if _public_level(stock) != self.before[stock.pk]]
        if variant_ids:
            # After commit: the listing's rows are shared by everyone and must not be locked by a sale. A failure
            # there must not look like a failed sale, hence robust.
            transaction.on_commit(partial(_announce, variant_ids), robust=True)


def _write(stocks: Sequence[Stock], columns: Sequence[str]) -> None:
    """As bulk_update, whose expressions cost a sale of one line 0.6 ms of its 7 ms of processor time."""
    for first in range(0, len(stocks), _FEW):
        some = stocks[first : first + _FEW]
        # Names of columns are ours; every value is a parameter.
        chosen = ", ".join(f"{column} = CASE variant_id {'WHEN %s THEN %s ' * len(some)}END" for column in columns)
        values = [value for column in columns for stock in some for value in (stock.pk, getattr(stock, column))]
        places = ", ".join(["%s"] * len(some))
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE catalogue_stock SET {chosen} WHERE variant_id IN ({places})",  # noqa: S608
                [*values, *[stock.pk for stock in some]],
            )


@retry_on_deadlock
def _announce(variant_ids: list[int]) -> None:
    refresh_listing(product_ids=Variant.objects.filter(pk__in=variant_ids).values_list("product_id", flat=True))


def _public_level(stock: Stock) -> int:
    """What pages show of a stock: the exact number only when it is low."""
    return min(stock.available, stock.low_threshold + 1)


def _locked(variant_ids: Sequence[int]) -> QuerySet[Stock]:
    return Stock.objects.select_for_update().filter(pk__in=variant_ids).order_by("pk")


_LOCKED = Prepared(_locked)


def _lock(variant_ids: Iterable[int]) -> dict[int, Stock]:
    wanted = tuple(set(variant_ids))
    # A plan is kept for each number of variants: few for orders, thousands for imports.
    locked = _LOCKED.instances(wanted) if 0 < len(wanted) <= _FEW else _locked(wanted)
    return {stock.pk: stock for stock in locked}


def _lock_holds(references: Sequence[str]) -> tuple[dict[int, Stock], list[StockHold]]:
    """Holds are written only under the lock of their stock: found first, locked next, read again."""
    holds = StockHold.objects.filter(reference__in=list(references))
    wanted = set(holds.values_list("stock_id", flat=True))
    if not wanted:
        return {}, []
    stocks = _lock(wanted)
    return stocks, list(holds.filter(stock_id__in=stocks))


def _delete(holds: list[StockHold]) -> None:
    if holds:
        StockHold.objects.filter(pk__in=[hold.pk for hold in holds]).delete()


def _shortages(lacking: Mapping[int, int], wanted: Mapping[int, int]) -> list[Shortage]:
    variants = Variant.objects.select_related("product").in_bulk(list(lacking))
    return [
        Shortage(
            variant_id=pk,
            sku=variants[pk].sku if pk in variants else "",
            name=full_name(variants[pk]) if pk in variants else _("Ce produit"),
            wanted=wanted[pk],
            available=available,
        )
        for pk, available in lacking.items()
    ]


def full_name(variant: Variant) -> str:
    """« Tasse (bleu, grand) » in the current language; the product must be loaded."""
    return f"{variant.product.name} ({variant.label})" if variant.label else variant.product.name
