"""A temporary database, filled from a backup and dropped afterwards."""

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.conf import settings
from django.db import connections
from django.db.utils import load_backend
from django.utils.translation import gettext as _

from apps.common.temporary import temporary_folder
from apps.operations.errors import OperationFailed
from apps.operations.runs.interruption import breakable
from apps.operations.runs.report import Reporter
from apps.operations.services.backup import manifest as manifests
from apps.operations.services.backup.dump import GZIP
from apps.operations.services.backup.leftovers import lock_name, new_name, sweep_databases
from apps.operations.services.backup.loading import create_extras, load, run, same_rows
from apps.operations.services.backup.manifest import Manifest
from apps.operations.services.backup.scratch import scratch_server, sweep_instances
from apps.operations.services.backup.source import mysql_driver, sqlite_contents
from apps.operations.services.backup.store import Store

ALIAS = "restored"
SQLITE = "django.db.backends.sqlite3"
CHARACTERS = "CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci"


@contextmanager
def restored(*, store: Store, manifest: Manifest, report: Reporter) -> Iterator[list[str]]:
    """A database with the backup's content under ALIAS, for the duration of the block; it is dropped in any case.
    Yields what could not be restored besides tables. Databases of checks that died are dropped first."""
    make = _mysql if manifest.engine == "mysql" else _sqlite
    with make(store, manifest, report) as missing, connected():
        yield missing


@contextmanager
def connected() -> Iterator[None]:
    """Removes ALIAS afterwards."""
    used = connections[ALIAS]

    def break_off() -> None:
        if used.vendor == "mysql":
            _kill(used.connection.thread_id(), _parameters(used))
        else:
            used.connection.interrupt()

    try:
        with breakable(break_off):
            yield
    finally:
        connections[ALIAS].close()
        del connections[ALIAS]


def connect(settings_: dict[str, Any]) -> None:
    """Adds a connection under ALIAS, for this thread alone."""
    connections[ALIAS] = load_backend(settings_["ENGINE"]).DatabaseWrapper(settings_, ALIAS)


def connect_sqlite(path: Path) -> None:
    """Whatever database the shop itself uses."""
    here = connections.databases["default"]
    options = here["OPTIONS"] if here["ENGINE"] == SQLITE else {"transaction_mode": "IMMEDIATE", "timeout": 20}
    connect({**here, "ENGINE": SQLITE, "NAME": str(path), "OPTIONS": options})


def write_sqlite(path: Path, *, store: Store, manifest: Manifest, report: Reporter) -> None:
    (table,) = manifest.tables
    with path.open("wb") as file:
        for number, part in enumerate(table.parts, start=1):
            report.progress(_("Restauration"), number, len(table.parts))
            file.write(zlib.decompress(manifests.read_part(store, part), wbits=GZIP))
    try:
        rows = sum(content.rows for content in sqlite_contents(path).values())
    except sqlite3.DatabaseError as error:
        raise manifests.BackupDamaged(
            _("Le fichier restauré n’est pas une base SQLite lisible : %(error)s.") % {"error": error}
        ) from error
    same_rows("database", rows, table.rows)


@contextmanager
def _sqlite(store: Store, manifest: Manifest, report: Reporter) -> Iterator[list[str]]:
    with temporary_folder("restore") as folder:
        path = Path(folder) / "restored.sqlite3"
        write_sqlite(path, store=store, manifest=manifest, report=report)
        connect_sqlite(path)
        yield []


@contextmanager
def _mysql(store: Store, manifest: Manifest, report: Reporter) -> Iterator[list[str]]:
    name = new_name()
    with server_for_checks(report) as where:
        connect(mysql_settings(where, name))
        parameters = raw_parameters()
        try:
            with raw_connection(parameters) as server:
                sweep_databases(server, report)
                # The lock lives as long as its check: the next one distinguishes databases in use from leftovers by it.
                run(server, f"SELECT GET_LOCK('{lock_name(name)}', 0)")
                run(server, f"CREATE DATABASE `{name}` {CHARACTERS}")
                run(server, f"USE `{name}`")
                progress = load(server=server, store=store, manifest=manifest, report=report)
                missing = create_extras(server, manifest)
                progress.end()
                yield missing
        finally:
            # The first connection may have been interrupted in mid-statement, and its transaction would block.
            with raw_connection(parameters) as other:
                run(other, f"DROP DATABASE IF EXISTS `{name}`")


@contextmanager
def check_server() -> Iterator[Any]:
    """A connection to the server where checks create their databases, or None where there is none."""
    on_aws = settings.OPERATIONS["database_instance"] and not settings.OPERATIONS["restore_url"]
    if on_aws or not (settings.OPERATIONS["restore_url"] or "mysql" in connections.databases["default"]["ENGINE"]):
        yield None
        return
    named = mysql_settings(named_server(), "")
    with raw_connection(_parameters(load_backend(named["ENGINE"]).DatabaseWrapper(named, ALIAS))) as server:
        yield server


def mysql_settings(where: dict[str, Any], name: str) -> dict[str, Any]:
    return {
        **connections.databases["default"],
        "ENGINE": "django.db.backends.mysql",
        "OPTIONS": _options(),
        **where,
        "NAME": name,
    }


def raw_parameters() -> dict[str, Any]:
    """For the driver alone, to ALIAS's server and none of its databases."""
    return _parameters(connections[ALIAS])


def _parameters(connection: Any) -> dict[str, Any]:
    """Django names the database in one of two words."""
    parameters = connection.get_connection_params()
    return {name: value for name, value in parameters.items() if name not in {"isolation_level", "database", "db"}}


@contextmanager
def raw_connection(parameters: dict[str, Any]) -> Iterator[Any]:
    # One statement at a time: a definition holds no second one.
    server = mysql_driver().connect(**parameters, multi_statements=False)
    try:
        with breakable(lambda: _kill(server.thread_id(), parameters)):
            yield server
    finally:
        server.close()


def _kill(number: int, parameters: dict[str, Any]) -> None:
    """The server takes back what that connection had begun, and nobody waits for it."""
    with closing(mysql_driver().connect(**parameters)) as other:
        run(other, f"KILL {number}")


@contextmanager
def server_for_checks(report: Reporter) -> Iterator[dict[str, Any]]:
    """The server of the settings; on AWS a temporary instance; else the shop's."""
    if settings.OPERATIONS["restore_url"] or not settings.OPERATIONS["database_instance"]:
        yield named_server()
        return
    sweep_instances(report)
    with scratch_server(report) as where:
        yield where


def named_server() -> dict[str, Any]:
    url = settings.OPERATIONS["restore_url"]
    if url:
        if not urlsplit(url).scheme.startswith("mysql"):
            raise OperationFailed(_("RESTORE_DATABASE_URL ne nomme pas un serveur MySQL."))
        named: dict[str, Any] = dict(environ.Env.db_url_config(url))
        named.pop("OPTIONS", None)
        return named
    if "mysql" in connections.databases["default"]["ENGINE"]:
        return {}
    raise OperationFailed(
        _("Cette sauvegarde est de MySQL : donnez dans RESTORE_DATABASE_URL un serveur où la restaurer.")
    )


def _options() -> dict[str, Any]:
    here = connections.databases["default"]
    if "mysql" in here["ENGINE"]:
        return dict(here["OPTIONS"])
    return {"charset": "utf8mb4", "init_command": "SET sql_mode='TRADITIONAL'"}
