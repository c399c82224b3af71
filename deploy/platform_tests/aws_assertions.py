"""Assertions on AWS's answers after `apply`, the operations and `destroy`: each returns what is wrong, or nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import boto3
from moto_server import KEYS, REGION
from terraform_cli import SAMPLE

NAME = "webmarket-demo"
OURS = [{"Name": "tag:Project", "Values": ["webmarket"]}]
WORLD = {"0.0.0.0/0", "::/0"}


class Aws:
    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        # Terraform's outputs.
        self.alarm_names: set[str] = set()

    def __call__(self, service: str, region: str = REGION) -> Any:
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        )

    def subnets(self) -> dict[str, set[str]]:
        """Ids by tier."""
        tiers: dict[str, set[str]] = {}
        for subnet in self("ec2").describe_subnets(Filters=OURS)["Subnets"]:
            tags = {tag["Key"]: tag["Value"] for tag in subnet["Tags"]}
            tiers.setdefault(tags["Tier"], set()).add(subnet["SubnetId"])
        return tiers

    def groups(self) -> dict[str, dict]:
        found = self("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        return {group["AutoScalingGroupName"].removeprefix(f"{NAME}-"): group for group in found}

    def policy(self, role: str) -> list[dict]:
        document = self("iam").get_role_policy(RoleName=f"{NAME}-{role}", PolicyName="shop")["PolicyDocument"]
        return document["Statement"]


def as_list(one_or_more: str | list[str]) -> list[str]:
    return [one_or_more] if isinstance(one_or_more, str) else one_or_more


def differs(found: object, wanted: object) -> str:
    return "" if found == wanted else f"{found}, not {wanted}"


def there_are_six_subnets_in_three_tiers(aws: Aws) -> str:
    found = {tier: len(ids) for tier, ids in aws.subnets().items()}
    return differs(found, {"public": 2, "app": 2, "database": 2})


def the_world_reaches_the_balancer_alone(aws: Aws) -> str:
    found = {
        (group["GroupName"].removeprefix(f"{NAME}-"), rule["FromPort"])
        for group in aws("ec2").describe_security_groups(Filters=OURS)["SecurityGroups"]
        for rule in group["IpPermissions"]
        if WORLD & {span.get("CidrIp", span.get("CidrIpv6")) for span in rule["IpRanges"] + rule["Ipv6Ranges"]}
    }
    return differs(found, {("balancer", 80), ("balancer", 443)})


def the_database_tier_has_no_way_out(aws: Aws) -> str:
    isolated = aws.subnets()["database"]
    ways = [
        route
        for table in aws("ec2").describe_route_tables(Filters=OURS)["RouteTables"]
        if isolated & {link.get("SubnetId") for link in table["Associations"]}
        for route in table["Routes"]
        if route.get("DestinationCidrBlock") in WORLD
    ]
    return differs(ways, [])


def one_nat_gateway_is_up(aws: Aws) -> str:
    return differs([gateway["State"] for gateway in aws("ec2").describe_nat_gateways()["NatGateways"]], ["available"])


def fleets_have_their_bounds(aws: Aws) -> str:
    found = {role: (group["MinSize"], group["MaxSize"]) for role, group in aws.groups().items()}
    return differs(found, {"web": (2, 4), "workers": (1, 2)})


def fleets_stand_in_the_private_subnets(aws: Aws) -> str:
    found = {subnet for group in aws.groups().values() for subnet in group["VPCZoneIdentifier"].split(",")}
    return differs(found, aws.subnets()["app"])


def templates_take_imdsv2_and_the_released_image(aws: Aws) -> str:
    ec2, found = aws("ec2"), {}
    for role in ("web", "workers"):
        versions = ec2.describe_launch_template_versions(LaunchTemplateName=f"{NAME}-{role}", Versions=["$Latest"])
        data = versions["LaunchTemplateVersions"][0]["LaunchTemplateData"]
        disks = [disk["Ebs"]["Encrypted"] for disk in data["BlockDeviceMappings"]]
        found[role] = (data["MetadataOptions"]["HttpTokens"], data["ImageId"], all(disks))
    wanted = ("required", os.environ.get("WEBMARKET_IMAGE", SAMPLE["image_id"]), True)
    return differs(found, {"web": wanted, "workers": wanted})


def the_database_is_private_encrypted_and_has_a_standby(aws: Aws) -> str:
    database = aws("rds").describe_db_instances(DBInstanceIdentifier=NAME)["DBInstances"][0]
    found = {name: database[name] for name in ("MultiAZ", "StorageEncrypted", "PubliclyAccessible")}
    return differs(found, {"MultiAZ": True, "StorageEncrypted": True, "PubliclyAccessible": False})


def the_database_is_restorable_for_a_week_and_requires_tls(aws: Aws) -> str:
    rds = aws("rds")
    database = rds.describe_db_instances(DBInstanceIdentifier=NAME)["DBInstances"][0]
    group = database["DBParameterGroups"][0]["DBParameterGroupName"]
    parameters = rds.describe_db_parameters(DBParameterGroupName=group)["Parameters"]
    tls = [one["ParameterValue"] for one in parameters if one["ParameterName"] == "require_secure_transport"]
    return differs((database["BackupRetentionPeriod"], tls), (7, ["1"]))


def buckets_are_private_encrypted_and_require_tls(aws: Aws) -> str:
    s3, wrong = aws("s3"), []
    buckets = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    for bucket in buckets:
        block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        statements = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
        s3.get_bucket_encryption(Bucket=bucket)
        plain = {"Bool": {"aws:SecureTransport": "false"}}
        tls = any(one["Effect"] == "Deny" and one.get("Condition") == plain for one in statements)
        if not (all(block.values()) and len(block) == 4 and tls):
            wrong.append(bucket)
    return differs((len(buckets), wrong), (4, []))


def backups_are_versioned_and_locked(aws: Aws) -> str:
    s3 = aws("s3")
    bucket = next(one["Name"] for one in s3.list_buckets()["Buckets"] if one["Name"].startswith(f"{NAME}-backups"))
    locked = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    found = (s3.get_bucket_versioning(Bucket=bucket)["Status"], locked["Rule"]["DefaultRetention"]["Mode"])
    return differs(found, ("Enabled", "GOVERNANCE"))


def the_balancer_serves_tls_and_checks_health(aws: Aws) -> str:
    balancing = aws("elbv2")
    arn = balancing.describe_load_balancers(Names=[NAME])["LoadBalancers"][0]["LoadBalancerArn"]
    listeners = {one["Port"]: one for one in balancing.describe_listeners(LoadBalancerArn=arn)["Listeners"]}
    health = balancing.describe_target_groups(Names=[f"{NAME}-web"])["TargetGroups"][0]["HealthCheckPath"]
    modern = listeners[443]["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2")
    return differs((modern, listeners[80]["DefaultActions"][0]["Type"], health), (True, "redirect", "/health/live"))


def queues_keep_their_dead_letters(aws: Aws) -> str:
    sqs, found = aws("sqs"), {}
    for url in sqs.list_queues()["QueueUrls"]:
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        found[url.rpartition("/")[2].removeprefix(f"{NAME}-")] = "RedrivePolicy" in attributes
    return differs(found, {"default": True, "default-dead": False, "operations": True, "operations-dead": False})


def web_hosts_hold_no_right_of_the_workers(aws: Aws) -> str:
    """Except on the dead-letter queues, which staff read and redrive from the web."""
    held = {
        action
        for one in aws.policy("web")
        for action in as_list(one["Action"])
        if not all(resource.endswith("-dead") for resource in as_list(one["Resource"]))
    }
    wrong = {action for action in held if action.startswith(("rds:", "autoscaling:")) or action == "sqs:ReceiveMessage"}
    return differs(wrong, set())


def every_service_role_has_a_ceiling(aws: Aws) -> str:
    iam, roles = aws("iam"), ("web", "workers", "migrate")
    found = {role: "PermissionsBoundary" in iam.get_role(RoleName=f"{NAME}-{role}")["Role"] for role in roles}
    return differs(found, dict.fromkeys(roles, True))


def the_edge_redirects_to_tls_and_has_a_firewall(aws: Aws) -> str:
    found = aws("cloudfront").list_distributions()["DistributionList"]["Items"]
    policies = [one["DefaultCacheBehavior"]["ViewerProtocolPolicy"] for one in found]
    rules = aws("wafv2", "us-east-1").list_web_acls(Scope="CLOUDFRONT")["WebACLs"]
    return differs(
        (policies, [bool(one.get("WebACLId")) for one in found], len(rules)), (["redirect-to-https"], [True], 1)
    )


def alarms_watch(aws: Aws) -> str:
    """Each alarm of Terraform's output exists and has an action."""
    found = aws("cloudwatch").describe_alarms()["MetricAlarms"]
    notifying = {alarm["AlarmName"] for alarm in found if alarm["AlarmActions"]}
    return differs((len(aws.alarm_names) > 0, aws.alarm_names - notifying), (True, set()))


