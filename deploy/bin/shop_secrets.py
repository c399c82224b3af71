"""The secrets of an environment that somebody must give a value: how each is made, and what is wrong with one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from urllib.parse import quote, urlsplit

from release import Environment, Refused, Step, client, parameter

MASTER, MASTER_VARIABLE = "webmarket", "TF_VAR_database_password"
SECRET_KEY_LENGTH = 50
# https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html#smtp-credentials-convert
SMTP_DATE, SMTP_VERSION = "11111111", b"\x04"
# By the secret's name: the variable that gives it, and how the keys of either mode begin.
STRIPE = {
    "stripe-secret-key": ("STRIPE_SECRET_KEY", "(rk|sk)_(test|live)_"),
    "stripe-publishable-key": ("STRIPE_PUBLISHABLE_KEY", "pk_(test|live)_"),
    "stripe-webhook-secret": ("STRIPE_WEBHOOK_SECRET", "whsec_"),
}


@dataclass(frozen=True)
class Given:
    """What the command line says."""

    step: Step
    environment: Environment
    documents_key: str


@dataclass(frozen=True)
class Secret:
    name: str
    # Its first value; nothing in a dry run.
    value: Callable[[Given], str]
    wrong: Callable[[str], Iterator[str]]
    is_needed: Callable[[Environment], bool] = lambda _: True

    def path(self, environment: Environment) -> str:
        return f"/webmarket/{environment.name}/{self.name}"


def needed(environment: Environment) -> list[Secret]:
    return [secret for secret in SECRETS if secret.is_needed(environment)]


def has_value(path: str) -> bool | None:
    """None where there is no such secret. Reads no value."""
    secrets = client("secretsmanager")
    try:
        versions = secrets.describe_secret(SecretId=path).get("VersionIdsToStages", {})
    except secrets.exceptions.ResourceNotFoundException:
        return None
    return any("AWSCURRENT" in stages for stages in versions.values())


def missing_value(secret: Secret, environment: Environment) -> str:
    """A sentence, or nothing."""
    path = secret.path(environment)
    there = has_value(path)
    if there is None:
        return f"there is no secret {path}: Terraform makes it"
    return "" if there else f"{path} has no value"


def problems_of(secret: Secret, environment: Environment) -> Iterator[str]:
    if missing := missing_value(secret, environment):
        yield missing
        return
    value = client("secretsmanager").get_secret_value(SecretId=secret.path(environment))["SecretString"]
    for wrong in secret.wrong(value):
        yield f"{secret.path(environment)} {wrong}"


# --- The secrets ----------------------------------------------------------------------------------------------------


def random_key(_: Given) -> str:
    return token_urlsafe(64)


def wrong_key(value: str) -> Iterator[str]:
    if len(value) < SECRET_KEY_LENGTH:
        yield f"has {len(value)} characters of {SECRET_KEY_LENGTH}"


def email_url(given: Given) -> str:
    if another := os.environ.get("EMAIL_URL", ""):
        return another
    step, iam, user = given.step, client("iam"), f"{given.environment.prefix}-smtp"
    # A key whose secret was never put can be read by nobody any more.
    for one in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]:
        what = f"delete the key {one['AccessKeyId']} of {user}, which no host was given"
        step.act(what, iam.delete_access_key, UserName=user, AccessKeyId=one["AccessKeyId"])
    created = step.act(f"make a key of {user}", iam.create_access_key, UserName=user)
    if step.dry:
        return ""
    # IAM has no region; that of SES is the environment's.
    region = client("secretsmanager").meta.region_name
    password = smtp_password(created["AccessKey"]["SecretAccessKey"], region)
    login = f"{created['AccessKey']['AccessKeyId']}:{quote(password, safe='')}"
    return f"smtp+tls://{login}@email-smtp.{region}.amazonaws.com:587"


def smtp_password(secret: str, region: str) -> str:
    signature = f"AWS4{secret}".encode()
    for part in (SMTP_DATE, region, "ses", "aws4_request", "SendRawEmail"):
        signature = hmac.new(signature, part.encode(), hashlib.sha256).digest()
    return base64.b64encode(SMTP_VERSION + signature).decode()


def wrong_url(value: str) -> Iterator[str]:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        yield "is no address: # / ? @ : of a password are written %23 %2F %3F %40 %3A"
        return
    if parts.scheme not in ("smtp+tls", "smtp+ssl"):
        yield "does not ask for TLS: smtp+tls://user:password@server:587"
    if not (parts.hostname and port and parts.username and parts.password):
        yield "lacks a server, a port, a user or a password"
    # The only ports that the network lets out.
    elif port not in (443, 587):
        yield f"names the port {port}, which the network lets nobody reach: 587"


def database(_: Given) -> str:
    password = os.environ.get(MASTER_VARIABLE, "")
    if not password:
        raise Refused(f"The master's password is given as {MASTER_VARIABLE}, as to Terraform.")
    return json.dumps({"username": MASTER, "password": password})


def wrong_login(value: str) -> Iterator[str]:
    if not _has(value, "username", "password"):
        yield 'is not {"username": "…", "password": "…"}'


def documents_key(given: Given) -> str:
    if not given.documents_key:
        raise Refused("The key that signs documents is given as --documents-key NAME=FILE, by its name in the plan.")
    name, _, file = given.documents_key.partition("=")
    return json.dumps({"name": name, "key": Path(file).read_text()})


def wrong_signer(value: str) -> Iterator[str]:
    if not _has(value, "name", "key") or not re.search(r"-----BEGIN (RSA )?PRIVATE KEY-----", json.loads(value)["key"]):
        yield 'is not {"name": "…", "key": "-----BEGIN PRIVATE KEY-----…"}'


def stripe_secret(name: str) -> Secret:
    variable, begins = STRIPE[name]

    def value(given: Given) -> str:
        # The shop does not start with half a set: none of it is put.
        for other, (another, _) in STRIPE.items():
            if not (stripe_key(another) or has_value(f"/webmarket/{given.environment.name}/{other}")):
                raise Refused(f"All three of Stripe's keys, or none: {another} is not given.")
        return stripe_key(variable)

    def wrong(value: str) -> Iterator[str]:
        if not re.match(begins, value):
            yield f"does not begin as Stripe's does: {begins}"

    return Secret(name, value, wrong, takes_cards)


def stripe_key(variable: str) -> str:
    return os.environ.get(variable, "").strip()


def takes_cards(environment: Environment) -> bool:
    """Where one of Stripe's keys is given, or has been."""
    given = any(stripe_key(variable) for variable, _ in STRIPE.values())
    return given or any(has_value(f"/webmarket/{environment.name}/{name}") for name in STRIPE)


