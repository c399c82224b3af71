"""Insertion that decides a race: of concurrent inserts of one key, exactly one returns True."""

from functools import cache

from django.db import connection, models
from django.db.models.constants import OnConflict

from apps.common.transactions import retry_on_deadlock


@retry_on_deadlock
def insert_new(row: models.Model) -> bool:
    """Insert a row unless one with its key exists, in one statement; returns whether it was inserted.

    For generated values only: MySQL's INSERT IGNORE also truncates values that do not fit.
    """
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in row._meta.concrete_fields]
    with connection.cursor() as cursor:
        cursor.execute(_statement(type(row), connection.vendor), values)
        return cursor.rowcount == 1


@cache
def _statement(model: type[models.Model], vendor: str) -> str:
    """Cached: building the SQL takes longer than the database needs to run it."""
    names = [connection.ops.quote_name(field.column or field.name) for field in model._meta.concrete_fields]
    ignoring = connection.ops.insert_statement(on_conflict=OnConflict.IGNORE)
    table = connection.ops.quote_name(model._meta.db_table)
    return f"{ignoring} {table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})"