def logs_end_after_a_week(aws: Aws) -> str:
    groups = aws("logs").describe_log_groups()["logGroups"]
    found = {group["logGroupName"]: group.get("retentionInDays") for group in groups}
    return differs((len(found) > 4, {name: days for name, days in found.items() if days != 7}), (True, {}))


AFTER_APPLY: list[Callable[[Aws], str]] = [
    there_are_six_subnets_in_three_tiers,
    the_world_reaches_the_balancer_alone,
    the_database_tier_has_no_way_out,
    one_nat_gateway_is_up,
    fleets_have_their_bounds,
    fleets_stand_in_the_private_subnets,
    templates_take_imdsv2_and_the_released_image,
    the_database_is_private_encrypted_and_has_a_standby,
    the_database_is_restorable_for_a_week_and_requires_tls,
    buckets_are_private_encrypted_and_require_tls,
    backups_are_versioned_and_locked,
    the_balancer_serves_tls_and_checks_health,
    queues_keep_their_dead_letters,
    web_hosts_hold_no_right_of_the_workers,
    every_service_role_has_a_ceiling,
    the_edge_redirects_to_tls_and_has_a_firewall,
    alarms_watch,
    logs_end_after_a_week,
]


def metrics_arrived(aws: Aws) -> str:
    logs, group = aws("logs"), f"/webmarket/{NAME}/workers"
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    events = [
        event
        for stream in streams
        for event in logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
    ]
    return differs(["OrdersPlaced" in json.loads(event["message"]) for event in events], [True])


