"""What must hold in any copy of the shop's database. Each check names the rows that break it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from apps.catalogue.models import PriceEntry, Stock, StockHold, StockMovement, Variant
from apps.common.money import MoneyField
from apps.orders.models import Order, OrderLine
from apps.payments.models import Payment, Refund

SHOWN = 5
ZERO = Decimal(0)


def broken(alias: str) -> dict[str, list[str]]:
    """Name of each check that fails, with the first rows that break it."""
    found = {name: [str(row) for row in check(alias)[:SHOWN]] for name, check in CHECKS.items()}
    return {name: rows for name, rows in found.items() if rows}


def pending_migrations(alias: str) -> list[str]:
    """Migrations of this release that the restored database does not have yet: a restore would run them."""
    executor = MigrationExecutor(connections[alias])
    executor.loader.check_consistent_history(connections[alias])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def unknown_migrations(alias: str) -> list[str]:
    """Migrations that it has and this release does not know: it comes from a newer one."""
    loader = MigrationExecutor(connections[alias]).loader
    ours = {app for app, _name in loader.disk_migrations}
    return sorted(
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if app in ours and (app, name) not in loader.disk_migrations and (app, name) not in loader.replacements
    )


def _sum(rows: Any, outer: str, field: str) -> Any:
    """A sum over rows of another table, whatever their own ordering."""
    total = rows.order_by().values(outer).annotate(total=Sum(field)).values("total")
    return Subquery(total)


def _orders_add_up(alias: str) -> Any:
    lines = _sum(OrderLine.objects.using(alias).filter(order=OuterRef("pk")), "order", "total")
    orders = (
        Order.objects.using(alias).order_by("pk").annotate(lines_total=Coalesce(lines, ZERO, output_field=MoneyField()))
    )
    wrong = orders.exclude(items_total=F("lines_total")) | orders.exclude(total=F("items_total") + F("delivery_total"))
    return wrong.values_list("number", flat=True)


def _orders_have_lines_and_history(alias: str) -> Any:
    orders = Order.objects.using(alias).order_by("pk")
    return (
        orders.annotate(line_count=Count("lines", distinct=True), event_count=Count("events", distinct=True))
        .filter(Q(line_count=0) | Q(event_count=0))
        .values_list("number", flat=True)
    )


def _stock_is_not_negative(alias: str) -> Any:
    return (
        Stock.objects.using(alias)
        .filter(Q(on_hand__lt=0) | Q(reserved__lt=0) | Q(reserved__gt=F("on_hand")))
        .values_list("pk", flat=True)
    )


def _stock_is_its_ledger(alias: str) -> Any:
    moved = _sum(StockMovement.objects.using(alias).filter(stock=OuterRef("pk")), "stock", "delta")
    return (
        Stock.objects.using(alias)
        .annotate(moved=Coalesce(moved, 0))
        .exclude(on_hand=F("moved"))
        .values_list("pk", flat=True)
    )


def _reserved_is_its_holds(alias: str) -> Any:
    held = _sum(StockHold.objects.using(alias).filter(stock=OuterRef("pk")), "stock", "quantity")
    return (
        Stock.objects.using(alias)
        .annotate(held=Coalesce(held, 0))
        .exclude(reserved=F("held"))
        .values_list("pk", flat=True)
    )


def _prices_have_a_ledger(alias: str) -> Any:
    last = PriceEntry.objects.using(alias).filter(variant=OuterRef("pk")).order_by("-effective_at").values("amount")[:1]
    return (
        Variant.objects.using(alias)
        .annotate(last=Subquery(last))
        .exclude(price=F("last"))
        .values_list("sku", flat=True)
    )


def _refunds_are_counted(alias: str) -> Any:
    given = Refund.objects.using(alias).filter(payment=OuterRef("pk")).exclude(status=Refund.Status.FAILED)
    total = Coalesce(_sum(given, "payment", "amount"), ZERO, output_field=MoneyField())
    return Payment.objects.using(alias).annotate(given=total).exclude(refunded=F("given")).values_list("pk", flat=True)


def _rows_point_at_rows(alias: str) -> list[str]:
    """Foreign keys, which a restore loads unchecked."""
    connection = connections[alias]
    wrong = []
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA foreign_key_check")
            return [str(row[0]) for row in cursor.fetchall()]
        cursor.execute(
            "SELECT TABLE_NAME, COLUMN_NAME, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME "
            "FROM information_schema.KEY_COLUMN_USAGE "
            "WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL"
        )
        for table, column, other, key in cursor.fetchall():
            cursor.execute(
                f"SELECT 1 FROM `{table}` AS here LEFT JOIN `{other}` AS there ON there.`{key}` = here.`{column}` "  # noqa: S608
                f"WHERE here.`{column}` IS NOT NULL AND there.`{key}` IS NULL LIMIT 1"
            )
            if cursor.fetchone():
                wrong.append(f"{table}.{column}")
    return wrong


CHECKS: dict[str, Callable[[str], Any]] = {
    "rows_point_at_rows": _rows_point_at_rows,
    "orders_add_up": _orders_add_up,
    "orders_have_lines_and_history": _orders_have_lines_and_history,
    "stock_is_not_negative": _stock_is_not_negative,
    "stock_is_its_ledger": _stock_is_its_ledger,
    "reserved_is_its_holds": _reserved_is_its_holds,
    "prices_have_a_ledger": _prices_have_a_ledger,
    "refunds_are_counted": _refunds_are_counted,
}
