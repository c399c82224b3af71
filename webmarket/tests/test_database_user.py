"""The shop's own user of MySQL (deploy/host/database_user.py), as the instance that migrates makes it."""

import json
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import boto3
import MySQLdb
import pytest
from django.conf import settings
from django.db import connection
from moto import mock_aws

pytestmark = [pytest.mark.mysql, pytest.mark.django_db(transaction=True)]
SECRET = "/webmarket/test/database-user"
ACCESS_DENIED, NO_RIGHT = 1045, 1142


@pytest.fixture
def module(monkeypatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(settings.BASE_DIR / "deploy" / "host"))
    import database_user

    monkeypatch.setattr(database_user, "NAME", f"shop_{connection.settings_dict['NAME']}"[:32])
    yield database_user
    sys.modules.pop("database_user")


@pytest.fixture
def secrets(monkeypatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("secretsmanager", region_name="eu-west-3")
        client.create_secret(Name=SECRET)
        yield client


def log_in(user: str, password: str):
    given = {**connection.get_connection_params(), "user": user, "password": password}
    return MySQLdb.connect(**{name: value for name, value in given.items() if name not in ("database", "db")})


def can_log_in(user: str, password: str) -> bool:
    try:
        log_in(user, password).close()
    except MySQLdb.OperationalError as error:
        if error.args[0] != ACCESS_DENIED:
            raise
        return False
    return True


def execute(sql: str, values: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.fixture
def change(module, secrets) -> Iterator[Any]:
    """Gives the user another password and returns it."""

    def run(can=can_log_in) -> str:
        module.change_password(secrets, SECRET, execute, can, connection.settings_dict["NAME"])
        return json.loads(secrets.get_secret_value(SecretId=SECRET, VersionStage="AWSCURRENT")["SecretString"])[
            "password"
        ]

    yield run
    execute("DROP USER IF EXISTS %s@'%%'", [module.NAME])


def test_it_reads_and_writes_rows_and_changes_no_table(module, change):
    user = log_in(module.NAME, change())
    database = connection.settings_dict["NAME"]
    cursor = user.cursor()
    cursor.execute(f"SELECT COUNT(*) FROM `{database}`.catalogue_product")  # noqa: S608
    cursor.execute(f"UPDATE `{database}`.catalogue_product SET id = id")  # noqa: S608
    for sql in ("DROP TABLE `{}`.catalogue_product", "CREATE TABLE `{}`.more (id INT)"):
        with pytest.raises(MySQLdb.OperationalError) as refused:
            cursor.execute(sql.format(database))
        assert refused.value.args[0] == NO_RIGHT
    user.close()


def test_the_password_before_is_accepted_until_the_next_change(module, change):
    passwords = [change() for _ in range(3)]
    assert len(set(passwords)) == 3
    assert [can_log_in(module.NAME, one) for one in passwords] == [False, True, True]


def test_a_change_that_ends_half_way_is_taken_up(module, change, secrets):
    first = change()

    class Died(Exception):
        pass

    def dies_after_it_is_set(sql: str, values: list[str]) -> None:
        if sql.startswith("GRANT"):
            raise Died
        execute(sql, values)

    with pytest.raises(Died):
        module.change_password(secrets, SECRET, dies_after_it_is_set, can_log_in, connection.settings_dict["NAME"])
    stored = json.loads(secrets.get_secret_value(SecretId=SECRET, VersionStage="AWSCURRENT")["SecretString"])[
        "password"
    ]
    assert stored == first
    assert can_log_in(module.NAME, first)
    second = change()
    assert second != first
    assert can_log_in(module.NAME, first)
    assert can_log_in(module.NAME, second)
