"""Who asks for health, and what they do with the answer."""

from __future__ import annotations

from collections.abc import Iterator

from rules.world import Rule, World, listed

# apps/api/health.py: `live` touches nothing outside the process; /health is 503 without the database.
OF_THE_HOST = "/health/live"
# A cold host reads its disk from a snapshot on first use.
LEAST_GRACE = 180


def only_a_hosts_own_health_ends_it(world: World) -> Iterator[str]:
    ending = any(one["health_check_type"] == "ELB" for one in world.of("aws_autoscaling_group"))
    for group in world.of("aws_lb_target_group"):
        for asked in listed(group["health_check"]):
            if ending and asked["path"] != OF_THE_HOST:
                yield (
                    f"{group.short} asks {asked['path']}: without the database every host fails, and the group ends all"
                )


def a_cold_host_has_time(world: World) -> Iterator[str]:
    for group in world.of("aws_autoscaling_group"):
        if group["health_check_type"] == "ELB" and group["health_check_grace_period"] < LEAST_GRACE:
            yield f"{group.short} gives a new host {group['health_check_grace_period']} s, of {LEAST_GRACE}"


def health_checks_are_looked_at(world: World) -> Iterator[str]:
    looking = {
        origin
        for one in world.of("aws_cloudwatch_metric_alarm", "aws_route53_record")
        for argument in ("dimensions", "health_check_id")
        for origin in world.origins(one, argument)
    }
    for check in world.of("aws_route53_health_check"):
        if check.block not in looking:
            yield f"{check.short} is made and paid for, and no alarm or record looks at it"


RULES = (
    Rule(
        "a host is ended for its own illness alone",
        "With ELB health checks the group ends every host that the balancer finds unhealthy.",
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/health-checks-overview.html",
        only_a_hosts_own_health_ends_it,
    ),
    Rule(
        "a cold host has time to become healthy",
        "Blocks of a volume made from a snapshot are fetched from S3 when they are first read.",
        "https://docs.aws.amazon.com/ebs/latest/userguide/initalize-volume.html",
        a_cold_host_has_time,
    ),
    Rule(
        "a health check is looked at",
        "A health check changes nothing by itself.",
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html",
        health_checks_are_looked_at,
    ),
)
