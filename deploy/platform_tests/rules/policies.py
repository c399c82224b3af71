"""Whether policies allow an action on a resource, as IAM evaluates them for a role of the same account.

An explicit denial in any policy wins. Otherwise a policy of the role must allow, and its permissions boundary too; or a
policy of the resource that names the role or everybody. A KMS key's policy must let the account in before policies of
roles count. There are no organisation's policies and no sessions here. No library alive on PyPI evaluates this:
cloudsplaining and parliament read policies for weaknesses, moto knows no conditions.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address, ip_network

from rules.world import UNKNOWN, Resource, World, listed, statements

NOTHING: Mapping[str, str] = {}
Context = Mapping[str, str | list[str]]
# `"Principal"` of everybody.
ANYBODY = "*"
VARIABLE = re.compile(r"\$\{([^}]+)\}")


@dataclass(frozen=True)
class Verdict:
    """`by` names the statement that decides, or the policy in which none speaks."""

    allowed: bool
    by: str


@dataclass(frozen=True)
class Policy:
    name: str
    statements: list[dict]


@dataclass(frozen=True)
class Grants:
    """The policies over a request: those of the role, its ceilings, and those of the resource."""

    role: list[Policy]
    boundary: list[Policy] | None = None
    resource: list[Policy] | None = None


def evaluate(grants: Grants, principal: str, action: str, resource: str, context: Context = NOTHING) -> Verdict:
    """Whether a role, by its ARN, may do that now. What is not in the context is not in the request."""
    asked = (action, resource, context)
    ours = [(one, policy) for policy in grants.resource or [] for one in _naming(policy.statements, principal)]
    everywhere = [(one, policy) for policy in (*grants.role, *(grants.boundary or [])) for one in policy.statements]
    for one, policy in (*everywhere, *ours):
        if one["Effect"] == "Deny" and _speaks(one, *asked):
            return Verdict(False, f"denied by {_label(policy, one)}")
    for one, policy in ours:
        if one["Effect"] == "Allow" and principal in _principals(one) and _speaks(one, *asked):
            return Verdict(True, _label(policy, one))
    if action.lower().startswith("kms:") and grants.resource is not None and not _delegates(ours, asked):
        return Verdict(False, "the key's policy does not let the account in")
    granted = _first(grants.role, asked)
    if granted is None:
        return Verdict(False, "no policy of the role")
    if grants.boundary is not None and _first(grants.boundary, asked) is None:
        return Verdict(False, f"the ceiling {', '.join(one.name for one in grants.boundary)}")
    return Verdict(True, granted)


def allowed(documents: Iterable[list[dict]], action: str, resource: str, context: Context = NOTHING) -> bool:
    """By policies of a role alone."""
    role = [Policy("", document) for document in documents]
    return evaluate(Grants(role), "", action, resource, context).allowed


def _first(policies: list[Policy], asked: tuple[str, str, Context]) -> str | None:
    for policy in policies:
        for one in policy.statements:
            if one["Effect"] == "Allow" and _speaks(one, *asked):
                return _label(policy, one)
    return None


def _label(policy: Policy, statement: dict) -> str:
    return f"{policy.name}/{statement.get('Sid', '…')}"


def _naming(document: list[dict], principal: str) -> Iterator[dict]:
    account = principal.split(":")[4] if principal.count(":") >= 5 else ""
    wanted = {principal, account, f"arn:aws:iam::{account}:root", ANYBODY}
    for one in document:
        if "NotPrincipal" in one:
            if not wanted & set(_principals(one, "NotPrincipal")):
                yield one
        elif wanted & set(_principals(one)):
            yield one


def _principals(statement: dict, kind: str = "Principal") -> list[str]:
    named = statement.get(kind)
    if isinstance(named, str):
        return [named]
    return [str(one) for one in listed((named or {}).get("AWS"))]


def _delegates(ours: list[tuple[dict, Policy]], asked: tuple[str, str, Context]) -> bool:
    return any(one["Effect"] == "Allow" and _speaks(one, *asked) for one, _ in ours)


def policies_of(world: World, role: Resource) -> list[Policy]:
    """Inline and attached policies of a role; AWS's own as moto keeps them."""
    found = []
    for one in world.of("aws_iam_role_policy", "aws_iam_role_policy_attachment"):
        if role.block in world.origins(one, "role") and _same(world.instance(one, "role") or one.key, role.key):
            if one.type == "aws_iam_role_policy":
                found.append(Policy(one["name"] or one.short, world.document(one, "policy")))
            else:
                found.append(Policy(str(one["policy_arn"]).rpartition("/")[2], statements(managed(one["policy_arn"]))))
    return found


