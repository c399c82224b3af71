"""The shop's own user of MySQL: it reads and writes rows, and changes no table. Its password changes with each release.

The master user makes it, on the instance that migrates; hosts are never given the master's password, and RDS may change
that at any time. MySQL accepts the password before for as long as the next change (RETAIN CURRENT PASSWORD), so that
hosts, which fetch theirs each minute, are never shut out.
https://dev.mysql.com/doc/refman/8.4/en/password-management.html#dual-passwords

The steps are those of Secrets Manager's rotation: the new password is put as AWSPENDING, set, and becomes AWSCURRENT
once MySQL takes it. A change that ends half-way is taken up by the next one.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any

from botocore.exceptions import ClientError

NAME = "shop"
# Beside rows, what backups read of views, triggers and events.
PRIVILEGES = (
    *("SELECT", "INSERT", "UPDATE", "DELETE", "EXECUTE"),
    *("SHOW VIEW", "TRIGGER", "EVENT", "LOCK TABLES", "CREATE TEMPORARY TABLES"),
)
CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"
ABSENT = {"ResourceNotFoundException", "InvalidRequestException"}


@dataclass(frozen=True)
class Version:
    id: str
    password: str


def change_password(
    secrets: Any, secret: str, execute: Callable[..., None], can_log_in: Callable[[str, str], bool], database: str
) -> None:
    """Make the user, or give it another password. `execute` runs SQL as the master, with parameters."""
    current, pending = version(secrets, secret, CURRENT), version(secrets, secret, PENDING)
    if pending is None or (current and pending.id == current.id and can_log_in(NAME, current.password)):
        pending = put(secrets, secret, token_urlsafe(32))
    if not can_log_in(NAME, pending.password):
        execute("CREATE USER IF NOT EXISTS %s@'%%' IDENTIFIED BY %s", [NAME, pending.password])
        execute("ALTER USER %s@'%%' IDENTIFIED BY %s RETAIN CURRENT PASSWORD", [NAME, pending.password])
    quoted = database.replace("`", "``").replace("_", r"\_")
    execute(f"GRANT {', '.join(PRIVILEGES)} ON `{quoted}`.* TO %s@'%%'", [NAME])
    # The first version of a secret is the current one at once.
    if current and current.id != pending.id:
        secrets.update_secret_version_stage(
            SecretId=secret, VersionStage=CURRENT, MoveToVersionId=pending.id, RemoveFromVersionId=current.id
        )


def version(secrets: Any, secret: str, stage: str) -> Version | None:
    try:
        found = secrets.get_secret_value(SecretId=secret, VersionStage=stage)
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT:
            return None
        raise
    return Version(found["VersionId"], json.loads(found["SecretString"])["password"])


def put(secrets: Any, secret: str, password: str) -> Version:
    text = json.dumps({"username": NAME, "password": password})
    answer = secrets.put_secret_value(SecretId=secret, SecretString=text, VersionStages=[PENDING])
    return Version(answer["VersionId"], password)
