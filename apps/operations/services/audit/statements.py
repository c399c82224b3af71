"""Statements of policies: whom they admit, and under which conditions."""

import json
from collections.abc import Iterator
from typing import Any

# Condition keys that admit known callers alone, whatever the principal.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
LIMITING = {
    *("aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount"),
    *("aws:sourcearn", "aws:sourceip", "aws:sourceorgid", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce"),
    *("aws:userid", "aws:vpcsourceip", "kms:calleraccount", "sts:externalid"),
}
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
    """A condition that everybody meets (« aws:SourceIp » of the whole Internet, an ARN of « * ») limits nothing."""
    return any(
        key in LIMITING
        and not operator.lower().startswith(("null", "stringnot", "arnnot", "notip"))
        and not {"*", "0.0.0.0/0", "::/0", "arn:aws:*"} & set(values)
        for operator, key, values in conditions(statement)
    )


def admits_anybody(document: dict[str, Any]) -> bool:
    """Also with NotPrincipal, which names whom alone it leaves out."""
    return any(
        (ANYBODY in principals(each) or "NotPrincipal" in each) and not is_limited(each)
        for each in statements(document)
    )
