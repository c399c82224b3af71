"""What production must be."""

from rules import production

from .planned import problems_of, world

SAFE = {
    "aws_lb.this": {"enable_deletion_protection": True},
    "aws_db_instance.this": {"deletion_protection": True, "skip_final_snapshot": False},
    "aws_s3_bucket.this": {"force_destroy": False},
    "aws_secretsmanager_secret.this": {"recovery_window_in_days": 30},
    "aws_subnet.app[0]": {"availability_zone": "a"},
    "aws_subnet.app[1]": {"availability_zone": "b"},
    "aws_nat_gateway.this[0]": {},
    "aws_nat_gateway.this[1]": {},
    "aws_autoscaling_group.this": {"min_size": 2},
    "aws_vpc_security_group_ingress_rule.edge": {"prefix_list_id": "pl-1"},
}
MISTAKES = (
    {"aws_lb.this": {"enable_deletion_protection": False}},
    {"aws_db_instance.this": {**SAFE["aws_db_instance.this"], "deletion_protection": False}},
    {"aws_db_instance.this": {**SAFE["aws_db_instance.this"], "skip_final_snapshot": True}},
    {"aws_s3_bucket.this": {"force_destroy": True}},
    {"aws_secretsmanager_secret.this": {"recovery_window_in_days": 0}},
    {"aws_nat_gateway.this[1]": None},
    {"aws_autoscaling_group.this": {"min_size": 1}},
    {"aws_vpc_security_group_ingress_rule.edge": {"cidr_ipv4": "0.0.0.0/0"}},
)


def broken(name: str, mistake: dict) -> list[str]:
    given = {address: values for address, values in {**SAFE, **mistake}.items() if values is not None}
    planned = world(*given.items(), name=name)
    return [problem for rule in production.RULES for problem in problems_of(rule.check, planned)]


def test_production_is_safe():
    assert broken("production", {}) == []


def test_each_mistake_is_one_in_production_and_none_elsewhere():
    assert [len(broken("production", mistake)) for mistake in MISTAKES] == [1] * len(MISTAKES)
    assert [broken("demo", mistake) for mistake in MISTAKES] == [[]] * len(MISTAKES)
