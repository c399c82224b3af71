"""Who asks for health."""

from rules import health
from rules.world import World

from .planned import problems_of, world


def test_a_host_is_not_ended_for_the_database():
    def served(path: str, grace: int = 300) -> World:
        group = {"health_check_type": "ELB", "health_check_grace_period": grace}
        target = ("aws_lb_target_group.this", {"health_check": [{"path": path}]})
        return world(("aws_autoscaling_group.this", group), target)

    assert problems_of(health.only_a_hosts_own_health_ends_it, served("/health/live")) == []
    assert len(problems_of(health.only_a_hosts_own_health_ends_it, served("/health"))) == 1
    assert problems_of(health.a_cold_host_has_time, served("/health/live")) == []
    assert len(problems_of(health.a_cold_host_has_time, served("/health/live", 60))) == 1


def test_a_health_check_is_looked_at():
    resources = [("aws_route53_health_check.shop", {}), ("aws_cloudwatch_metric_alarm.shop", {})]
    assert len(problems_of(health.health_checks_are_looked_at, world(*resources))) == 1
    references = {"aws_cloudwatch_metric_alarm.shop": {"dimensions": "aws_route53_health_check.shop.id"}}
    assert problems_of(health.health_checks_are_looked_at, world(*resources, references=references)) == []
