"""What an account has once, or must not have from us."""

from __future__ import annotations

from collections.abc import Iterator

from rules.world import Rule, World


def monitors_are_our_own(world: World) -> Iterator[str]:
    for one in world.of("aws_ce_anomaly_monitor"):
        if one["monitor_type"] == "DIMENSIONAL" and one["monitor_dimension"] == "SERVICE":
            yield f"{one.short} watches all services: an account has one such monitor, and AWS has made it"


RULES = (
    Rule(
        "one monitor of all services for each account",
        "An account has one monitor of the kind; those with Cost Explorer since 2023 have AWS's own.",
        "https://docs.aws.amazon.com/cost-management/latest/userguide/management-limits.html",
        monitors_are_our_own,
    ),
)
