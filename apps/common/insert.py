"""Insertion by statements that are built once for each table; `insert_new` decides a race: of concurrent inserts of
one key, exactly one returns True.

Building the SQL takes longer than the database needs to run it: for a comment 0.21 ms of processor time became 0.06.
"""

from functools import cache

from django.db import connection, models
from django.db.models.constants import OnConflict

from apps.common.transactions import retry_on_deadlock


def insert(*rows: models.Model) -> None:
    """Insert new rows of one table in one statement; a single one is given its generated key. Raises IntegrityError.

    For models without parents whose defaults are Python's, and for which no signal is sent.
    """
    written = _written(type(rows[0]))
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for row in rows for field in written]
    with connection.cursor() as cursor:
        cursor.execute(_statement(type(rows[0]), connection.vendor, rows=len(rows)), values)
        if len(rows) == 1 and rows[0].pk is None:
            rows[0].pk = cursor.lastrowid
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


@retry_on_deadlock
def insert_new(row: models.Model) -> bool:
    """Insert a row unless one with its key exists, in one statement; returns whether it was inserted.

    For generated values only: MySQL's INSERT IGNORE also truncates values that do not fit.
    """
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in _written(type(row))]
    with connection.cursor() as cursor:
        cursor.execute(_statement(type(row), connection.vendor, ignoring=True), values)
        return cursor.rowcount == 1


@cache
def _written(model: type[models.Model]) -> list[models.Field]:
    return [field for field in model._meta.concrete_fields if not field.generated]


@cache
def _statement(model: type[models.Model], vendor: str, *, rows: int = 1, ignoring: bool = False) -> str:
    """With the key's column too, for which NULL is the next number."""
    names = [connection.ops.quote_name(field.column or field.name) for field in _written(model)]
    verb = connection.ops.insert_statement(on_conflict=OnConflict.IGNORE if ignoring else None)
    places = f"({', '.join(['%s'] * len(names))})"
    table = connection.ops.quote_name(model._meta.db_table)
    return f"{verb} {table} ({', '.join(names)}) VALUES {', '.join([places] * rows)}"
