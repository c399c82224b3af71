"""What every environment must be, and what the release scripts call it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from local import ROOT

from rules.world import Rule, World

# What stands in which subnets, by the argument that names them.
TIERS = (
    ("aws_autoscaling_group", "vpc_zone_identifier", "app"),
    ("aws_vpc_endpoint", "subnet_ids", "app"),
    ("aws_lb", "subnets", "public"),
    ("aws_db_subnet_group", "subnet_ids", "database"),
)
ROLLBACK_ALARMS = ROOT / "terraform" / "modules" / "monitoring" / "rollback_alarms.json"


def each_part_stands_in_its_tier(world: World) -> Iterator[str]:
    for kind, argument, tier in TIERS:
        for one in {one.block: one for one in world.of(kind)}.values():
            found = {origin for origin in world.origins(one, argument) if ".aws_subnet." in f".{origin}"}
            if wrong := sorted(origin for origin in found if not origin.endswith(f"aws_subnet.{tier}")):
                yield f"{one.short} stands in {', '.join(wrong)}, not in the subnets {tier}"
            elif not found and one["vpc_endpoint_type"] != "Gateway":
                yield f"{one.short}: its subnets cannot be told"


def the_database_has_a_standby(world: World) -> Iterator[str]:
    for one in world.of("aws_db_instance"):
        if "recovery" not in one.block and ".replica" not in one.block and not one["multi_az"]:
            yield f"{one.short} has no standby in another zone"


def release_scripts_find_what_they_name(world: World) -> Iterator[str]:
    """deploy/bin knows resources by names that follow from the environment's."""
    sys.path.append(str(ROOT / "deploy" / "bin"))
    from release import FLEETS, Environment

    named = Environment(world.name)
    alarms = [f"{named.prefix}-{alarm}" for alarm in json.loads(ROLLBACK_ALARMS.read_text())]
    wanted = [
        *(("aws_autoscaling_group", "name", named.fleet(role)) for role in FLEETS),
        ("aws_db_instance", "identifier", named.database),
        ("aws_ssm_parameter", "name", named.image_parameter),
        *(("aws_cloudwatch_metric_alarm", "alarm_name", alarm) for alarm in alarms),
    ]
    for kind, argument, name in wanted:
        if name not in {one[argument] for one in world.of(kind)}:
            yield f"deploy/bin names {name}, and there is no such {kind}"


def what_is_versioned_is_copied(world: World) -> Iterator[str]:
    """Where there is a second region."""
    copies = world.of("aws_s3_bucket_replication_configuration")
    versioned = {one.key for one in world.of("aws_s3_bucket_versioning") if "recovery" not in one.block}
    if copies and (missing := sorted(versioned - {one.key for one in copies})):
        yield f"the buckets {', '.join(missing)} are not copied to the second region"


RULES = (
    Rule(
        "each part stands in its tier",
        "Instances and the database have no public address, and the balancer needs one.",
        "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-example-private-subnets-nat.html",
        each_part_stands_in_its_tier,
    ),
    Rule(
        "the database has a standby",
        "RDS fails over by itself where there is an instance in another zone.",
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html",
        the_database_has_a_standby,
    ),
    Rule(
        "release scripts find what they name",
        "A refresh names its group and alarms, and is refused where one is not there.",
        "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_StartInstanceRefresh.html",
        release_scripts_find_what_they_name,
    ),
    Rule(
        "what is versioned is copied",
        "S3 copies the buckets that have a replication configuration, and only those.",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html",
        what_is_versioned_is_copied,
    ),
)
