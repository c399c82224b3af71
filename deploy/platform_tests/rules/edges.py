"""What browsers and caches keep for longer than a mistake lasts."""

from __future__ import annotations

from collections.abc import Iterator

from rules.world import Rule, World, listed

READING = {"GET", "HEAD", "OPTIONS"}


def preloading_is_asked_for(world: World) -> Iterator[str]:
    for policy in world.of("aws_cloudfront_response_headers_policy"):
        for security in listed(policy["security_headers_config"]):
            for given in listed(security.get("strict_transport_security")):
                if given["preload"]:
                    yield f"{policy.short} puts the whole domain on browsers' lists, which nobody has asked for"


def origin_groups_are_read_alone(world: World) -> Iterator[str]:
    for distribution in world.of("aws_cloudfront_distribution"):
        groups = {one["origin_id"] for one in listed(distribution["origin_group"])}
        for kind in ("default_cache_behavior", "ordered_cache_behavior"):
            for one in listed(distribution[kind]):
                writing = set(one["allowed_methods"]) - READING
                if one["target_origin_id"] in groups and writing:
                    place = one.get("path_pattern", "every page")
                    yield f"{distribution.short}: the group of {place} takes no {', '.join(sorted(writing))}"


RULES = (
    Rule(
        "preloading is asked for",
        "A domain on browsers' preload lists comes off them after months; every name below it must speak HTTPS.",
        "https://hstspreload.org/#removal",
        preloading_is_asked_for,
    ),
    Rule(
        "origin groups are read alone",
        "CloudFront fails over for GET, HEAD and OPTIONS, and takes no other method where an origin is a group.",
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html",
        origin_groups_are_read_alone,
    ),
)
