"""How much of something AWS allows."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator

from environment_plan import CLOUDFRONT_LIST

from rules.world import Resource, Rule, World, listed

RULES_PER_GROUP = 60
GROUPS_PER_INTERFACE = 5
CONDITION_VALUES_PER_RULE = 5
RULES_PER_BALANCER = 100
INLINE_POLICY_CHARACTERS = 10_240
MANAGED_POLICY_CHARACTERS = 6_144
TRUST_POLICY_CHARACTERS = 2_048
STANDARD_PARAMETER_BYTES = 4_096
USER_DATA_BYTES = 16_384
# A prefix list takes as many rules as it weighs, whatever it holds.
WEIGHTS = {CLOUDFRONT_LIST: 55}
DIRECTIONS = {
    "aws_vpc_security_group_ingress_rule": "inbound",
    "aws_vpc_security_group_egress_rule": "outbound",
}


def security_group_rules(world: World) -> Iterator[str]:
    weights: dict[tuple[str, str], int] = defaultdict(int)
    for rule in world.of(*DIRECTIONS):
        groups = _groups(world, rule)
        if not groups:
            yield f"{rule.short}: its group cannot be told"
        for group in groups:
            weights[group, DIRECTIONS[rule.type]] += _weight(rule)
    for (group, direction), weight in sorted(weights.items()):
        if weight > RULES_PER_GROUP:
            yield f"{group}: its {direction} rules count as {weight}, and a group holds {RULES_PER_GROUP}"


def _groups(world: World, rule: Resource) -> list[str]:
    blocks = world.origins(rule, "security_group_id")
    return sorted(one for one in blocks if ".aws_security_group." in f".{one}")


def _weight(rule: Resource) -> int:
    # A list that nobody has weighed counts as the heaviest.
    return WEIGHTS.get(rule["prefix_list_id"], max(WEIGHTS.values())) if rule["prefix_list_id"] else 1


def groups_of_an_interface(world: World) -> Iterator[str]:
    for one in world.of("aws_lb", "aws_launch_template", "aws_vpc_endpoint", "aws_db_instance"):
        groups = [*listed(one["security_groups"]), *listed(one["vpc_security_group_ids"])]
        if len(groups) > GROUPS_PER_INTERFACE:
            yield f"{one.short} has {len(groups)} security groups, and an interface takes {GROUPS_PER_INTERFACE}"


def balancer_rules(world: World) -> Iterator[str]:
    rules = world.of("aws_lb_listener_rule")
    if len(rules) > RULES_PER_BALANCER:
        yield f"{len(rules)} rules stand at the balancer, which takes {RULES_PER_BALANCER}"
    for rule in rules:
        values = sum(len(_values(condition)) for condition in rule["condition"] or [])
        if values > CONDITION_VALUES_PER_RULE:
            yield f"{rule.short} compares {values} values, and a rule takes {CONDITION_VALUES_PER_RULE}"


def _values(condition: dict) -> list:
    return [value for kind in condition.values() for block in listed(kind) for value in listed(block.get("values"))]


def policy_sizes(world: World) -> Iterator[str]:
    """Inline policies of a role count together; white space does not count."""
    inline: dict[str, int] = defaultdict(int)
    for one in world.of("aws_iam_role_policy"):
        role = f"{', '.join(sorted(world.origins(one, 'role'))) or one.block}{one.key}"
        inline[role] += _characters(one["policy"])
    for role, size in inline.items():
        if size > INLINE_POLICY_CHARACTERS:
            yield f"{role}: inline policies of {size} characters, of {INLINE_POLICY_CHARACTERS} that a role takes"
    for one in world.of("aws_iam_policy"):
        if _characters(one["policy"]) > MANAGED_POLICY_CHARACTERS:
            yield f"{one.short}: {_characters(one['policy'])} characters, of {MANAGED_POLICY_CHARACTERS}"
    for one in world.of("aws_iam_role"):
        if _characters(one["assume_role_policy"]) > TRUST_POLICY_CHARACTERS:
            yield f"{one.short}: a trust policy of more than {TRUST_POLICY_CHARACTERS} characters"


def _characters(document: str | None) -> int:
    return len(json.dumps(json.loads(document), separators=(",", ":"))) if document else 0


def values_fit(world: World) -> Iterator[str]:
    for one in world.of("aws_ssm_parameter"):
        if one["tier"] in (None, "Standard") and len((one["value"] or "").encode()) > STANDARD_PARAMETER_BYTES:
            yield f"{one.short} is longer than {STANDARD_PARAMETER_BYTES} bytes"
    for one in world.of("aws_launch_template"):
        if len(one["user_data"] or "") * 3 // 4 > USER_DATA_BYTES:
            yield f"{one.short}: user data of more than {USER_DATA_BYTES} bytes"


RULES = (
    Rule(
        "rules of a security group",
        "A rule that names a prefix list counts as many times as the list weighs; CloudFront's weighs 55.",
        "https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html",
        security_group_rules,
    ),
    Rule(
        "security groups of an interface",
        "An interface takes five security groups.",
        "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html",
        groups_of_an_interface,
    ),
    Rule(
        "rules and conditions of a balancer",
        "A balancer takes 100 rules, and a rule compares five values.",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html",
        balancer_rules,
    ),
    Rule(
        "sizes of policies",
        "IAM counts characters without white space, those of a role's inline policies together.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
        policy_sizes,
    ),
    Rule(
        "sizes of parameters and user data",
        "A standard parameter holds 4 KB, user data 16 KB.",
        "https://docs.aws.amazon.com/general/latest/gr/ssm.html",
        values_fit,
    ),
)