def documents_of(world: World, address: str) -> list[list[dict]]:
    """Statements of each policy of a role, by its address."""
    return [one.statements for one in policies_of(world, Resource(address, "aws_iam_role"))]


def boundary_of(world: World, role: Resource) -> list[Policy] | None:
    """None where the role has no permissions boundary."""
    if "permissions_boundary" in role.values and not role["permissions_boundary"]:
        return None
    named = world.origins(role, "permissions_boundary")
    found = [
        Policy(str(one["name"]), world.document(one, "policy"))
        for one in world.of("aws_iam_policy")
        if one.block in named
    ]
    return found or None


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


def _speaks(statement: dict, action: str, resource: str, context: Context) -> bool:
    return (
        _named(statement, "Action", action.lower(), lower=True)
        and _named(statement, "Resource", resource, context)
        and all(_holds(test, asked, context) for test, asked in statement.get("Condition", {}).items())
    )


def _named(statement: dict, kind: str, wanted: str, context: Context = NOTHING, *, lower: bool = False) -> bool:
    unlike = kind not in statement
    patterns = [str(one) for one in listed(statement[f"Not{kind}" if unlike else kind])]
    if not lower:
        filled = [_filled(one, context) for one in patterns]
        patterns = [one for one in filled if one is not None]
    met = any(_like(wanted, one.lower() if lower else one) for one in patterns)
    return met != unlike


def _filled(text: str, context: Context) -> str | None:
    """With the values of its variables; None where one has none, and the text matches nothing."""
    keys = {name.lower(): value for name, value in context.items()}
    missing = False

    def value(found: re.Match) -> str:
        nonlocal missing
        name, _, default = found[1].partition(",")
        given = keys.get(name.strip().lower(), default.strip().strip("'") or None)
        missing = missing or not isinstance(given, str)
        return str(given)

    filled = VARIABLE.sub(value, text)
    return None if missing else filled


def _like(value: str, pattern: str) -> bool:
    """What is known only after `apply` is like itself alone; a wildcard stands for it too."""
    if pattern == UNKNOWN:
        return value == UNKNOWN
    return _pattern(pattern).fullmatch(value) is not None


@cache
def _pattern(text: str) -> re.Pattern:
    return re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def _arn_like(value: str, pattern: str) -> bool:
    """Each of an ARN's six parts by itself: a wildcard does not reach over a colon."""
    parts, wanted = value.split(":", 5), pattern.split(":", 5)
    return len(parts) == len(wanted) and all(map(_like, parts, wanted))


def _in_network(value: str, network: str) -> bool:
    return ip_address(value) in ip_network(network)


OPERATORS = {
    "StringEquals": lambda value, wanted: value == wanted,
    "StringEqualsIgnoreCase": lambda value, wanted: value.lower() == wanted.lower(),
    "StringLike": _like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": lambda value, wanted: value.lower() == wanted.lower(),
    "IpAddress": _in_network,
    "NumericEquals": lambda value, wanted: float(value) == float(wanted),
    "NumericLessThan": lambda value, wanted: float(value) < float(wanted),
    "NumericLessThanEquals": lambda value, wanted: float(value) <= float(wanted),
    "NumericGreaterThan": lambda value, wanted: float(value) > float(wanted),
    "NumericGreaterThanEquals": lambda value, wanted: float(value) >= float(wanted),
    # ISO 8601 in UTC sorts as text.
    "DateLessThan": lambda value, wanted: value < wanted,
    "DateGreaterThan": lambda value, wanted: value > wanted,
    "BinaryEquals": lambda value, wanted: value == wanted,
}


def _holds(test: str, asked: dict, context: Context) -> bool:
    return all(_key_holds(test, name, [str(one) for one in listed(wanted)], context) for name, wanted in asked.items())


def _key_holds(test: str, name: str, wanted: list[str], context: Context) -> bool:
    scope, _, operator = test.rpartition(":")
    operator, optional = operator.removesuffix("IfExists"), operator.endswith("IfExists")
    given = {key.lower(): value for key, value in context.items()}.get(name.lower())
    if operator == "Null":
        return (given is None) == (wanted[0].lower() == "true")
    unlike = "Not" in operator
    if given is None:
        return optional or unlike or scope == "ForAllValues"
    alike = OPERATORS[operator.replace("Not", "")]
    patterns = [one for one in (_filled(one, context) for one in wanted) if one is not None]
    met = [any(alike(value, one) for one in patterns) != unlike for value in listed(given)]
    return any(met) if scope == "ForAnyValue" else all(met)
