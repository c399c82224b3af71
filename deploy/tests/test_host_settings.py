"""Settings and secrets that a host fetches at boot."""

import json
import os
import re
import stat
import subprocess
from itertools import islice
from unittest.mock import Mock

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import EndpointConnectionError

from .conftest import HOST, load


@pytest.fixture
def host(aws, tmp_path, monkeypatch):
    monkeypatch.setenv("WEBMARKET_RUN", str(tmp_path))
    monkeypatch.setenv("WEBMARKET_ENVIRONMENT", "staging")
    monkeypatch.setenv("WEBMARKET_ROLE", "web")
    boto3.client("ssm").put_parameter(
        Name="/webmarket/staging/settings/SITE_URL", Value="https://shop.example", Type="SecureString"
    )
    boto3.client("secretsmanager").create_secret(Name="/webmarket/staging/secret-key", SecretString='a"b\\c$d')
    module = load(HOST / "settings.py")
    restarted: list[list[str]] = []
    monkeypatch.setattr(module, "restart", restarted.append)
    module.restarted = restarted
    module.systemd = Systemd()
    monkeypatch.setattr(module.subprocess, "run", module.systemd)
    return module


class Systemd:
    """Stands for systemctl: whether the target has been reached, and what was asked for."""

    def __init__(self) -> None:
        self.reached = False
        self.started: list[str] = []

    def __call__(self, command: list[str], **_: object) -> subprocess.CompletedProcess:
        verb, unit = command[1], command[-1]
        if verb == "start":
            self.started.append(unit)
        return subprocess.CompletedProcess(command, 0 if verb == "start" or self.reached else 3)


def fetched(tmp_path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())


def test_settings_and_secrets_become_an_environment_that_only_its_owner_reads(host, tmp_path):
    assert host.main() == 0
    assert fetched(tmp_path)["SITE_URL"] == '"https://shop.example"'
    assert fetched(tmp_path)["SECRET_KEY"] == '"a\\"b\\\\c\\$d"'
    assert stat.S_IMODE(os.stat(tmp_path / "env").st_mode) == 0o400  # noqa: PTH116


@pytest.fixture
def database(host) -> str:
    """A database whose master password RDS keeps; returns the secret of the shop's own user."""
    secrets, ssm = boto3.client("secretsmanager"), boto3.client("ssm")
    master = json.dumps({"username": "webmarket", "password": "of the master"})
    arn = secrets.create_secret(Name="rds!db-1", SecretString=master)["ARN"]
    for name, value in (("DATABASE_SECRET_ARN", arn), ("DATABASE_HOST", "db.internal")):
        ssm.put_parameter(Name=f"/webmarket/staging/settings/{name}", Value=value, Type="SecureString")
    own = secrets.create_secret(Name="/webmarket/staging/database-user")["ARN"]
    secrets.put_secret_value(SecretId=own, SecretString=json.dumps({"username": "shop", "password": "p@ss/word"}))
    return own


def test_the_instance_that_migrates_is_the_master_user(host, database, tmp_path, monkeypatch):
    monkeypatch.setenv("WEBMARKET_ROLE", "migrate")
    host.systemd.reached = True
    assert host.main() == 0
    assert fetched(tmp_path)["DATABASE_URL"] == '"mysql://webmarket:of%20the%20master@db.internal:3306/webmarket"'
    assert fetched(tmp_path)["DATABASE_USER_SECRET"] == '"/webmarket/staging/database-user"'
    assert host.systemd.started == []


def test_before_the_first_migration_there_is_no_user(host, tmp_path, capsys):
    ssm = boto3.client("ssm")
    ssm.put_parameter(Name="/webmarket/staging/settings/DATABASE_SECRET_ARN", Value="rds!db-1", Type="SecureString")
    assert host.main() == 1
    assert "the first migration puts it there" in capsys.readouterr().err


def test_hosts_are_the_shops_own_user_with_the_password_of_the_day(host, database, tmp_path):
    secrets = boto3.client("secretsmanager")
    host.main()
    assert fetched(tmp_path)["DATABASE_URL"] == '"mysql://shop:p%40ss%2Fword@db.internal:3306/webmarket"'
    assert "DATABASE_USER_SECRET" not in fetched(tmp_path)
    secrets.put_secret_value(SecretId=database, SecretString='{"username": "shop", "password": "another"}')
    assert host.restarted == []
    host.main()
    assert ":another@" in fetched(tmp_path)["DATABASE_URL"]
    assert host.restarted == [["web"]]


