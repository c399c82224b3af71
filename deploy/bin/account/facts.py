"""Which account, and what an item of it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from release import Refused, Step, client

GITHUB = "token.actions.githubusercontent.com"
PUBLIC_BLOCK = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
TRAIL = "webmarket-account"
BOUNDARY = "webmarket-account-boundary"


@dataclass(frozen=True)
class Account:
    id: str
    region: str
    emails: tuple[str, ...] = ()
    budget: int = 0
    # owner/name on GitHub, where the pipeline runs; nothing without one.
    repository: str = ""

    @property
    def states(self) -> str:
        return f"webmarket-states-{self.id}"

    @property
    def trails(self) -> str:
        return f"webmarket-trails-{self.id}"

    @property
    def provider(self) -> str:
        return f"arn:aws:iam::{self.id}:oidc-provider/{GITHUB}"

    @property
    def boundary(self) -> str:
        return f"arn:aws:iam::{self.id}:policy/{BOUNDARY}"


@dataclass(frozen=True)
class Item:
    name: str
    because: str
    missing: Callable[[Account], Iterator[str]]
    make: Callable[[Step, Account], None]


def this_account(region: str, expected: str = "", **more: Any) -> Account:
    """Raises Refused for another account than the one that was named, and for root, who needs no rights to be wrong."""
    caller = client("sts").get_caller_identity()
    if expected and caller["Account"] != expected:
        raise Refused(f"These credentials are of the account {caller['Account']}, not of {expected}.")
    if caller["Arn"].endswith(":root"):
        raise Refused("These are root's credentials: sign in as an administrator, and lock root's keys away.")
    return Account(caller["Account"], region, **more)


def answer_or_none(call: Callable[..., dict], *absent: str, **given: Any) -> dict | None:
    """AWS's answer, or None where it says by one of these codes that there is none."""
    from botocore.exceptions import ClientError

    try:
        return call(**given)
    except ClientError as error:
        if error.response["Error"]["Code"] in absent:
            return None
        raise
