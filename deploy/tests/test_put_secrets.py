"""deploy/bin/put_secrets: first values, and what is wrong with one."""

import json
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote, urlsplit

import boto3
import pytest
from environ import Env

from webmarket import email

PATH = "/webmarket/staging/"
ROOT = Path(__file__).resolve().parents[2]
STRIPE = {
    "stripe-secret-key": "STRIPE_SECRET_KEY",
    "stripe-publishable-key": "STRIPE_PUBLISHABLE_KEY",
    "stripe-webhook-secret": "STRIPE_WEBHOOK_SECRET",
}
KEYS = dict(zip(STRIPE.values(), ("rk_test_1", "pk_test_1", "whsec_1"), strict=True))
PEM = "-----BEGIN PRIVATE KEY-----\nMIIA\n-----END PRIVATE KEY-----\n"


@pytest.fixture
def put(step, aws, monkeypatch, capsys):
    iam, secrets = boto3.client("iam"), boto3.client("secretsmanager")
    iam.create_user(UserName="webmarket-staging-smtp")
    for name in planned():
        secrets.create_secret(Name=f"{PATH}{name}")
    for name in ("EMAIL_URL", *STRIPE.values()):
        monkeypatch.delenv(name, raising=False)

    def run(*more: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["put_secrets", "--environment", "staging", *more])
        return step("put_secrets").main(), capsys.readouterr().err

    return run


def planned() -> set[str]:
    """The secrets that Terraform makes where RDS keeps the master's password."""
    declared = json.loads((ROOT / "terraform/modules/secrets/host_secrets.json").read_text())
    return {*declared, "database-user"}


def value(name: str) -> str:
    return boto3.client("secretsmanager").get_secret_value(SecretId=f"{PATH}{name}")["SecretString"]


def put_value(name: str, text: str) -> None:
    boto3.client("secretsmanager").put_secret_value(SecretId=f"{PATH}{name}", SecretString=text)


def keys() -> list[str]:
    found = boto3.client("iam").list_access_keys(UserName="webmarket-staging-smtp")["AccessKeyMetadata"]
    return [one["AccessKeyId"] for one in found]


def refused():
    return import_module("release").Refused


def test_what_has_no_value_gets_one_and_keeps_it(put):
    code, says = put("--check")
    assert code == 1
    assert f"{PATH}secret-key has no value" in says
    assert f"{PATH}email-url has no value" in says
    assert keys() == []
    assert put()[0] == 0
    first = value("secret-key"), value("email-url")
    assert len(first[0]) >= 50
    assert put()[0] == put("--check")[0] == 0
    assert (value("secret-key"), value("email-url")) == first


def test_the_shop_reads_the_address_of_ses(put):
    put()
    found = email.settings(_environment(value("email-url")), folder=Path("/unused"), demo=False)
    assert found["EMAIL_HOST"] == "email-smtp.eu-west-3.amazonaws.com"
    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_HOST_USER"]) == (587, True, keys()[0])
    # Its first byte is SES's version of the signature.
    assert found["EMAIL_HOST_PASSWORD"][0] == "B"


def _environment(url: str) -> Env:
    env = Env()
    env.ENVIRON = {"EMAIL_URL": url}
    return env


def test_the_password_is_that_of_aws_page(put, step):
    """https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html, with the example key of AWS's pages."""
    step("put_secrets")
    password = import_module("shop_secrets").smtp_password("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
    assert password == "BLBM/9hSUELfq8Gw+rU1YcBjkOxGbhT2XG763xVLGWL9"


def test_a_key_that_reached_no_host_is_deleted(put):
    lost = boto3.client("iam").create_access_key(UserName="webmarket-staging-smtp")["AccessKey"]["AccessKeyId"]
    put()
    (present,) = keys()
    assert present != lost
    assert urlsplit(value("email-url")).username == present


def test_another_provider_is_given_by_its_address(put, monkeypatch):
    monkeypatch.setenv("EMAIL_URL", "smtp+tls://shop:p%2Fw@smtp.provider.example:587")
    assert put()[0] == 0
    assert unquote(urlsplit(value("email-url")).password) == "p/w"
    assert keys() == []


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("secret-key", "short", "has 5 characters of 50"),
        ("email-url", "smtp://shop:pw@smtp.example:587", "does not ask for TLS"),
        ("email-url", "smtp+tls://smtp.example:587", "lacks a server, a port, a user or a password"),
        ("email-url", "smtp+tls://shop:pw@smtp.example:465", "names the port 465"),
        ("email-url", "smtp+tls://shop:p/w@smtp.example:587", "is no address"),
    ],
)
def test_a_wrong_value_is_named_and_kept(put, name, text, says):
    put_value(name, text)
    code, output = put()
    assert code == 1
    assert f"{PATH}{name} {says}" in output
    assert text not in output
    assert value(name) == text


def test_the_master_password_is_asked_for_where_terraform_set_it(put, monkeypatch):
    boto3.client("secretsmanager").create_secret(Name=f"{PATH}database")
    with pytest.raises(refused(), match="TF_VAR_database_password"):
        put()
    monkeypatch.setenv("TF_VAR_database_password", "of our own")
    assert put()[0] == 0
    assert json.loads(value("database")) == {"username": "webmarket", "password": "of our own"}
    put_value("database", '{"username": "webmarket"}')
    assert 'is not {"username": "…", "password": "…"}' in put("--check")[1]


def test_documents_are_signed_where_the_edge_has_a_key(put, tmp_path):
    boto3.client("ssm").put_parameter(
        Name=f"{PATH}settings/AWS_CLOUDFRONT_KEY_IDS", Value='{"2026-11": "K1"}', Type="SecureString"
    )
    with pytest.raises(refused(), match="--documents-key NAME=FILE"):
        put()
    file = tmp_path / "documents.pem"
    file.write_text(PEM)
    assert put("--documents-key", f"2026-11={file}")[0] == 0
    assert json.loads(value("documents-key")) == {"name": "2026-11", "key": PEM}


def test_a_dry_run_puts_nothing(put):
    code, says = put("--dry-run")
    assert code == 0
    assert f"would put a value into {PATH}email-url" in says
    assert keys() == []
    assert put("--check")[0] == 1


def test_every_secret_of_an_environment_can_be_put(put, step):
    step("put_secrets")
    listed = {one.name for one in import_module("shop_secrets").SECRETS}
    # Of the shop's own user of the database, the migrations put it.
    assert planned() - {"database-user"} == listed - {"database"}


def test_cards_are_all_three_of_stripes_keys_or_none(put, monkeypatch):
    assert put()[0] == 0
    assert "stripe" not in put("--check")[1]
    monkeypatch.setenv("STRIPE_SECRET_KEY", KEYS["STRIPE_SECRET_KEY"])
    with pytest.raises(refused(), match="STRIPE_PUBLISHABLE_KEY is not given"):
        put()
    # With half a set the shop does not start: none of it was put.
    monkeypatch.delenv("STRIPE_SECRET_KEY")
    assert "stripe" not in put("--check")[1]
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    assert put()[0] == 0
    assert {name: value(name) for name in STRIPE} == {name: KEYS[variable] for name, variable in STRIPE.items()}
    # Known as Stripe's from what is there.
    for name in KEYS:
        monkeypatch.delenv(name)
    put_value("stripe-publishable-key", "sk_live_secret")
    code, says = put("--check")
    assert code == 1
    assert f"{PATH}stripe-publishable-key does not begin as Stripe's does" in says
    assert "sk_live_secret" not in says
