"""Invariants of any copy of the shop's database."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.models import F, OuterRef, Q, Subquery

from apps.catalogue.models import PriceEntry, Stock, Variant
from apps.checkout.services import check_books


def faults(alias: str) -> list[str]:
    """One line per fault: references to rows that are not there, negative stock, prices without a ledger, and all that
    the shop's books say."""
    found = [f"{place}: points at a row that is not there" for place in _orphans(alias)]
    found += [f"stock {pk}: negative" for pk in _negative_stock(alias)]
    found += [f"variant {sku}: its price is not in the ledger" for sku in _prices_without_ledger(alias)]
    with instead_of_the_shops(alias):
        found += check_books()
    return found


@contextmanager
def instead_of_the_shops(alias: str) -> Iterator[None]:
    """Points the default connection at this database. Nothing is reported meanwhile, which would write to the run's
    row. Connections are per thread: no other thread is affected."""
    shops = connections["default"]
    connections["default"] = connections[alias]
    try:
        yield
    finally:
        connections["default"] = shops


def pending_migrations(alias: str) -> list[str]:
    """Migrations of this release that the restored database does not have yet: a restore would run them."""
    executor = MigrationExecutor(connections[alias])
    executor.loader.check_consistent_history(connections[alias])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def migrate_forward(alias: str) -> list[str]:
    """Runs this release's migrations and returns those that ran, in order."""
    pending = pending_migrations(alias)
    if pending:
        # Migrations that name no connection use this one too.
        with instead_of_the_shops(alias):
            call_command("migrate", database=alias, interactive=False, verbosity=0, skip_checks=True)
    return pending


def unknown_migrations(alias: str) -> list[str]:
    """Migrations that it has and this release does not know: it comes from a newer one."""
    applied = MigrationExecutor(connections[alias]).loader.applied_migrations
    return not_in_this_release([f"{app}.{name}" for app, name in applied])


def not_in_this_release(migrations: list[str]) -> list[str]:
    """Those of « app.name » that belong to an app of ours and that this release does not know."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    ours = {app for app, _name in loader.disk_migrations}
    existing = {f"{app}.{name}" for app, name in (*loader.disk_migrations, *loader.replacements)}
    return sorted(name for name in migrations if name.partition(".")[0] in ours and name not in existing)


def missing_from(migrations: list[str]) -> list[str]:
    """Those of this release that are not among these « app.name »."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    have = set(migrations)
    return sorted(
        f"{app}.{name}"
        for (app, name), migration in loader.disk_migrations.items()
        if f"{app}.{name}" not in have and not migration.replaces
    )


def _negative_stock(alias: str) -> list[int]:
    negative = Q(on_hand__lt=0) | Q(reserved__lt=0) | Q(reserved__gt=F("on_hand"))
    return list(Stock.objects.using(alias).filter(negative).values_list("pk", flat=True))


def _prices_without_ledger(alias: str) -> list[str]:
    entries = PriceEntry.objects.using(alias).filter(variant=OuterRef("pk")).order_by("-effective_at")
    variants = Variant.objects.using(alias).annotate(last=Subquery(entries.values("amount")[:1]))
    # Where there is no entry at all, a comparison with nothing would be neither true nor false.
    return list(variants.filter(Q(last=None) | ~Q(price=F("last"))).values_list("sku", flat=True))


def _orphans(alias: str) -> list[str]:
    """Foreign keys, which a restore loads unchecked."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA foreign_key_check")
            return [str(row[0]) for row in cursor.fetchall()]
        cursor.execute(
            "SELECT TABLE_NAME, COLUMN_NAME, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME "
            "FROM information_schema.KEY_COLUMN_USAGE "
            "WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL"
        )
        wrong = []
        for table, column, other, key in cursor.fetchall():
            cursor.execute(
                f"SELECT 1 FROM `{table}` AS here LEFT JOIN `{other}` AS there ON there.`{key}` = here.`{column}` "  # noqa: S608
                f"WHERE here.`{column}` IS NOT NULL AND there.`{key}` IS NULL LIMIT 1"
            )
            if cursor.fetchone():
                wrong.append(f"{table}.{column}")
    return wrong
