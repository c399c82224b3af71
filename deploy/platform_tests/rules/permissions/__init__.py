"""What each role must be allowed for the calls that are made as it, and that it is allowed nothing else.

The calls are those of aws_calls.py, recorded against moto, and those of programs that cannot run here, each with its
page. https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
says which right and resource a call asks for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aws_calls import recorded
from environment_plan import ACCOUNT, REGION

from rules.permissions.asked_for import Right, of_key, rights
from rules.permissions.called_as import ROLES, UNTESTED, callers, is_called
from rules.permissions.programs import ELSEWHERE
from rules.policies import Grants, Policy, Verdict, boundary_of, evaluate, policies_of
from rules.world import Resource, Rule, World, listed


@dataclass(frozen=True)
class Need:
    """A right that a role needs, with who asks for it."""

    role: str
    asked_by: str
    right: Right


def needed(world: World) -> list[Need]:
    settings = {str(one["name"]).rpartition("/")[2] for one in world.of("aws_ssm_parameter")}
    found = [
        Need(role, call.caller, right)
        for call in (*recorded(), *UNTESTED)
        if is_called(call, settings)
        for role in callers(call)
        for right in rights(world, call)
    ]
    found += [Need(one.role, one.asked_by, right) for one in found for right in of_key(world, one.right)]
    found += [Need(role, one.program, right) for one in ELSEWHERE for right in one.rights(world) for role in one.roles]
    return list(dict.fromkeys(found))


def roles(world: World) -> dict[str, Resource]:
    wanted = {f"webmarket-{world.name}-{role}": role for role in ROLES}
    return {wanted[one["name"]]: one for one in world.of("aws_iam_role") if one["name"] in wanted}


def grants_of(world: World, role: Resource) -> Grants:
    return Grants(policies_of(world, role), boundary_of(world, role))


def resource_policies(world: World, resource: str) -> list[Policy] | None:
    """Policies of a bucket, queue or key that is the environment's own; None where it has none."""
    service, name = resource.split(":")[2], resource.rpartition(":")[2].partition("/")[0]
    found = []
    if service == "s3":
        owned = {one["bucket"]: one for one in world.of("aws_s3_bucket")}
        for one in world.of("aws_s3_bucket_policy"):
            if one["bucket"] == name or (name in owned and owned[name].key == one.key and one["bucket"] is None):
                found.append(Policy(one.short, world.document(one, "policy")))
    if service == "sqs":
        found = [
            Policy(one.short, world.document(one, "policy")) for one in world.of("aws_sqs_queue") if one["name"] == name
        ]
    return found or None


def decide(world: World, role: Resource, grants: Grants, right: Right) -> Verdict:
    principal = f"arn:aws:iam::{ACCOUNT}:role/{role['name']}"
    always = {"aws:SecureTransport": "true", "aws:PrincipalArn": principal, "aws:RequestedRegion": REGION}
    own = resource_policies(world, right.resource) if right.resource.startswith("arn:") else None
    full = Grants(grants.role, grants.boundary, own)
    return evaluate(full, principal, right.action, right.resource, {**always, **right.context})


def table(world: World) -> Iterator[tuple[str, str, str, str, str]]:
    """Role, action, resource, what decides, and who asks."""
    there = roles(world)
    grants = {name: grants_of(world, role) for name, role in there.items()}
    asking: dict[tuple[str, Right], list[str]] = {}
    for need in needed(world):
        if need.role in there:
            asking.setdefault((need.role, need.right), []).append(need.asked_by)
    for (name, right), askers in asking.items():
        verdict = decide(world, there[name], grants[name], right)
        decided = verdict.by if verdict.allowed else f"NOT ALLOWED: {verdict.by}"
        yield name, right.action, right.resource, decided, ", ".join(dict.fromkeys(askers))


def missing(world: World) -> Iterator[str]:
    for role, action, resource, decided, askers in table(world):
        if decided.startswith("NOT ALLOWED"):
            yield f"webmarket-{world.name}-{role} may not {action} {resource} ({decided[13:]}); {askers} does"


def unused(world: World) -> Iterator[str]:
    """By statement, action and resource: what no need comes through."""
    every = needed(world)
    for name, role in roles(world).items():
        asked = [need.right for need in every if need.role == name]
        for policy in policies_of(world, role):
            for one in policy.statements:
                for action, resource in parts_of(one):
                    part = Grants([Policy("", [{**one, "Action": action, "Resource": resource}])])
                    if not any(decide(world, role, part, right).allowed for right in asked):
                        yield f"{role['name']}: {one.get('Sid')} allows {action} on {resource}, and nothing asks for it"


def parts_of(statement: dict) -> list[tuple[str, str]]:
    if statement["Effect"] != "Allow":
        return []
    return [(action, place) for action in listed(statement["Action"]) for place in listed(statement["Resource"])]


RULES = (
    Rule(
        "roles may do what is called as them",
        "Where no statement allows a call, or one denies it, AWS refuses it.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html",
        missing,
    ),
    Rule(
        "roles may do nothing else",
        "A right that nothing uses is one that only somebody else would use.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        unused,
    ),
)
