"""After the shop's own operations, and after everything is destroyed."""

from __future__ import annotations

import json

from applied.aws import OURS, Aws, Check, differs


def metrics_arrived(aws: Aws) -> str:
    logs, group = aws("logs"), f"/webmarket/{aws.name}/workers"
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    events = [
        event
        for stream in streams
        for event in logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
    ]
    return differs(["OrdersPlaced" in json.loads(event["message"]) for event in events], [True])


def a_snapshot_of_the_database_was_taken(aws: Aws) -> str:
    found = aws("rds").describe_db_snapshots(DBInstanceIdentifier=aws.name, SnapshotType="manual")["DBSnapshots"]
    prefix = f"snap-{aws.name}-"
    seen = [(one["DBSnapshotIdentifier"].startswith(prefix), one["Status"], one["Encrypted"]) for one in found]
    return differs(seen, [(True, "available", True)])


def nothing_is_left(aws: Aws) -> str:
    """Except manual and final snapshots, which are kept after the database."""
    roles = [one["RoleName"] for one in aws("iam").list_roles()["Roles"]]
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
        *(name for name in roles if name.startswith(aws.name)),
        *(one["UserName"] for one in aws("iam").list_users()["Users"]),
        *aws("sesv2").list_email_identities()["EmailIdentities"],
        *(one["Name"] for one in aws("secretsmanager").list_secrets()["SecretList"]),
        *(one["Name"] for one in aws("ssm").describe_parameters()["Parameters"]),
        *aws("cloudfront").list_distributions()["DistributionList"].get("Items", []),
        *aws("route53").list_hosted_zones()["HostedZones"],
        *(one["Name"] for one in aws("scheduler").list_schedules()["Schedules"]),
    ]
    return differs(left, [])


AFTER_OPERATIONS: tuple[Check, ...] = (metrics_arrived, a_snapshot_of_the_database_was_taken)
AFTER_DESTROY: tuple[Check, ...] = (nothing_is_left,)
