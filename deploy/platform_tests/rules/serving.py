"""Parts that must fit each other for the shop to serve, and not to lose what it has taken on."""

from __future__ import annotations

from collections.abc import Iterator

from rules.world import Rule, World, listed

# A task may take fifteen minutes (deploy/systemd/webmarket-worker.service), a request a few seconds.
DRAIN_SECONDS = {"web": 60, "workers": 900}
LEAST_DEREGISTRATION = 15
LEAST_DEAD_DAYS = 7
DAY = 86_400


def targets_can_be_reached(world: World) -> Iterator[str]:
    admitted = {
        one["from_port"]
        for one in world.of("aws_vpc_security_group_ingress_rule")
        if any(".aws_security_group.app" in f".{group}" for group in world.origins(one, "security_group_id"))
    }
    for group in world.of("aws_lb_target_group"):
        if group["port"] not in admitted:
            yield f"{group.short} asks port {group['port']}, and the instances admit {sorted(admitted)}"


def what_leaves_ends_its_work(world: World) -> Iterator[str]:
    for group in world.of("aws_lb_target_group"):
        if int(group["deregistration_delay"] or 0) < LEAST_DEREGISTRATION:
            yield f"{group.short} gives requests {group['deregistration_delay']} s to end"
    for group in world.of("aws_autoscaling_group"):
        hook = group.address.replace("aws_autoscaling_group.this", "aws_autoscaling_lifecycle_hook.drain")
        given = [one["heartbeat_timeout"] for one in world.of("aws_autoscaling_lifecycle_hook") if one.address == hook]
        wanted = DRAIN_SECONDS.get(str(group["name"]).rpartition("-")[2], 0)
        if not given or given[0] < wanted:
            yield f"{group.short} gives its instances {given or 'no time'} s to end their work, of {wanted}"


def dead_letters_outlive_a_week(world: World) -> Iterator[str]:
    for queue in world.of("aws_sqs_queue"):
        if str(queue["name"]).endswith("-dead") and queue["message_retention_seconds"] < LEAST_DEAD_DAYS * DAY:
            yield f"{queue.short} forgets what failed after {queue['message_retention_seconds']} s"


def files_are_read_by_the_distribution_alone(world: World) -> Iterator[str]:
    for distribution in world.of("aws_cloudfront_distribution"):
        for origin in listed(distribution["origin"]):
            # An id that is known only after `apply` is missing; one that is there and empty is no access control.
            control = origin.get("origin_access_control_id", "known later")
            if not control and not listed(origin.get("custom_origin_config")):
                yield f"{distribution.short} asks {origin['origin_id']} without access control, which answers 403"


def limits_refuse(world: World) -> Iterator[str]:
    for firewall in world.of("aws_wafv2_web_acl"):
        for rule in listed(firewall["rule"]):
            rated = any(one.get("rate_based_statement") for one in listed(rule["statement"]))
            if rated and not any(one.get("block") for one in listed(rule["action"])):
                yield f"{firewall.short}: {rule['name']} counts, and refuses nobody"


def something_is_backed_up(world: World) -> Iterator[str]:
    for selection in world.of("aws_backup_selection"):
        resources = selection["resources"]
        if resources == [] and not world.origins(selection, "resources"):
            yield f"{selection.short} selects nothing"
        if not any(".aws_db_instance." in f".{one}" for one in world.origins(selection, "resources")):
            yield f"{selection.short} leaves the database out"


def slow_queries_are_logged(world: World) -> Iterator[str]:
    for group in world.of("aws_db_parameter_group"):
        given = {one["name"]: one["value"] for one in listed(group["parameter"])}
        if given.get("slow_query_log") != "1" or given.get("log_output") != "FILE":
            yield f"{group.short}: no slow query reaches CloudWatch"


def budgets_notify_somebody(world: World) -> Iterator[str]:
    for budget in world.of("aws_budgets_budget"):
        for notification in listed(budget["notification"]):
            if not listed(notification.get("subscriber_email_addresses")):
                yield f"{budget.short} tells nobody at {notification['threshold']} %"


RULES = (
    Rule(
        "the balancer asks a port that is open",
        "A target that does not answer on its port never becomes healthy.",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-register-targets.html",
        targets_can_be_reached,
    ),
    Rule(
        "what leaves ends its work",
        "An instance is terminated when its hook times out, and requests are cut when deregistration has.",
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html",
        what_leaves_ends_its_work,
    ),
    Rule(
        "dead letters outlive a week",
        "A message counts its age from its first queue, so that a dead-letter queue must keep longer.",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
        dead_letters_outlive_a_week,
    ),
    Rule(
        "files are read by the distribution alone",
        "A private bucket answers CloudFront where the origin signs its requests.",
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
        files_are_read_by_the_distribution_alone,
    ),
    Rule(
        "limits refuse",
        "A rule that counts lets everybody through.",
        "https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-action.html",
        limits_refuse,
    ),
    Rule(
        "the database is backed up",
        "A plan backs up what a selection assigns to it.",
        "https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html",
        something_is_backed_up,
    ),
    Rule(
        "slow queries are logged",
        "RDS exports the slow query log where it is on and goes to a file.",
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.MySQLDB.PublishtoCloudWatchLogs.html",
        slow_queries_are_logged,
    ),
    Rule(
        "budgets tell somebody",
        "A notification without a subscriber is refused or says nothing.",
        "https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-best-practices.html",
        budgets_notify_somebody,
    ),
)
