"""Write the settings and secrets of the shop from AWS to /run/webmarket/env, at boot and each minute.

  WEBMARKET_ENVIRONMENT   whose settings and secrets: everything under /webmarket/{environment}/
  WEBMARKET_ROLE          what this host does: web, workers, both with a comma between them, migrate, or nothing
  WEBMARKET_SETTINGS      a file of NAME=value lines to use instead of AWS's, on a host outside of AWS

Web and workers log in to the database as the shop's own user, the instance that migrates as the master user.
Only root reads the file. Units start on the condition /run/webmarket/role/{role}. When a value has changed since (a
release changes the database's password), running services are restarted; sockets hold requests meanwhile. When a
fetch fails, the file stays as it is. The first settings of a boot may come late, when systemd has given up on what
needs them: then webmarket.target is started again.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.utils import InstanceMetadataRegionFetcher

RUN = Path(os.environ.get("WEBMARKET_RUN", "/run/webmarket"))
DATABASE_CA = Path("/etc/webmarket/database-ca.pem")
ROLES = {
    "web": ["webmarket-web.service"],
    "workers": ["webmarket-worker.service", "webmarket-operations.service", "webmarket-beat.service"],
    "migrate": [],
}
MASTER_ROLE = "migrate"
# The key that signs addresses of documents, and the name of its public half among those that the edge trusts
# (signing_public_keys of terraform/): both change at once, so that no address is signed by one and named after another.
SIGNING = "documents-key"
# Secrets by name, each with its variable: those that Terraform makes for hosts. One that does not exist or has no value
# is left out: the shop refuses to start without what it needs.
DECLARED = Path(__file__).parents[2] / "terraform" / "modules" / "secrets" / "host_secrets.json"
SECRETS = {name: name.upper().replace("-", "_") for name in json.loads(DECLARED.read_text()) if name != SIGNING}
# While it is changed, what the next one and the one before sign is accepted too (deploy/bin/change_secret_key).
CHANGED = "secret-key"
ABSENT = {"ResourceNotFoundException"}
# At boot the network and the role may take a moment.
PATIENCE_SECONDS = 120
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 15.0
TARGET = "webmarket.target"


class Unusable(Exception):
    """The host's settings are missing or wrong; the message says which."""


def from_aws(environment: str, session: boto3.Session, roles: list[str]) -> dict[str, str]:
    config = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 3, "mode": "standard"})
    found = dict(parameters(session.client("ssm", config=config), f"/webmarket/{environment}/settings"))
    secrets = session.client("secretsmanager", config=config)
    for name, variable in SECRETS.items():
        value = secret(secrets, f"/webmarket/{environment}/{name}")
        if value is not None:
            found[variable] = value
    found |= signing(found.pop("AWS_CLOUDFRONT_KEY_IDS", None), secret(secrets, f"/webmarket/{environment}/{SIGNING}"))
    master, host = found.pop("DATABASE_SECRET_ARN", "none"), found.pop("DATABASE_HOST", "")
    replicas = [each for each in found.pop("DATABASE_REPLICA_HOSTS", "").split(",") if each]
    own = f"/webmarket/{environment}/database-user"
    if MASTER_ROLE in roles:
        found["DATABASE_USER_SECRET"] = own
    accepted = [
        secret(secrets, f"/webmarket/{environment}/{CHANGED}", stage) for stage in ("AWSPENDING", "AWSPREVIOUS")
    ]
    if others := [value for value in dict.fromkeys(accepted) if value not in (None, found.get(SECRETS[CHANGED]))]:
        found["SECRET_KEY_FALLBACKS"] = json.dumps(others)
    named = master if MASTER_ROLE in roles else own
    if master != "none" and "DATABASE_URL" not in found:
        login = json.loads(secret(secrets, named) or "{}")
        if "password" not in login:
            raise Unusable(f"The secret {named} holds no password of the database; the first migration puts it there.")
        user, password = quote(login["username"], safe=""), quote(login["password"], safe="")
        found["DATABASE_URL"] = f"mysql://{user}:{password}@{host}:3306/webmarket"
        # Users are replicated too. Migrations read the primary alone.
        if replicas and MASTER_ROLE not in roles:
            urls = [f"mysql://{user}:{password}@{replica}:3306/webmarket" for replica in replicas]
            found["DATABASE_REPLICA_URLS"] = ",".join(urls)
    return found


def signing(ids: str | None, value: str | None) -> dict[str, str]:
    """What signs addresses of documents. Raises Unusable where the edge would not trust it."""
    if ids is None:
        return {}
    trusted: dict[str, str] = json.loads(ids)
    if value is None:
        # Without its key the shop does not start.
        return {"AWS_CLOUDFRONT_KEY_ID": next(iter(trusted.values()))}
    given = json.loads(value) if value.startswith("{") else {"name": next(iter(trusted)), "key": value}
    if given["name"] not in trusted or (len(trusted) > 1 and not value.startswith("{")):
        raise Unusable(f"The secret {SIGNING} names none of the edge's keys: {', '.join(trusted)}.")
    # A systemd environment has one line for each variable.
    key = given["key"].strip().replace("\n", "\\n")
    return {"AWS_CLOUDFRONT_KEY_ID": trusted[given["name"]], "AWS_CLOUDFRONT_KEY": key}


