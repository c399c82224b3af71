"""Whom a KMS key must let use it: the services that encrypt with it by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from rules.world import Resource, Rule, World, listed, statements

# Services that act with a key for themselves, not for whoever calls them, and the argument that names the key.
USERS = {
    "aws_cloudwatch_log_group": ("kms_key_id", "logs."),
    "aws_sns_topic": ("kms_master_key_id", "cloudwatch.amazonaws.com"),
    "aws_cloudtrail": ("kms_key_id", "cloudtrail.amazonaws.com"),
}
EDGE = "cloudfront.amazonaws.com"


def keys_admit_their_users(world: World) -> Iterator[str]:
    for key in world.of("aws_kms_key"):
        principals = _principals(key)
        for kind, (argument, service) in USERS.items():
            users = {one.block: one for one in world.of(kind) if key.block in world.origins(one, argument)}
            if users and not any(one.startswith(service) for one in principals):
                using = ", ".join(one.short for one in users.values())
                yield f"{key.short} does not admit {service}* for {using}"


def the_edge_decrypts_what_it_reads(world: World) -> Iterator[str]:
    """CloudFront reads a bucket for itself, with the key that the bucket encrypts with."""
    read = {
        block for one in world.of("aws_cloudfront_distribution") for block in world.origins(one, "origin.domain_name")
    }
    for encryption in world.of("aws_s3_bucket_server_side_encryption_configuration"):
        if not world.origins(encryption, "bucket") & read:
            continue
        keys = world.origins(encryption, "rule.apply_server_side_encryption_by_default.kms_master_key_id")
        for key in world.of("aws_kms_key"):
            if key.block in keys and EDGE not in _principals(key):
                yield f"{key.short} does not admit {EDGE} for {encryption.short}"


def _principals(key: Resource) -> list[str]:
    return [
        str(who)
        for one in statements(key["policy"])
        if one["Effect"] == "Allow" and isinstance(one["Principal"], dict)
        for who in listed(one["Principal"].get("Service"))
    ]


RULES = (
    Rule(
        "a key admits the services that encrypt with it",
        "A log group is refused a key whose policy does not name CloudWatch Logs of the region.",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
        keys_admit_their_users,
    ),
    Rule(
        "the edge decrypts what it reads",
        "An origin that encrypts with a key answers 403 to a distribution that the key's policy does not name.",
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
        the_edge_decrypts_what_it_reads,
    ),
)
