"""What must be there before something else is made. Terraform makes in parallel what does not wait for each other."""

from __future__ import annotations

from collections.abc import Iterator

from rules.world import Resource, Rule, World, listed, statements

# Who writes into a bucket: its type, the argument that names the bucket, and whom the bucket's policy must let in.
WRITERS = (
    ("aws_lb", "access_logs.bucket", ("logdelivery.elasticloadbalancing.amazonaws.com", ":root")),
    ("aws_s3_bucket_logging", "target_bucket", ("logging.s3.amazonaws.com",)),
    ("aws_cloudtrail", "s3_bucket_name", ("cloudtrail.amazonaws.com",)),
)
# Who acts by a role, and may be asked to at once.
ACTORS = (
    ("aws_db_instance", "monitoring_role_arn"),
    ("aws_flow_log", "iam_role_arn"),
    ("aws_backup_selection", "iam_role_arn"),
    ("aws_backup_restore_testing_selection", "iam_role_arn"),
    ("aws_s3_bucket_replication_configuration", "role"),
)
RIGHTS = ("aws_iam_role_policy", "aws_iam_role_policy_attachment")
# An instance's way to AWS: without it, it boots without settings.
WAYS = ("aws_route", "aws_route_table_association", "aws_vpc_security_group_egress_rule")


def writers_wait_for_the_bucket_policy(world: World) -> Iterator[str]:
    for kind, argument, principals in WRITERS:
        for writer in world.of(kind):
            if kind == "aws_lb" and not _writes(writer):
                continue
            admitting = [one for one in world.of("aws_s3_bucket_policy") if _admits(one, principals)]
            if not admitting:
                yield f"{writer.short}: no bucket's policy lets it write its logs"
            for policy in admitting:
                if not world.waits_for(writer.block, policy.block):
                    yield f"{writer.short} does not wait for {policy.short}, which lets it write ({argument})"


def _writes(balancer: Resource) -> bool:
    return any(block["enabled"] for block in listed(balancer["access_logs"]))


def _admits(policy: Resource, principals: tuple[str, ...]) -> bool:
    return any(
        one["Effect"] == "Allow" and str(who).endswith(principals)
        for one in statements(policy["policy"])
        for kind in (one["Principal"].values() if isinstance(one["Principal"], dict) else ())
        for who in listed(kind)
    )


def roles_hold_their_rights_before_they_act(world: World) -> Iterator[str]:
    rights = [(one, role) for one in world.of(*RIGHTS) for role in world.origins(one, "role")]
    for kind, argument in ACTORS:
        for actor in {one.block: one for one in world.of(kind)}.values():
            roles = {role for role in world.origins(actor, argument) if ".aws_iam_role." in f".{role}"}
            yield from _missing(world, actor, {right.block for right, role in rights if role in roles})
    for template in {one.block: one for one in world.of("aws_launch_template")}.values():
        roles = {
            role
            for profile in world.origins(template, "iam_instance_profile.arn")
            for one in world.of("aws_iam_instance_profile")
            if one.block == profile
            for role in world.origins(one, "role")
        }
        if not roles:
            yield f"{template.short}: the role of its instances cannot be told"
        for group in _groups_of(world, template):
            yield from _missing(world, group, {right.block for right, role in rights if role in roles})


def _groups_of(world: World, template: Resource) -> list[Resource]:
    groups = {one.block: one for one in world.of("aws_autoscaling_group")}
    return [one for one in groups.values() if world.waits_for(one.block, template.block)]


def _missing(world: World, actor: Resource, rights: set[str]) -> Iterator[str]:
    for right in sorted(rights):
        if not world.waits_for(actor.block, right):
            yield f"{actor.short} does not wait for {right}: its role may still have no right"


def instances_wait_for_their_way_out(world: World) -> Iterator[str]:
    for group in {one.block: one for one in world.of("aws_autoscaling_group")}.values():
        for way in sorted({one.block for one in world.of(*WAYS) if ".app" in one.block}):
            if not world.waits_for(group.block, way):
                yield f"{group.short} does not wait for {way}: its instances boot without a way to AWS"


RULES = (
    Rule(
        "logs wait for the bucket's policy",
        "A balancer is refused whose bucket does not yet let it write.",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html",
        writers_wait_for_the_bucket_policy,
    ),
    Rule(
        "a role holds its rights before it acts",
        "RDS refuses a monitoring role without its policy, Backup a role that cannot read tags; instances boot once.",
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html",
        roles_hold_their_rights_before_they_act,
    ),
    Rule(
        "instances have a way out when they boot",
        "What is fetched at boot goes through NAT, a route and the group's rules.",
        "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-scenarios.html",
        instances_wait_for_their_way_out,
    ),
)