def test_replicas_are_read_by_the_same_user_and_not_by_migrations(host, database, tmp_path, monkeypatch):
    boto3.client("ssm").put_parameter(
        Name="/webmarket/staging/settings/DATABASE_REPLICA_HOSTS",
        Value="one.internal,two.internal",
        Type="SecureString",
    )
    host.main()
    login = "mysql://shop:p%40ss%2Fword@"
    expected = f'"{login}one.internal:3306/webmarket,{login}two.internal:3306/webmarket"'
    assert fetched(tmp_path)["DATABASE_REPLICA_URLS"] == expected
    assert "DATABASE_REPLICA_HOSTS" not in fetched(tmp_path)
    monkeypatch.setenv("WEBMARKET_ROLE", "migrate")
    host.main()
    assert "DATABASE_REPLICA_URLS" not in fetched(tmp_path)


def test_unchanged_settings_restart_nothing(host):
    host.main()
    host.main()
    assert host.restarted == []


def test_the_role_decides_what_starts(host, tmp_path, monkeypatch):
    host.main()
    assert [path.name for path in (tmp_path / "role").iterdir()] == ["web"]
    monkeypatch.setenv("WEBMARKET_ROLE", "workers")
    host.main()
    assert [path.name for path in (tmp_path / "role").iterdir()] == ["workers"]


def test_an_unknown_role_starts_nothing(host, tmp_path, monkeypatch):
    monkeypatch.setenv("WEBMARKET_ROLE", "database")
    assert host.main() == 1
    assert not (tmp_path / "env").exists()


def test_a_host_outside_aws_reads_a_file(host, tmp_path, monkeypatch):
    given = tmp_path / "settings.env"
    given.write_text("# ours\nSITE_URL='https://elsewhere.example'\n")
    monkeypatch.setenv("WEBMARKET_SETTINGS", str(given))
    assert host.main() == 0
    assert fetched(tmp_path)["SITE_URL"] == '"https://elsewhere.example"'
    assert fetched(tmp_path)["TRUSTED_PROXY_COUNT"] == '"1"'


def aws_goes_away(host, monkeypatch) -> None:
    """Nobody answers, and the time in which a boot asks again is over."""
    monkeypatch.setattr(host, "PATIENCE_SECONDS", -1)
    unreachable = EndpointConnectionError(endpoint_url="https://ssm.eu-west-3.amazonaws.com")
    monkeypatch.setattr(BaseClient, "_make_api_call", Mock(side_effect=unreachable))


def test_what_was_given_up_at_boot_starts_once_settings_come(host, tmp_path, monkeypatch):
    with monkeypatch.context() as away:
        aws_goes_away(host, away)
        assert host.main() == 1
    assert not (tmp_path / "role").exists()
    host.systemd.reached = True
    assert host.main() == 0
    assert host.systemd.started == ["webmarket.target"]
    host.main()
    assert host.systemd.started == ["webmarket.target"]


def test_a_boot_in_progress_is_left_alone(host):
    assert host.main() == 0
    assert host.systemd.started == []


def test_a_host_without_a_role_starts_nothing(host, monkeypatch):
    monkeypatch.setenv("WEBMARKET_ROLE", "")
    host.systemd.reached = True
    host.main()
    assert host.systemd.started == []


def test_a_running_host_keeps_its_settings_while_aws_is_away(host, tmp_path, monkeypatch):
    host.main()
    with monkeypatch.context() as away:
        aws_goes_away(host, away)
        assert host.main() == 1
    assert fetched(tmp_path)["SITE_URL"] == '"https://shop.example"'
    host.systemd.reached = True
    assert host.main() == 0
    assert (host.restarted, host.systemd.started) == ([], [])


def test_attempts_come_ever_more_seldom(host):
    waits = list(islice(host.pauses(), 12))
    assert 0.5 <= waits[0] <= 1
    assert all(7.5 <= wait <= 15 for wait in waits[-4:])