def a_snapshot_of_the_database_was_taken(aws: Aws) -> str:
    found = aws("rds").describe_db_snapshots(DBInstanceIdentifier=NAME, SnapshotType="manual")["DBSnapshots"]
    seen = [(one["DBSnapshotIdentifier"].startswith(f"snap-{NAME}-"), one["Status"], one["Encrypted"]) for one in found]
    return differs(seen, [(True, "available", True)])


AFTER_OPERATIONS: list[Callable[[Aws], str]] = [metrics_arrived, a_snapshot_of_the_database_was_taken]


def nothing_is_left(aws: Aws) -> str:
    """Except manual snapshots, which are kept after the database."""
    left = [
        *aws.subnets().values(),
        *aws("ec2").describe_security_groups(Filters=OURS)["SecurityGroups"],
        *aws("ec2").describe_launch_templates()["LaunchTemplates"],
        *aws.groups(),
        *(one["DBInstanceIdentifier"] for one in aws("rds").describe_db_instances()["DBInstances"]),
        *(one["Name"] for one in aws("s3").list_buckets()["Buckets"]),
        *(one["LoadBalancerName"] for one in aws("elbv2").describe_load_balancers()["LoadBalancers"]),
        *aws("sqs").list_queues().get("QueueUrls", []),
        *(one["AlarmName"] for one in aws("cloudwatch").describe_alarms()["MetricAlarms"]),
        *(one["logGroupName"] for one in aws("logs").describe_log_groups()["logGroups"]),
        *(one["RoleName"] for one in aws("iam").list_roles()["Roles"] if one["RoleName"].startswith(NAME)),
        *(one["Name"] for one in aws("secretsmanager").list_secrets()["SecretList"]),
        *(one["Name"] for one in aws("ssm").describe_parameters()["Parameters"]),
        *aws("cloudfront").list_distributions()["DistributionList"].get("Items", []),
        *aws("route53").list_hosted_zones()["HostedZones"],
    ]
    return differs(left, [])


AFTER_DESTROY: list[Callable[[Aws], str]] = [nothing_is_left]
