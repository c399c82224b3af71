"""What production must be, whatever the other environments may."""

from __future__ import annotations

from collections.abc import Iterator

from rules.world import Rule, World

WORLD = "0.0.0.0/0"
NAME = "production"


def production_cannot_be_lost(world: World) -> Iterator[str]:
    if world.name != NAME:
        return
    for kind, argument in (("aws_lb", "enable_deletion_protection"), ("aws_db_instance", "deletion_protection")):
        for one in world.of(kind):
            if not one[argument]:
                yield f"{one.short} can be deleted by one call"
    for one in world.of("aws_db_instance"):
        # A replica's last state is its source's.
        if one["skip_final_snapshot"] and ".replica" not in one.block:
            yield f"{one.short} leaves no snapshot behind"
    for one in world.of("aws_s3_bucket"):
        if one["force_destroy"]:
            yield f"{one.short} is emptied when it is destroyed"
    for one in world.of("aws_secretsmanager_secret"):
        if not one["recovery_window_in_days"]:
            yield f"{one.short} is gone at once"


def production_survives_a_zone(world: World) -> Iterator[str]:
    if world.name != NAME:
        return
    zones = {one["availability_zone"] for one in world.of("aws_subnet") if ".app" in one.block}
    gateways = len(world.of("aws_nat_gateway"))
    if gateways < len(zones):
        yield f"{gateways} NAT gateway serves {len(zones)} zones"
    for one in world.of("aws_autoscaling_group"):
        if one["min_size"] < len(zones):
            yield f"{one.short} may stand in {one['min_size']} of {len(zones)} zones"


def production_is_reached_by_the_edge_alone(world: World) -> Iterator[str]:
    for one in world.of("aws_vpc_security_group_ingress_rule"):
        if world.name == NAME and one["cidr_ipv4"] == WORLD:
            yield f"{one.short} admits everybody, who need not come by the edge"


RULES = (
    Rule(
        "production cannot be lost by one call",
        "Deletion protection, final snapshots and recovery windows are off unless they are asked for.",
        "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/back-up-data.html",
        production_cannot_be_lost,
    ),
    Rule(
        "production survives the loss of a zone",
        "A NAT gateway stands in one zone, and so does an instance.",
        "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html",
        production_survives_a_zone,
    ),
    Rule(
        "production is reached by the edge alone",
        "Who reaches the balancer past CloudFront comes past the firewall too.",
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/restrict-access-to-load-balancer.html",
        production_is_reached_by_the_edge_alone,
    ),
)