def signing(tmp_path) -> tuple[str, list[str]]:
    """The key that signs, and those whose signatures are accepted too; as systemd reads them."""
    values = fetched(tmp_path)
    quoted = (values.get(name, '"[]"') for name in ("SECRET_KEY", "SECRET_KEY_FALLBACKS"))
    key, others = (re.sub(r"\\(.)", r"\1", value[1:-1]) for value in quoted)
    return key, json.loads(others)


def test_what_either_key_signs_is_accepted_while_it_is_changed(host, step, tmp_path, monkeypatch):
    """Hosts fetch at different moments: none may sign with a key that another does not know yet."""
    secrets, name = boto3.client("secretsmanager"), "/webmarket/staging/secret-key"
    secrets.put_secret_value(SecretId=name, SecretString="first")
    assert host.main() == 0
    first, _ = signing(tmp_path)
    seen = []

    def pause(*_: object) -> None:
        host.main()
        seen.append(signing(tmp_path))

    command = step("change_secret_key")
    monkeypatch.setattr(command.Step, "pause", pause)
    monkeypatch.setattr("sys.argv", ["change_secret_key", "--environment", "staging"])
    assert command.main() == 0
    host.main()
    second, accepted = signing(tmp_path)
    ((during, accepted_then),) = seen
    assert (first, during) == ("first", "first")
    assert second in accepted_then
    assert second != "first"
    assert "first" in accepted
    assert second not in accepted


PEM = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"


@pytest.fixture
def edge(host):
    """Lets the edge trust these keys, and puts the secret that signs."""

    def trust(ids: dict[str, str], secret: str | None = None) -> None:
        name = "/webmarket/staging/settings/AWS_CLOUDFRONT_KEY_IDS"
        boto3.client("ssm").put_parameter(Name=name, Value=json.dumps(ids), Type="SecureString", Overwrite=True)
        secrets, own = boto3.client("secretsmanager"), "/webmarket/staging/documents-key"
        if secret is not None and own not in {one["Name"] for one in secrets.list_secrets()["SecretList"]}:
            secrets.create_secret(Name=own, SecretString=secret)
        elif secret is not None:
            secrets.put_secret_value(SecretId=own, SecretString=secret)

    return trust


def test_a_host_signs_with_the_key_that_it_names(host, edge, tmp_path):
    """Through a change of the key no host signs with one and names another."""
    ids = {"2026-05": "K1", "2026-11": "K2"}
    for name, key in (
        ("2026-05", PEM),
        ("2026-11", PEM.replace("MIIE", "MIIF")),
        ("2026-05", PEM.replace("\n", "\\n")),
    ):
        edge(ids, json.dumps({"name": name, "key": key}))
        assert host.main() == 0
        found = fetched(tmp_path)
        assert found["AWS_CLOUDFRONT_KEY_ID"] == f'"{ids[name]}"'
        assert found["AWS_CLOUDFRONT_KEY"] == '"' + key.strip().replace("\n", "\\n").replace("\\", "\\\\") + '"'
        assert "AWS_CLOUDFRONT_KEY_IDS" not in found


@pytest.mark.parametrize("secret", [json.dumps({"name": "2025-05", "key": PEM}), PEM])
def test_a_key_that_the_edge_does_not_trust_is_refused(host, edge, capsys, secret):
    edge({"2026-05": "K1", "2026-11": "K2"}, secret)
    assert host.main() == 1
    assert "names none of the edge's keys: 2026-05, 2026-11" in capsys.readouterr().err


def test_a_secret_without_a_name_is_of_the_only_key(host, edge, tmp_path):
    edge({"2026-05": "K1"}, PEM.strip().replace("\n", "\\n"))
    assert host.main() == 0
    assert fetched(tmp_path)["AWS_CLOUDFRONT_KEY_ID"] == '"K1"'


def test_without_its_key_the_shop_does_not_start(host, edge, tmp_path):
    edge({"2026-05": "K1"})
    assert host.main() == 0
    assert fetched(tmp_path)["AWS_CLOUDFRONT_KEY_ID"] == '"K1"'
    assert "AWS_CLOUDFRONT_KEY" not in fetched(tmp_path)
