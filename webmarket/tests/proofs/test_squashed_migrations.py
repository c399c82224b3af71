"""A database made by the squashed migrations is the one that the single ones make: tables, indexes, triggers and rows.

On SQLite, and on the MySQL server of DATABASE_URL.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import environ
import pytest
from django.conf import settings
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.utils import load_backend

from webmarket.tests import schema_dump

# Marked, for what asks no database is not repeated on MySQL.
pytestmark = [pytest.mark.proof, pytest.mark.django_db]

MIGRATE = ["manage.py", "migrate", "-v0", "--skip-checks"]
SINGLY = ["-m", "webmarket.tests.single_migrations"]
# Of the first 160: within orders, with one of the catalogue; within the catalogue; within the last apps.
CUTS = (40, 75, 150)


class Database:
    def __init__(self, url: str) -> None:
        self.environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "webmarket.tests.settings"}
        self.url = url

    def run(self, *arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command,
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def connected(self) -> AbstractContextManager[Any]:
        parameters = {**connections["default"].settings_dict, "OPTIONS": {}, **environ.Env.db_url_config(self.url)}
        return closing(load_backend(parameters["ENGINE"]).DatabaseWrapper(parameters))

    def schema(self) -> dict[str, list[str]]:
        with self.connected() as connection:
            return schema_dump.schema(connection)

    def content(self) -> dict[str, list[str]]:
        with self.connected() as connection:
            return {**schema_dump.schema(connection), **schema_dump.rows(connection)}

    def history(self) -> set[tuple[str, str]]:
        with self.connected() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            return {tuple(row) for row in cursor.fetchall()}


@pytest.fixture(params=["sqlite", "mysql"])
def make_database(request, tmp_path: Path, django_db_blocker) -> Iterator[Callable[[str], Database]]:
    """`make_database("single")`: an empty one."""
    created: list[str] = []
    server = os.environ.get("DATABASE_URL", "")
    if request.param == "mysql" and not server.startswith("mysql:"):
        pytest.skip("DATABASE_URL names no MySQL server")

    def on_the_server(statement: str) -> None:
        with Database(f"{server.rpartition('/')[0]}/mysql").connected() as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def make(name: str) -> Database:
        if request.param == "sqlite":
            return Database(f"sqlite:///{tmp_path / name}.sqlite3")
        database = f"{server.rpartition('/')[2]}_{name}"
        on_the_server(f"DROP DATABASE IF EXISTS {database}")
        on_the_server(f"CREATE DATABASE {database} CHARACTER SET utf8mb4")
        created.append(database)
        return Database(f"{server.rpartition('/')[0]}/{database}")

    with django_db_blocker.unblock():
        yield make
        for database in created:
            on_the_server(f"DROP DATABASE IF EXISTS {database}")


def differences(one: dict[str, list[str]], other: dict[str, list[str]]) -> dict[str, tuple[list[str], list[str]]]:
    return {
        name: (one.get(name, []), other.get(name, []))
        for name in sorted({*one, *other})
        if one.get(name) != other.get(name)
    }


def test_both_ways_make_the_same_database(make_database):
    single, squashed = make_database("single"), make_database("squashed")
    single.run(*SINGLY)
    before, schema = single.history(), single.schema()
    assert len(schema) > 100
    # A database of the release before: nothing to do but to note the squashed ones.
    assert "No planned migration operations" in single.run("manage.py", "migrate", "--plan", "--skip-checks")
    single.run(*MIGRATE)
    assert single.schema() == schema
    squashed.run(*MIGRATE)
    assert differences(single.content(), squashed.content()) == {}
    assert single.history() - before == set(MigrationLoader(None).replacements)
    assert single.history() == squashed.history()


def test_a_database_some_migrations_behind_ends_the_same(make_database):
    expected = make_database("squashed")
    expected.run(*MIGRATE)
    for cut in CUTS:
        behind = make_database("behind")
        behind.run(*SINGLY, str(cut))
        behind.run(*MIGRATE)
        assert differences(expected.content(), behind.content()) == {}, cut
        assert behind.history() == expected.history(), cut


def test_back_to_nothing_and_forwards_again(make_database):
    database = make_database("squashed")
    database.run(*MIGRATE)
    content = database.content()
    # Into the middle by the single ones, which the squashed ones have not replaced for ever.
    database.run(*SINGLY, "shop=", "api=0003", "catalogue=0019")
    assert "catalogue_filteraddress" in str(content)
    database.run(*MIGRATE)
    assert differences(content, database.content()) == {}
    for app in (
        "shop",
        "imports",
        "demo",
        "invoicing",
        "aftersales",
        "payments",
        "comments",
        "basket",
        "orders",
        "catalogue",
    ):
        database.run(*MIGRATE, app, "zero")
    left = database.content()
    assert not [name for name in left if "catalogue_" in name or "orders_" in name]
    database.run(*MIGRATE)
    assert differences(content, database.content()) == {}
    assert database.history() >= set(MigrationLoader(None).replacements)
