"""A database as it stands at one moment, read table by table while the shop goes on selling."""

import base64
import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from django.db import connections

from apps.operations.services.backup.manifest import Table

FETCH = 2000
BINARY = {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit"}


class Source(Protocol):
    engine: str
    version: str
    taken_at: datetime

    def tables(self) -> list[Table]: ...

    def migrations(self) -> list[str]: ...

    def chunks(self, table: Table) -> Iterator[tuple[bytes, int]]:
        """The table's content in pieces, each with the number of rows that it holds."""


@contextmanager
def opened(alias: str = "default") -> Iterator[Source]:
    source = MySQL(alias) if connections[alias].vendor == "mysql" else SQLite(alias)
    try:
        yield source
    finally:
        source.close()


def mysql_driver() -> Any:
    """mysqlclient, which a machine without MySQL does without: nothing here needs it to be imported."""
    import MySQLdb.cursors

    return MySQLdb


def mysql_parameters(alias: str) -> dict[str, Any]:
    """As Django connects, except that values come as the server writes them."""
    connection = connections[alias]
    parameters = connection.get_connection_params()
    parameters.pop("isolation_level", None)
    return {**parameters, "conv": {}}


class MySQL:
    """One transaction with a consistent snapshot: readers of InnoDB stand in nobody's way."""

    engine = "mysql"

    def __init__(self, alias: str) -> None:
        driver = mysql_driver()
        self.connection = driver.connect(**mysql_parameters(alias))
        self.streaming = driver.cursors.SSCursor
        self._run("SET SESSION time_zone = '+00:00', net_write_timeout = 3600")
        self._run("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        self._run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        ((now, version),) = self._run("SELECT UTC_TIMESTAMP(6), VERSION()")
        self.taken_at = datetime.fromisoformat(_text(now)).replace(tzinfo=UTC)
        self.version = _text(version)

    def close(self) -> None:
        self.connection.close()

    def tables(self) -> list[Table]:
        names = self._run(
            "SELECT TABLE_NAME FROM information_schema.TABLES "
            "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME"
        )
        return [self._table(_text(name)) for (name,) in names]

    def _table(self, name: str) -> Table:
        ((_name, definition),) = self._run(f"SHOW CREATE TABLE `{name}`")
        columns = self._run(
            "SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() "
            "AND TABLE_NAME = %s AND GENERATION_EXPRESSION = '' ORDER BY ORDINAL_POSITION",
            [name],
        )
        kinds = {_text(column): _text(kind).lower() for column, kind in columns}
        return Table(name, _text(definition), list(kinds), [column for column in kinds if kinds[column] in BINARY])

    def migrations(self) -> list[str]:
        rows = self._run("SELECT app, name FROM django_migrations ORDER BY id")
        return [f"{_text(app)}.{_text(name)}" for app, name in rows]

    def chunks(self, table: Table) -> Iterator[tuple[bytes, int]]:
        columns = ", ".join(f"`{column}`" for column in table.columns)
        binary = {table.columns.index(column) for column in table.binary}
        with self.connection.cursor(self.streaming) as cursor:
            cursor.execute(f"SELECT {columns} FROM `{table.name}`")  # noqa: S608
            while rows := cursor.fetchmany(FETCH):
                lines = [json.dumps(_line(row, binary), ensure_ascii=False, separators=(",", ":")) for row in rows]
                yield ("\n".join(lines) + "\n").encode(), len(rows)

    def _run(self, sql: str, values: list[Any] | None = None) -> Any:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()


class SQLite:
    """The embedded database is one file, which SQLite itself copies while others write."""

    engine = "sqlite"

    def __init__(self, alias: str) -> None:
        connection = connections[alias]
        connection.ensure_connection()
        self.folder = tempfile.TemporaryDirectory(prefix="webmarket-backup-")
        self.path = Path(self.folder.name) / "copy.sqlite3"
        self.taken_at = datetime.now(UTC)
        self.version = sqlite3.sqlite_version
        self.copy = sqlite3.connect(self.path)
        if connection.in_atomic_block or connection.is_in_memory_db():  # type: ignore[attr-defined]
            connection.connection.backup(self.copy)
        else:
            with sqlite3.connect(connection.settings_dict["NAME"]) as file:
                file.backup(self.copy)

    def close(self) -> None:
        self.copy.close()
        self.folder.cleanup()

    def tables(self) -> list[Table]:
        return [Table("database", "", [], [])]

    def migrations(self) -> list[str]:
        return [
            f"{app}.{name}" for app, name in self.copy.execute("SELECT app, name FROM django_migrations ORDER BY id")
        ]

    def chunks(self, table: Table) -> Iterator[tuple[bytes, int]]:
        """The file's pages; its rows are those of all its tables, told with the first piece."""
        rows = sum(count for _name, count in self.counts())
        with self.path.open("rb") as file:
            while content := file.read(4 * 1024 * 1024):
                yield content, rows
                rows = 0

    def counts(self) -> list[tuple[str, int]]:
        return sqlite_counts(self.copy)


def sqlite_counts(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    names = connection.execute(
        "SELECT name FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    ).fetchall()
    return [(name, connection.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0]) for (name,) in names]  # noqa: S608


def _line(row: tuple[Any, ...], binary: set[int]) -> list[str | None]:
    if binary:
        return [
            base64.b64encode(value).decode() if index in binary and value is not None else _text(value)
            for index, value in enumerate(row)
        ]
    return [_text(value) for value in row]


def _text(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value
