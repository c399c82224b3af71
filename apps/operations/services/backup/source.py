"""A consistent read of a database, table by table, while the shop goes on writing."""

import base64
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from django.db import connections

from apps.common.temporary import temporary_folder
from apps.operations.services.backup.content import Content, ContentHash, Kind
from apps.operations.services.backup.manifest import Extra, Table

FETCH = 2000
BINARY = {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit"}
KINDS = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint", "year"), Kind.INTEGER),
    **dict.fromkeys(("date", "datetime", "timestamp", "time"), Kind.MOMENT),
    **dict.fromkeys(("float", "double"), Kind.FLOAT),
    **dict.fromkeys(BINARY, Kind.BYTES),
    "decimal": Kind.DECIMAL,
    "json": Kind.JSON,
}
# Parts of SQLite's declared types, as Django writes them.
SQLITE_KINDS = (
    ("int", Kind.INTEGER),
    ("bool", Kind.INTEGER),
    ("decimal", Kind.DECIMAL),
    ("numeric", Kind.DECIMAL),
    ("real", Kind.FLOAT),
    ("double", Kind.FLOAT),
    ("float", Kind.FLOAT),
    ("date", Kind.MOMENT),
    ("time", Kind.MOMENT),
    ("json", Kind.JSON),
    ("blob", Kind.BYTES),
)
# Kind, where they are listed, and which column of SHOW CREATE holds the definition.
EXTRAS = (
    (
        "VIEW",
        "SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME",
        1,
    ),
    (
        "FUNCTION",
        "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() "
        "AND ROUTINE_TYPE = 'FUNCTION' ORDER BY ROUTINE_NAME",
        2,
    ),
    (
        "PROCEDURE",
        "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() "
        "AND ROUTINE_TYPE = 'PROCEDURE' ORDER BY ROUTINE_NAME",
        2,
    ),
    (
        "TRIGGER",
        "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() "
        "ORDER BY EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER",
        2,
    ),
    (
        "EVENT",
        "SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE() ORDER BY EVENT_NAME",
        3,
    ),
)
# The table of a restore's progress, in the database that it fills; not part of the shop.
MARKER = "webmarket_restore"
# Django's JSONField is a text with a constraint there.
_JSON_COLUMN = re.compile(r'JSON_VALID\("((?:[^"]|"")+)"\)', re.IGNORECASE)
# The definer need not exist where it is restored: the restoring user becomes the definer.
_DEFINER = re.compile(
    r"\bDEFINER\s*=\s*(?:`(?:[^`]|``)*`|'[^']*'|[^\s@]+)@(?:`(?:[^`]|``)*`|'[^']*'|\S+)\s*", re.IGNORECASE
)


class Source(Protocol):
    engine: str
    version: str
    taken_at: datetime

    def tables(self) -> list[Table]: ...

    def migrations(self) -> list[str]: ...

    def extras(self) -> list[Extra]:
        """What is neither a table nor in one: views, triggers, routines and events."""

    def chunks(self, table: Table) -> Iterator[tuple[bytes, int]]:
        """The table's content in pieces, each with the number of rows that it holds."""

    def contents(self) -> dict[str, Content]:
        """What each table holds, by its name: those that were read by `chunks` are not read again."""


@contextmanager
def opened(alias: str = "default") -> Iterator[Source]:
    source = MySQL(alias) if connections[alias].vendor == "mysql" else SQLite(alias)
    try:
        yield source
    finally:
        source.close()


def mysql_driver() -> Any:
    """mysqlclient, imported late: a machine without MySQL does not have it."""
    import MySQLdb.cursors

    return MySQLdb


def mysql_parameters(alias: str) -> dict[str, Any]:
    """As Django connects, except that values come as the server writes them."""
    connection = connections[alias]
    parameters = connection.get_connection_params()
    parameters.pop("isolation_level", None)
    return {**parameters, "conv": {}}


