"""The steps of a change of password; webmarket/tests/test_database_user.py sees MySQL take them."""

import json

import boto3
import pytest

from .conftest import HOST, load

SECRET = "/webmarket/staging/database-user"


class Server:
    """As much of MySQL as a user's two passwords are."""

    def __init__(self) -> None:
        self.accepted: list[str] = []
        self.granted = 0

    def execute(self, sql: str, values: list[str]) -> None:
        if sql.startswith("CREATE") and not self.accepted:
            self.accepted = [values[1]]
        elif sql.startswith("ALTER"):
            self.accepted = [values[1], self.accepted[0]]
        elif sql.startswith("GRANT"):
            self.granted += 1

    def can_log_in(self, user: str, password: str) -> bool:
        return user == "shop" and password in self.accepted


@pytest.fixture
def server(aws) -> Server:
    boto3.client("secretsmanager").create_secret(Name=SECRET)
    return Server()


def change(server: Server) -> str:
    secrets = boto3.client("secretsmanager")
    # On a host the client is the host's own.
    load(HOST / "database_user.py").change_password(secrets, SECRET, server.execute, server.can_log_in, "webmarket")
    return current()


def current() -> str:
    found = boto3.client("secretsmanager").get_secret_value(SecretId=SECRET, VersionStage="AWSCURRENT")
    return json.loads(found["SecretString"])["password"]


def test_each_release_has_another_password_and_takes_the_one_before(server):
    passwords = [change(server) for _ in range(3)]
    assert len(set(passwords)) == 3
    assert server.accepted == [passwords[2], passwords[1]]
    assert server.granted == 3


@pytest.mark.parametrize("dies_at", ["ALTER", "GRANT"])
def test_hosts_can_log_in_wherever_a_change_ends(server, dies_at):
    first = change(server)
    real = server.execute

    def dies(sql: str, values: list[str]) -> None:
        if sql.startswith(dies_at):
            raise KeyboardInterrupt
        real(sql, values)

    for _ in range(2):
        server.execute = dies
        with pytest.raises(KeyboardInterrupt):
            change(server)
        assert current() == first
        assert first in server.accepted
    server.execute = real
    assert change(server) in server.accepted
    assert first in server.accepted


def test_a_first_change_that_ends_before_there_is_a_user_is_taken_up(server):
    real, server.execute = server.execute, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        change(server)
    server.execute = real
    assert server.accepted == []
    assert change(server) in server.accepted
