"""What browsers and caches keep for longer than a mistake lasts."""

from __future__ import annotations

from collections.abc import Iterator

from rules.world import Rule, World, listed


def preloading_is_asked_for(world: World) -> Iterator[str]:
    for policy in world.of("aws_cloudfront_response_headers_policy"):
        for security in listed(policy["security_headers_config"]):
            for given in listed(security.get("strict_transport_security")):
                if given["preload"]:
                    yield f"{policy.short} puts the whole domain on browsers' lists, which nobody has asked for"


RULES = (
    Rule(
        "preloading is asked for",
        "A domain on browsers' preload lists comes off them after months; every name below it must speak HTTPS.",
        "https://hstspreload.org/#removal",
        preloading_is_asked_for,
    ),
)
