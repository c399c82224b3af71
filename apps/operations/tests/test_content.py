import sqlite3
from contextlib import closing

import pytest
from django.apps import apps
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.models import JSONField
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.common.tests.examples import examples
from apps.operations.services.backup.content import ContentHash, Kind
from apps.operations.services.backup.source import opened, sqlite_contents, sqlite_kind


def hashed(kind: Kind, *values: object) -> str:
    table = ContentHash({"id": Kind.INTEGER, "value": kind})
    table.add(enumerate(values))
    return table.content().hash


@pytest.mark.parametrize(
    ("kind", "mysql", "sqlite"),
    [
        (Kind.INTEGER, "0", 0),
        (Kind.INTEGER, "-9223372036854775808", -9223372036854775808),
        (Kind.DECIMAL, "12.30", 12.3),
        (Kind.DECIMAL, "-0.00", 0),
        (Kind.DECIMAL, "100.000", 100),
        (Kind.FLOAT, "0.1", 0.1),
        (Kind.FLOAT, "1e-7", 1e-07),
        (Kind.MOMENT, "2026-11-21 02:00:05.000000", "2026-11-21 02:00:05"),
        (Kind.MOMENT, "2026-11-21 02:00:05.120000", "2026-11-21 02:00:05.120000"),
        (Kind.MOMENT, "2026-11-20", "2026-11-20"),
        (Kind.JSON, '{"b": 1, "aa": [1.0, "é"]}', '{"aa":[1.0,"\\u00e9"],"b":1}'),
        (Kind.BYTES, b"\x00\xff", b"\x00\xff"),
        (Kind.TEXT, "日本茶 🍵\x00", "日本茶 🍵\x00"),
    ],
)
def test_one_value_has_one_hash_however_a_database_writes_it(kind, mysql, sqlite):
    assert hashed(kind, mysql) == hashed(kind, sqlite)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (Kind.TEXT, None, ""),
        (Kind.TEXT, "None", None),
        (Kind.TEXT, "\u00e9", "e\u0301"),
        (Kind.JSON, "null", None),
        (Kind.JSON, "1", "1.0"),
        (Kind.BYTES, b"", None),
        (Kind.INTEGER, 3, 3.5),
        (Kind.DECIMAL, "0.01", "0.1"),
        (Kind.DECIMAL, "100", "1"),
        (Kind.FLOAT, "0.1", "0.10000000149011612"),
        (Kind.MOMENT, "2026-11-21 02:00:05", "2026-11-21 02:00:50"),
        (Kind.MOMENT, "2026-11-20", "2026-11-02"),
    ],
)
def test_another_value_has_another_hash(kind, one, other):
    assert hashed(kind, one) != hashed(kind, other)


rows = st.lists(st.tuples(st.integers(), st.none() | st.text()), max_size=8)


@given(rows, st.randoms())
@settings(max_examples=examples(100), deadline=None)
def test_the_order_of_rows_does_not_count_and_their_number_does(given_rows, random):
    def content(some):
        table = ContentHash({"id": Kind.INTEGER, "value": Kind.TEXT})
        table.add(some)
        return table.content()

    shuffled = random.sample(given_rows, len(given_rows))
    assert content(given_rows) == content(shuffled)
    for row in given_rows[:1]:
        assert content([*given_rows, row]) != content(given_rows)
        assert content(given_rows[1:]) != content(given_rows)


def test_two_columns_that_changed_places_are_another_content():
    one, other = (ContentHash(dict.fromkeys(names, Kind.TEXT)) for names in (("a", "b"), ("b", "a")))
    one.add([("x", "y")])
    other.add([("x", "y")])
    assert one.content() != other.content()


DEFINITION = """CREATE TABLE content_probe (
    id {int} PRIMARY KEY, price decimal(10, 2) NULL, ratio {double} NULL, at {datetime} NULL, day date NULL,
    data {json} NULL, raw {blob} NULL, words varchar(200) NULL, is_on {bool} NULL)"""
MYSQL = {
    "int": "bigint",
    "double": "double precision",
    "datetime": "datetime(6)",
    "json": "json",
    "blob": "longblob",
    "bool": "bool",
}
SQLITE = {
    "int": "integer",
    "double": "real",
    "datetime": "datetime",
    "json": 'text CHECK ((JSON_VALID("data") OR "data" IS NULL))',
    "blob": "BLOB",
    "bool": "bool",
}
INSERT = "INSERT INTO content_probe VALUES ({})"
ROWS = [
    (0, "12.30", 0.1, "2026-10-25 02:30:00", "2026-11-21", '{"b":1,"a":[null,1.5,"é"]}', b"\x00\xff'", "日本茶 🍵", 1),
    (-5, None, None, None, None, None, None, None, None),
    (7, "-0.01", -1e-300, "0999-12-31 23:59:59.999999", "9999-12-31", "[]", b"", "", 0),
]


@pytest.mark.mysql
def test_the_same_rows_have_the_same_hash_in_both_databases(transactional_db, tmp_path):
    with closing(sqlite3.connect(tmp_path / "probe.sqlite3")) as file:
        file.execute(DEFINITION.format(**SQLITE))
        file.executemany(INSERT.format(", ".join("?" * 9)), ROWS)
        file.commit()
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
        cursor.execute(DEFINITION.format(**MYSQL))
        try:
            for row in ROWS:
                cursor.execute(INSERT.format(", ".join(["%s"] * 9)), row)
            connection.commit()
            with opened() as source:
                found = source.contents()["content_probe"]
        finally:
            cursor.execute("DROP TABLE content_probe")
            cursor.execute("SET SESSION sql_mode = 'TRADITIONAL'")
    assert found.rows == 3
    assert found == sqlite_contents(tmp_path / "probe.sqlite3")["content_probe"]


@pytest.mark.mysql
def test_each_column_is_of_one_kind_in_both_databases(db):
    """Else one content would have two hashes. What SQLite declares is asked of Django, which makes its tables."""
    sqlite = DatabaseWrapper({**connection.settings_dict, "NAME": ":memory:", "OPTIONS": {}}, "sqlite")
    with opened() as source:
        found = {table.name: source.kinds(table) for table in source.tables()}
    wrong = []
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields if model._meta.managed else []:
            declared = sqlite_kind(field.db_type(sqlite) or "")
            wanted = Kind.JSON if isinstance(field, JSONField) else declared
            kind = found[model._meta.db_table].get(field.column, wanted)  # MySQL alone generates some.
            if kind != wanted:
                wrong.append(f"{model._meta.db_table}.{field.column}: {kind} and {wanted}")
    assert wrong == []
