"""MySQL backend for tests: the template is a database on the same server, shared by checkouts with equal migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.mysql import base, creation

from webmarket.tests.databases.template import fingerprint

# Its name begins like a test database's: a user who may create those may create it.
PREFIX = "test_webmarket_template_"
COMPLETE = "template_is_complete"
LOCK = "webmarket_test_template"
# The first process migrates: a minute, or several on a busy machine.
PATIENCE_SECONDS = 900


class DatabaseCreation(creation.DatabaseCreation):
    def create_test_db(self, *args: Any, **options: Any) -> str:
        self.template = PREFIX + fingerprint()
        # Of several test processes the first migrates, the others wait and copy.
        with self._nodb_cursor() as cursor, _locked(cursor):
            name = super().create_test_db(*args, **options)
            if not _is_complete(cursor, self.template):
                _drop_templates(cursor)
                cursor.execute(f"CREATE DATABASE {self.template} {self.sql_table_creation_suffix()}")
                _copy(cursor, name, self.template)
                cursor.execute(f"CREATE TABLE {self.template}.{COMPLETE} (id int)")
        return name

    def _create_test_db(self, *args: Any, **options: Any) -> str:
        name = super()._create_test_db(*args, **options)
        with self._nodb_cursor() as cursor:
            # A database kept by --reuse-db has its tables.
            if _is_complete(cursor, self.template) and not _tables(cursor, name):
                _copy(cursor, self.template, name)
        return name


class DatabaseWrapper(base.DatabaseWrapper):
    creation_class = DatabaseCreation


@contextmanager
def _locked(cursor: Any) -> Iterator[None]:
    cursor.execute("SELECT GET_LOCK(%s, %s)", [LOCK, PATIENCE_SECONDS])
    if cursor.fetchone() != (1,):
        raise TimeoutError(f"Another test process has made its database for {PATIENCE_SECONDS} s.")
    try:
        yield
    finally:
        cursor.execute("SELECT RELEASE_LOCK(%s)", [LOCK])


def _tables(cursor: Any, database: str) -> list[str]:
    cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = %s", [database])
    return [name for (name,) in cursor.fetchall() if name != COMPLETE]


def _written_columns(cursor: Any, database: str, table: str) -> list[str]:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = %s AND table_name = %s AND generation_expression = ''",
        [database, table],
    )
    return [f"`{name}`" for (name,) in cursor.fetchall()]


def _is_complete(cursor: Any, database: str) -> bool:
    cursor.execute(
        "SELECT 1 FROM information_schema.tables WHERE table_schema = %s AND table_name = %s", [database, COMPLETE]
    )
    return cursor.fetchone() is not None


def _drop_templates(cursor: Any) -> None:
    cursor.execute(
        "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE %s",
        [PREFIX.replace("_", r"\_") + "%"],
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f"DROP DATABASE {name}")


def _copy(cursor: Any, source: str, target: str) -> None:
    """Copy tables with their keys and rows. The schema has no view, trigger or routine on MySQL."""
    cursor.execute(f"USE {target}")
    cursor.execute("SET foreign_key_checks = 0")
    for table in _tables(cursor, source):
        cursor.execute(f"SHOW CREATE TABLE {source}.{table}")
        cursor.execute(cursor.fetchone()[1].replace("%", "%%"), [])
        columns = ", ".join(_written_columns(cursor, source, table))
        cursor.execute(f"INSERT INTO {target}.{table} ({columns}) SELECT {columns} FROM {source}.{table}")  # noqa: S608
    cursor.execute("SET foreign_key_checks = 1")
