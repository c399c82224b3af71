"""What an account has once, or must not have from us."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from rules.world import Rule, World

# What an account has one of by its name, in all its regions, with the argument that names it.
OF_THE_ACCOUNT = {
    **dict.fromkeys(("aws_iam_instance_profile", "aws_iam_policy", "aws_iam_role", "aws_iam_user"), "name"),
    **dict.fromkeys(
        (
            *("aws_cloudfront_cache_policy", "aws_cloudfront_key_group", "aws_cloudfront_origin_access_control"),
            *("aws_cloudfront_origin_request_policy", "aws_cloudfront_public_key"),
            "aws_cloudfront_response_headers_policy",
        ),
        "name",
    ),
    "aws_budgets_budget": "name",
    "aws_s3_bucket": "bucket",
}
# What a region of an account has one of.
OF_A_REGION = {
    **dict.fromkeys(
        (
            *("aws_autoscaling_group", "aws_backup_plan", "aws_backup_vault", "aws_cloudwatch_log_group"),
            *("aws_db_subnet_group", "aws_launch_template", "aws_lb", "aws_lb_target_group", "aws_scheduler_schedule"),
            *("aws_secretsmanager_secret", "aws_sns_topic", "aws_sqs_queue", "aws_ssm_parameter", "aws_wafv2_web_acl"),
        ),
        "name",
    ),
    "aws_cloudwatch_dashboard": "dashboard_name",
    "aws_cloudwatch_metric_alarm": "alarm_name",
    "aws_db_instance": "identifier",
    "aws_sesv2_configuration_set": "configuration_set_name",
    "aws_xray_group": "group_name",
    "aws_xray_sampling_rule": "rule_name",
}


def monitors_are_our_own(world: World) -> Iterator[str]:
    for one in world.of("aws_ce_anomaly_monitor"):
        if one["monitor_type"] == "DIMENSIONAL" and one["monitor_dimension"] == "SERVICE":
            yield f"{one.short} watches all services: an account has one such monitor, and AWS has made it"


def names_carry_their_environment(world: World) -> Iterator[str]:
    """Another environment of the same account would ask for the same name."""
    own = re.compile(rf"webmarket[-/]{re.escape(world.name)}(?![a-z0-9])")
    for kind, argument in {**OF_THE_ACCOUNT, **OF_A_REGION}.items():
        for one in world.of(kind):
            name = one[argument]
            if name and not own.search(name):
                yield f"{one.short} is called {name}, as it would be in every environment"


def names_are_given_once(world: World) -> Iterator[str]:
    """In the second region too."""
    for kind, argument in OF_THE_ACCOUNT.items():
        for name, count in Counter(one[argument] for one in world.of(kind) if one[argument]).items():
            if count > 1:
                yield f"{count} of {kind} are called {name}"


RULES = (
    Rule(
        "one monitor of all services for each account",
        "An account has one monitor of the kind; those with Cost Explorer since 2023 have AWS's own.",
        "https://docs.aws.amazon.com/cost-management/latest/userguide/management-limits.html",
        monitors_are_our_own,
    ),
    Rule(
        "names carry their environment",
        "Environments share an account: what one has named, another cannot have.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names",
        names_carry_their_environment,
    ),
    Rule(
        "names are given once",
        "Roles, buckets and what the edge has are an account's, not a region's.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names",
        names_are_given_once,
    ),
)
