"""How much AWS allows."""

from environment_plan import CLOUDFRONT_LIST
from rules import quotas
from rules.world import World

from .planned import world


def from_edge(*ports: int) -> World:
    rules = [
        (f'aws_vpc_security_group_ingress_rule.edge["{port}"]', {"prefix_list_id": CLOUDFRONT_LIST}) for port in ports
    ]
    references = {"aws_vpc_security_group_ingress_rule.edge": {"security_group_id": "aws_security_group.balancer.id"}}
    return world(*rules, references=references)


def test_a_prefix_list_counts_by_its_weight():
    assert list(quotas.security_group_rules(from_edge(443))) == []
    (problem,) = quotas.security_group_rules(from_edge(80, 443))
    assert "aws_security_group.balancer" in problem
    assert "110" in problem


def test_rules_of_two_groups_are_not_added_up():
    both = {"security_group_id": "local.groups"}
    rules = [
        (f'aws_vpc_security_group_egress_rule.{name}["x"]', {"prefix_list_id": CLOUDFRONT_LIST}) for name in ("a", "b")
    ]
    planned = world(
        *rules,
        references={f"aws_vpc_security_group_egress_rule.{name}": both for name in ("a", "b")},
        waits=[(f"aws_vpc_security_group_egress_rule.{name}", f"aws_security_group.{name}") for name in ("a", "b")],
    )
    assert list(quotas.security_group_rules(planned)) == []


def test_a_listener_rule_compares_five_values():
    def rule(paths: int):
        return world(("aws_lb_listener_rule.web", {"condition": [{"path_pattern": [{"values": ["/"] * paths}]}]}))

    assert list(quotas.balancer_rules(rule(5))) == []
    assert len(list(quotas.balancer_rules(rule(6)))) == 1


def policy(characters: int) -> dict[str, str]:
    return {"policy": '{"Statement": [{"Sid": "' + "x" * (characters - 26) + '"}]}'}


def test_inline_policies_of_a_role_count_together():
    two = {f"aws_iam_role_policy.{name}": {"role": "aws_iam_role.web.id"} for name in ("shop", "more")}
    small = world(*((block, policy(5_000)) for block in two), references=two)
    assert list(quotas.policy_sizes(small)) == []
    large = world(*((block, policy(5_200)) for block in two), references=two)
    (problem,) = quotas.policy_sizes(large)
    assert "10400" in problem


def test_a_managed_policy_is_smaller():
    assert list(quotas.policy_sizes(world(("aws_iam_policy.ceiling", policy(6_144))))) == []
    assert len(list(quotas.policy_sizes(world(("aws_iam_policy.ceiling", policy(6_145)))))) == 1
