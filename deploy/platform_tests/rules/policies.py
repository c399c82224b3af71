"""Whether a role's policies allow an action on a resource: statements, denials, wildcards and the usual conditions.

What a condition asks of a context that is not given does not hold, as in IAM: such an Allow allows nothing, such a Deny
denies nothing. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache

from rules.world import World, listed, statements

NOTHING: Mapping[str, str] = {}


def allowed(documents: Iterable[list[dict]], action: str, resource: str, context: Mapping[str, str] = NOTHING) -> bool:
    matching = [one["Effect"] for document in documents for one in document if _speaks(one, action, resource, context)]
    return "Deny" not in matching and "Allow" in matching


def documents_of(world: World, role: str) -> list[list[dict]]:
    """Inline and attached policies of a role, by its address; AWS's own as moto keeps them."""
    block, _, key = role.partition("[")
    key = f"[{key}" if key else ""
    found = []
    for one in world.of("aws_iam_role_policy", "aws_iam_role_policy_attachment"):
        if block in world.origins(one, "role") and _same(one.key, key):
            document = one["policy"] if one.type == "aws_iam_role_policy" else managed(one["policy_arn"])
            found.append(statements(document))
    return found


def _same(key: str, role: str) -> bool:
    """A policy's key names its role's, alone or first: `["web"]` or `["web/read"]`."""
    return not key or not role or key == role or key.startswith(f"{role[:-2]}/")


@cache
def managed(arn: str | None) -> str | None:
    """A policy that AWS keeps."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    policies = _all_managed(aws_managed_policies_data)
    found = policies.get(str(arn).rpartition("/")[2])
    return json.dumps(found["Document"]) if found else None


@cache
def _all_managed(text: str) -> dict:
    return json.loads(text)


def _speaks(statement: dict, action: str, resource: str, context: Mapping[str, str]) -> bool:
    return (
        _named(statement, "Action", action.lower(), lower=True)
        and _named(statement, "Resource", resource)
        and all(_holds(test, asked, context) for test, asked in statement.get("Condition", {}).items())
    )


def _named(statement: dict, kind: str, wanted: str, *, lower: bool = False) -> bool:
    if kind in statement:
        return any(_like(wanted, one.lower() if lower else one) for one in listed(statement[kind]))
    return not any(_like(wanted, one.lower() if lower else one) for one in listed(statement[f"Not{kind}"]))


def _like(value: str, pattern: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), value, re.DOTALL) is not None


def _holds(test: str, asked: dict, context: Mapping[str, str]) -> bool:
    alike = _like if test.endswith(("Like", "ArnEquals")) else lambda value, wanted: value == wanted
    for name, wanted in asked.items():
        if name not in context:
            return False
        met = any(alike(context[name], str(one)) for one in listed(wanted))
        if met == ("Not" in test):
            return False
    return True
