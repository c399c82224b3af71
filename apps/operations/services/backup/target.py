"""An empty database of its own, filled from a backup and taken away afterwards."""

import base64
import json
import secrets
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.conf import settings
from django.db import connections
from django.db.utils import load_backend
from django.utils.translation import gettext as _

from apps.operations.errors import OperationFailed
from apps.operations.runs.report import Reporter
from apps.operations.services.backup import manifest as manifests
from apps.operations.services.backup.dump import GZIP
from apps.operations.services.backup.manifest import BackupDamaged, Manifest, Table
from apps.operations.services.backup.scratch import scratch_server
from apps.operations.services.backup.source import mysql_driver, sqlite_counts
from apps.operations.services.backup.store import Store

ALIAS = "restored"
ROWS_AT_ONCE = 1000


@contextmanager
def restored(*, store: Store, manifest: Manifest, report: Reporter) -> Iterator[str]:
    """The alias of a database that holds the backup, for as long as the block runs; it is dropped whatever happens."""
    make = _mysql if manifest.engine == "mysql" else _sqlite
    with make(store, manifest, report):
        try:
            yield ALIAS
        finally:
            connections[ALIAS].close()
            del connections[ALIAS]


def _connect(settings_: dict[str, Any]) -> None:
    """Known to this thread alone, under ALIAS."""
    connections[ALIAS] = load_backend(settings_["ENGINE"]).DatabaseWrapper(settings_, ALIAS)


@contextmanager
def _sqlite(store: Store, manifest: Manifest, report: Reporter) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="webmarket-restore-") as folder:
        path = Path(folder) / "restored.sqlite3"
        (table,) = manifest.tables
        with path.open("wb") as file:
            for number, part in enumerate(table.parts, start=1):
                report.progress(_("Restauration"), number, len(table.parts))
                file.write(zlib.decompress(manifests.read_part(store, part), wbits=GZIP))
        with sqlite3.connect(path) as copy:
            found = sum(count for _name, count in sqlite_counts(copy))
        _same_rows("database", found, table.rows)
        _connect({**connections.databases["default"], "NAME": str(path)})
        yield


@contextmanager
def _mysql(store: Store, manifest: Manifest, report: Reporter) -> Iterator[None]:
    name = f"restore_check_{secrets.token_hex(4)}"
    with _server(report) as where:
        _connect({**connections.databases["default"], "OPTIONS": _options(), **where, "NAME": name})
        parameters = {**connections[ALIAS].get_connection_params(), "database": ""}
        parameters.pop("isolation_level", None)
        server = mysql_driver().connect(**parameters)
        try:
            _run(server, f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci")
            try:
                _run(server, f"USE `{name}`")
                _fill(server, store, manifest, report)
                yield
            finally:
                _run(server, f"DROP DATABASE IF EXISTS `{name}`")
        finally:
            server.close()


@contextmanager
def _server(report: Reporter) -> Iterator[dict[str, Any]]:
    """The server that the settings name; on AWS an instance of its own; else the shop's, in a database beside it."""
    url = settings.OPERATIONS["restore_url"]
    if url:
        if not urlsplit(url).scheme.startswith("mysql"):
            raise OperationFailed(_("RESTORE_DATABASE_URL ne nomme pas un serveur MySQL."))
        named: dict[str, Any] = dict(environ.Env.db_url_config(url))
        named.pop("OPTIONS", None)
        yield named
    elif settings.OPERATIONS["database_instance"]:
        with scratch_server(report) as where:
            yield where
    elif "mysql" in connections.databases["default"]["ENGINE"]:
        yield {}
    else:
        raise OperationFailed(
            _("Cette sauvegarde est de MySQL : donnez dans RESTORE_DATABASE_URL un serveur où la restaurer.")
        )


def _options() -> dict[str, Any]:
    here = connections.databases["default"]
    if "mysql" in here["ENGINE"]:
        return dict(here["OPTIONS"])
    return {"charset": "utf8mb4", "init_command": "SET sql_mode='TRADITIONAL'"}


def _fill(server: Any, store: Store, manifest: Manifest, report: Reporter) -> None:
    _run(server, "SET SESSION time_zone = '+00:00', foreign_key_checks = 0, unique_checks = 0")
    for table in manifest.tables:
        _run(server, table.definition)
    for number, table in enumerate(manifest.tables, start=1):
        report.progress(f"{table.name}", number, len(manifest.tables))
        for part in table.parts:
            _insert(server, table, zlib.decompress(manifests.read_part(store, part), wbits=GZIP))
            server.commit()
        ((found,),) = _run(server, f"SELECT COUNT(*) FROM `{table.name}`")  # noqa: S608
        _same_rows(table.name, int(found), table.rows)
    _run(server, "SET SESSION foreign_key_checks = 1, unique_checks = 1")


def _insert(server: Any, table: Table, content: bytes) -> None:
    columns = ", ".join(f"`{column}`" for column in table.columns)
    places = ", ".join(["%s"] * len(table.columns))
    sql = f"INSERT INTO `{table.name}` ({columns}) VALUES ({places})"  # noqa: S608
    binary = [table.columns.index(column) for column in table.binary]
    rows = []
    with server.cursor() as cursor:
        cursor.max_stmt_length = 4 * 1024 * 1024
        for line in content.split(b"\n")[:-1]:
            row = json.loads(line)
            for index in binary:
                row[index] = None if row[index] is None else base64.b64decode(row[index])
            rows.append(row)
            if len(rows) == ROWS_AT_ONCE:
                cursor.executemany(sql, rows)
                rows = []
        if rows:
            cursor.executemany(sql, rows)


def _same_rows(table: str, found: int, wanted: int) -> None:
    if found != wanted:
        raise BackupDamaged(
            _("%(table)s a %(found)d lignes au lieu de %(wanted)d.")
            % {"table": table, "found": found, "wanted": wanted},
            table=table,
        )


def _run(server: Any, sql: str) -> Any:
    with server.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()