def parameters(ssm, path: str) -> Iterator[tuple[str, str]]:
    for page in ssm.get_paginator("get_parameters_by_path").paginate(Path=path, WithDecryption=True):
        for parameter in page["Parameters"]:
            yield parameter["Name"].rpartition("/")[2], parameter["Value"]


def secret(secrets, name: str, stage: str = "AWSCURRENT") -> str | None:
    try:
        return secrets.get_secret_value(SecretId=name, VersionStage=stage)["SecretString"]
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT:
            return None
        raise


def from_file(path: Path) -> dict[str, str]:
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, _, value in pairs}


def with_defaults(settings: dict[str, str], environment: str) -> dict[str, str]:
    """Add what the host itself knows, where it is not set."""
    own = {
        "ENVIRONMENT": environment,
        # One process for each core and never one alone: while one ends, the other serves.
        "WEB_CONCURRENCY": str(max(2, len(os.sched_getaffinity(0)))),
        # nginx sets the client's IP.
        "TRUSTED_PROXY_COUNT": "1",
    }
    if DATABASE_CA.exists():
        own["DATABASE_CA"] = str(DATABASE_CA)
    return {**own, **settings}


def to_environment_file(settings: dict[str, str]) -> str:
    """In systemd's syntax: values in double quotes, special characters escaped by a backslash."""
    lines = []
    for name, value in sorted(settings.items()):
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name) or "\n" in value:
            raise Unusable(f"{name} cannot be a variable of the environment.")
        escaped = re.sub(r'(["$`\\])', r"\\\1", value)
        lines.append(f'{name}="{escaped}"\n')
    return "".join(lines)


def write(text: str) -> str | None:
    """Returns what the file held before: nothing at boot, the same text where nothing has changed."""
    path = RUN / "env"
    before = path.read_text() if path.exists() else None
    if before == text:
        return before
    written = path.with_suffix(".new")
    written.unlink(missing_ok=True)
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "w") as file:
        file.write(text)
    written.rename(path)
    return before


def mark_roles(roles: list[str]) -> None:
    folder = RUN / "role"
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    folder.chmod(0o755)
    for role in ROLES:
        if role in roles:
            (folder / role).touch()
        else:
            (folder / role).unlink(missing_ok=True)


def restart(roles: list[str]) -> None:
    units = [unit for role in roles for unit in ROLES[role]]
    if units:
        subprocess.run(["/usr/bin/systemctl", "try-restart", "--no-block", *units], check=True)


def start_again() -> None:
    """Start what waited for settings in vain.

    Where AWS does not answer at boot, systemd cancels every unit that requires settings and reaches the target without
    them. While it still waits, or before anybody has started it (migrations come first), there is nothing to do.
    """
    systemctl = "/usr/bin/systemctl"
    if subprocess.run([systemctl, "is-active", "--quiet", TARGET]).returncode == 0:
        subprocess.run([systemctl, "start", "--no-block", TARGET], check=True)


def region() -> str:
    return os.environ.get("AWS_REGION") or InstanceMetadataRegionFetcher(timeout=2, num_attempts=3).retrieve_region()


def fetch_settings(environment: str, roles: list[str]) -> dict[str, str]:
    if path := os.environ.get("WEBMARKET_SETTINGS"):
        return from_file(Path(path))
    limit = time.monotonic() + PATIENCE_SECONDS
    waits = pauses()
    while True:
        try:
            return from_aws(environment, boto3.Session(region_name=region()), roles)
        except (BotoCoreError, ClientError) as error:
            if time.monotonic() > limit or (RUN / "env").exists():
                raise
            say(f"not yet: {error}")
            time.sleep(next(waits))


def pauses() -> Iterator[float]:
    """Seconds between attempts: twice as long each time, and never the same for hosts that boot together."""
    longest = FIRST_PAUSE_SECONDS
    while True:
        yield random.uniform(longest / 2, longest)  # noqa: S311
        longest = min(longest * 2, LONGEST_PAUSE_SECONDS)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    try:
        environment = os.environ.get("WEBMARKET_ENVIRONMENT", "")
        roles = [role for role in os.environ.get("WEBMARKET_ROLE", "").split(",") if role]
        if unknown := set(roles) - ROLES.keys():
            raise Unusable(f"There is no role {', '.join(sorted(unknown))}; there are {', '.join(ROLES)}.")
        if not environment:
            raise Unusable("WEBMARKET_ENVIRONMENT is not set in /etc/webmarket/instance.env.")
        settings = with_defaults(fetch_settings(environment, roles), environment)
        text = to_environment_file(settings)
        before = write(text)
        mark_roles(roles)
        if before is None and any(ROLES[role] for role in roles):
            start_again()
        elif before not in (None, text):
            say("settings have changed: running services are restarted")
            restart(roles)
    except (BotoCoreError, ClientError, OSError, ValueError, Unusable) as error:
        say(f"{type(error).__name__}: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
