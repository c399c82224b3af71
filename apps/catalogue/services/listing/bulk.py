"""Bulk upserts, for both databases."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, models

CHUNK = 500


def upsert(model: type[models.Model], rows: Sequence[models.Model], *, key: Sequence[str]) -> None:
    """Insert these rows, or update all columns of those whose unique `key` exists. Not for a table with a FULLTEXT
    index: see `write_documents`."""
    if not rows:
        return
    changed = [column.name for column in model._meta.concrete_fields if column.name not in key and column.name != "id"]
    model._default_manager.bulk_create(
        rows,
        batch_size=CHUNK,
        update_conflicts=True,
        update_fields=changed,
        unique_fields=key if connection.features.supports_update_conflicts_with_target else None,
    )


def add(
    model: type[models.Model], *, key: Sequence[str], counters: Sequence[str], rows: Sequence[dict[str, Any]]
) -> None:
    """`counter = counter + value` where the unique `key` exists, otherwise insert the row. Rows come in key order.

    The ORM can only set a value on conflict: of two transactions that count at once, one would be lost.
    """
    quote = connection.ops.quote_name
    if connection.vendor == "mysql":
        conflict, added = "ON DUPLICATE KEY UPDATE", "VALUES({})"
    else:
        conflict, added = f"ON CONFLICT ({', '.join(map(quote, key))}) DO UPDATE SET", "excluded.{}"
    sums = ", ".join(f"{quote(name)} = {quote(name)} + {added.format(quote(name))}" for name in counters)
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        for start in range(0, len(rows), CHUNK):
            batch = rows[start : start + CHUNK]
            columns = ", ".join(map(quote, batch[0]))
            places = ", ".join([f"({', '.join(['%s'] * len(batch[0]))})"] * len(batch))
            cursor.execute(
                f"INSERT INTO {table} ({columns}) VALUES {places} {conflict} {sums}",  # noqa: S608
                [value for row in batch for value in row.values()],
            )
