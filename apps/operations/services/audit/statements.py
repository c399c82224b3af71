"""Statements of policies: whom they admit, and under which conditions."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from ipaddress import ip_network
from typing import Any

# Condition keys that admit known callers alone, whatever the principal.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
LIMITING = {
    *("aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount"),
    *("aws:sourcearn", "aws:sourceip", "aws:sourceorgid", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce"),
    *("aws:sourcevpcarn", "aws:userid", "aws:vpcsourceip", "kms:calleraccount", "s3:dataaccesspointaccount"),
    *("s3:dataaccesspointarn", "sts:externalid"),
}
# A network as wide as this counts as the whole Internet, in however many CIDR blocks it is written.
WORLD_BITS = {4: 8, 6: 16}
ANYBODY = "*"


def read_policy(text: str | dict[str, Any] | None) -> dict[str, Any]:
    if isinstance(text, dict):
        return text
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def statements(document: dict[str, Any], effect: str = "Allow") -> list[dict[str, Any]]:
    found = document.get("Statement", [])
    listed: list[dict[str, Any]] = found if isinstance(found, list) else [found]
    return [each for each in listed if each.get("Effect") == effect]


def strings(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(each) for each in value or []]


def principals(statement: dict[str, Any]) -> list[str]:
    """Accounts, ARNs and « * »; not services, nor identity providers."""
    principal = statement.get("Principal")
    return strings(principal.get("AWS")) if isinstance(principal, dict) else strings(principal)


def conditions(statement: dict[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """Operator, key in lower case, values."""
    for operator, tested in (statement.get("Condition") or {}).items():
        for key, values in tested.items():
            yield operator, key.lower(), strings(values if isinstance(values, str | list) else str(values))


def is_limited(statement: dict[str, Any]) -> bool:
    """A condition that everybody meets (« aws:SourceIp » of the whole Internet, an ARN of any account) limits nothing,
    nor does one that is met where its key is missing (…IfExists, ForAllValues)."""
    return any(
        key in LIMITING
        and _selects(operator.lower(), key)
        and values
        and not any(_is_anything(key, each) for each in values)
        for operator, key, values in conditions(statement)
    )


def _selects(operator: str, key: str) -> bool:
    if operator.startswith(("null", "stringnot", "arnnot", "notip", "forallvalues:")):
        return False
    # Each request has this one.
    return key == "aws:sourceip" or not operator.endswith("ifexists")


def _is_anything(key: str, value: str) -> bool:
    if not value.strip("*?"):
        return True
    if key in {"aws:sourceip", "aws:vpcsourceip"}:
        return "/" in value and is_world(value)
    if value.startswith("arn:"):
        parts = value.split(":", 5)
        return len(parts) < 6 or "*" in parts[4] or not f"{parts[4]}{parts[5]}".strip("*?")
    return False


def may(statement: dict[str, Any], *actions: str) -> bool:
    """Whether it names one of these actions, also by a pattern (« s3:Put* »)."""
    patterns = [each.lower() for each in strings(statement.get("Action"))]
    return any(fnmatchcase(action.lower(), pattern) for action in actions for pattern in patterns)


def account_of(principal: str) -> str:
    return principal.split(":")[4] if principal.count(":") >= 5 else principal


def strangers(statement: dict[str, Any], account: str) -> set[str]:
    """The other accounts that it admits."""
    found = {account_of(each) for each in principals(statement) if each != ANYBODY}
    return {each for each in found if each.isdigit()} - {account}


def is_world(network: str) -> bool:
    parsed = ip_network(network, strict=False)
    return parsed.prefixlen <= WORLD_BITS[parsed.version] and (parsed.prefixlen == 0 or not parsed.is_private)


def admits_anybody(document: dict[str, Any]) -> bool:
    """Also with NotPrincipal, which names whom alone it leaves out."""
    return any(
        (ANYBODY in principals(each) or "NotPrincipal" in each) and not is_limited(each)
        for each in statements(document)
    )
