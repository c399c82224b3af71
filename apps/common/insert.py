"""Insertion that decides a race: of many who insert the same key at once, one is told that it did."""

from django.db import connection, models
from django.db.models.constants import OnConflict

from apps.common.transactions import survives_deadlock


@survives_deadlock
def insert_new(row: models.Model) -> bool:
    """Insert a row unless one with its key is there, in one statement; whether it was inserted.

    For keys and numbers that we have made: MySQL's INSERT IGNORE also forgives values that do not fit.
    """
    fields = row._meta.concrete_fields
    names = [connection.ops.quote_name(field.column or field.name) for field in fields]
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    ignoring = connection.ops.insert_statement(on_conflict=OnConflict.IGNORE)
    table = connection.ops.quote_name(row._meta.db_table)
    places = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"{ignoring} {table} ({', '.join(names)}) VALUES ({places})", values)
        return cursor.rowcount == 1
