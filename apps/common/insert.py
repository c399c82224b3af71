"""Insertion that decides a race: of many who insert the same key at once, one is told that it did."""

from functools import cache

from django.db import connection, models
from django.db.models.constants import OnConflict

from apps.common.transactions import retry_on_deadlock


@retry_on_deadlock
def insert_new(row: models.Model) -> bool:
    """Insert a row unless one with its key is there, in one statement; whether it was inserted.

    For keys and numbers that we have made: MySQL's INSERT IGNORE also forgives values that do not fit.
    """
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in row._meta.concrete_fields]
    with connection.cursor() as cursor:
        cursor.execute(_statement(type(row), connection.vendor), values)
        return cursor.rowcount == 1


@cache
def _statement(model: type[models.Model], vendor: str) -> str:
    """Put together once: of what such a small write costs, making its text is more than the database's part."""
    names = [connection.ops.quote_name(field.column or field.name) for field in model._meta.concrete_fields]
    ignoring = connection.ops.insert_statement(on_conflict=OnConflict.IGNORE)
    table = connection.ops.quote_name(model._meta.db_table)
    return f"{ignoring} {table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})"