def other_secret(name: str) -> Secret:
    """A key that hosts read and that nothing here knows more of: its value is given as its variable."""
    variable = name.upper().replace("-", "_")

    def wrong(value: str) -> Iterator[str]:
        if not value.strip():
            yield "is empty"

    def is_needed(environment: Environment) -> bool:
        return bool(os.environ.get(variable)) or bool(has_value(f"/webmarket/{environment.name}/{name}"))

    return Secret(name, lambda _: os.environ.get(variable, "").strip(), wrong, is_needed)


def sets_master(environment: Environment) -> bool:
    """Where RDS keeps no password of its own, there is a secret for it."""
    return has_value(f"/webmarket/{environment.name}/database") is not None


def signs_documents(environment: Environment) -> bool:
    return bool(parameter(f"/webmarket/{environment.name}/settings/AWS_CLOUDFRONT_KEY_IDS"))


def _has(value: str, *names: str) -> bool:
    try:
        found = json.loads(value)
    except ValueError:
        return False
    return isinstance(found, dict) and all(isinstance(found.get(name), str) and found[name] for name in names)


OF_ITS_OWN = (
    Secret("secret-key", random_key, wrong_key),
    Secret("email-url", email_url, wrong_url),
    Secret("database", database, wrong_login, sets_master),
    Secret("documents-key", documents_key, wrong_signer, signs_documents),
    *map(stripe_secret, STRIPE),
)
DECLARED = Path(__file__).parents[2] / "terraform" / "modules" / "secrets" / "host_secrets.json"
OTHERS = json.loads(DECLARED.read_text()).keys() - {secret.name for secret in OF_ITS_OWN}
SECRETS = (*OF_ITS_OWN, *map(other_secret, sorted(OTHERS)))