class MySQL:
    """One transaction with a consistent snapshot: readers of InnoDB block nobody."""

    engine = "mysql"

    def __init__(self, alias: str) -> None:
        driver = mysql_driver()
        self.connection = driver.connect(**mysql_parameters(alias))
        self.streaming = driver.cursors.SSCursor
        # The modes decide how definitions are quoted and texts escaped.
        self._run("SET SESSION time_zone = '+00:00', net_write_timeout = 3600, sql_mode = ''")
        self._run("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        self._run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        ((now, version),) = self._run("SELECT UTC_TIMESTAMP(6), VERSION()")
        self.taken_at = datetime.fromisoformat(_text(now)).replace(tzinfo=UTC)
        self.version = _text(version)
        self._kinds: dict[str, dict[str, str]] = {}
        self._contents: dict[str, Content] = {}

    def close(self) -> None:
        self.connection.close()

    def tables(self) -> list[Table]:
        names = self._run(
            "SELECT TABLE_NAME FROM information_schema.TABLES "
            "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME"
        )
        return [self._table(_text(name)) for (name,) in names if _text(name) != MARKER]

    def _table(self, name: str) -> Table:
        ((_name, definition),) = self._run(f"SHOW CREATE TABLE `{name}`")
        columns = self._run(
            "SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() "
            "AND TABLE_NAME = %s AND GENERATION_EXPRESSION = '' ORDER BY ORDINAL_POSITION",
            [name],
        )
        kinds = {_text(column): _text(kind).lower() for column, kind in columns}
        self._kinds[name] = kinds
        return Table(name, _text(definition), list(kinds), [column for column in kinds if kinds[column] in BINARY])

    def extras(self) -> list[Extra]:
        found = []
        for kind, sql, place in EXTRAS:
            for (name,) in self._run(sql):
                (row,) = self._run(f"SHOW CREATE {kind} `{_text(name)}`")
                # MySQL hides the text of a routine from users without the permission.
                found.append(Extra(kind, _text(name), _DEFINER.sub("", _text(row[place]) or "", count=1)))
        return found

    def migrations(self) -> list[str]:
        rows = self._run("SELECT app, name FROM django_migrations ORDER BY id")
        return [f"{_text(app)}.{_text(name)}" for app, name in rows]

    def chunks(self, table: Table) -> Iterator[tuple[bytes, int]]:
        binary = {table.columns.index(column) for column in table.binary}
        for rows in self._rows(table):
            lines = [json.dumps(_line(row, binary), ensure_ascii=False, separators=(",", ":")) for row in rows]
            yield ("\n".join(lines) + "\n").encode(), len(rows)

    def contents(self) -> dict[str, Content]:
        for table in self.tables():
            if table.name not in self._contents:
                for _rows in self._rows(table):
                    pass
        return dict(self._contents)

    def kinds(self, table: Table) -> dict[str, Kind]:
        """Of the columns that are backed up."""
        return {column: KINDS.get(self._kinds[table.name][column], Kind.TEXT) for column in table.columns}

    def _rows(self, table: Table) -> Iterator[list[tuple[Any, ...]]]:
        """All rows, some at a time; once they are read to the end, the table's content hash is complete."""
        kinds = self._kinds[table.name]
        hashed = ContentHash(self.kinds(table))
        # As a text a FLOAT has six digits, which are not enough to be read back.
        columns = ", ".join(
            f"CAST(`{column}` AS DOUBLE)" if kinds[column] == "float" else f"`{column}`" for column in table.columns
        )
        with self.connection.cursor(self.streaming) as cursor:
            cursor.execute(f"SELECT {columns} FROM `{table.name}`")  # noqa: S608
            while rows := cursor.fetchmany(FETCH):
                hashed.add(rows)
                yield rows
        self._contents[table.name] = hashed.content()

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
        self.folder = temporary_folder("backup")
        self.path = Path(self.folder.name) / "copy.sqlite3"
        self.taken_at = datetime.now(UTC)
        self.version = sqlite3.sqlite_version
        self.copy = sqlite3.connect(self.path)
        self._contents: dict[str, Content] | None = None
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

    def extras(self) -> list[Extra]:
        """They are in the file."""
        return []

    def chunks(self, table: Table) -> Iterator[tuple[bytes, int]]:
        """The file's pages; the first chunk carries the number of rows of all tables."""
        rows = sum(content.rows for content in self.contents().values())
        with self.path.open("rb") as file:
            while content := file.read(4 * 1024 * 1024):
                yield content, rows
                rows = 0

    def contents(self) -> dict[str, Content]:
        if self._contents is None:
            self._contents = sqlite_contents(self.path)
        return dict(self._contents)


def contents(alias: str) -> dict[str, Content]:
    """What each table of a database at rest holds."""
    connection = connections[alias]
    if connection.vendor == "sqlite":
        return sqlite_contents(Path(connection.settings_dict["NAME"]))
    with opened(alias) as source:
        return source.contents()


def sqlite_contents(path: Path) -> dict[str, Content]:
    found = {}
    with closing(sqlite3.connect(path)) as connection:
        # Bytes that are no UTF-8 stay bytes.
        connection.text_factory = lambda content: content.decode("utf-8", "surrogateescape")
        for name, definition in connection.execute(
            "SELECT list.name, sql FROM pragma_table_list AS list JOIN sqlite_schema AS written USING (name) "
            "WHERE list.type = 'table' AND list.schema = 'main' AND list.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
            "ORDER BY list.name"
        ).fetchall():
            json_columns = {column.replace('""', '"') for column in _JSON_COLUMN.findall(definition)}
            # Generated ones are computed from the others.
            columns = {
                column: Kind.JSON if column in json_columns else sqlite_kind(declared)
                for _id, column, declared, _null, _default, _key, hidden in connection.execute(
                    f"PRAGMA table_xinfo({_quoted(name)})"
                )
                if hidden == 0
            }
            hashed = ContentHash(columns)
            rows = connection.execute(f"SELECT {', '.join(map(_quoted, columns))} FROM {_quoted(name)}")  # noqa: S608
            hashed.add(rows)
            found[name] = hashed.content()
    return found


def sqlite_kind(declared: str) -> Kind:
    return next((kind for part, kind in SQLITE_KINDS if part in declared.lower()), Kind.TEXT)


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _line(row: tuple[Any, ...], binary: set[int]) -> list[str | None]:
    if binary:
        return [
            base64.b64encode(value).decode() if index in binary and value is not None else _text(value)
            for index, value in enumerate(row)
        ]
    return [_text(value) for value in row]


def _text(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value
