"""AWS's answers after an apply, asked by boto3, and what each environment must be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import boto3
from moto_server import KEYS, REGION

OURS = [{"Name": "tag:Project", "Values": ["webmarket"]}]
WORLD = {"0.0.0.0/0", "::/0"}
ROLES = ("web", "workers")
BUCKETS = ("files", "lake", "backups", "logs")


@dataclass(frozen=True)
class Expected:
    """The drawn numbers of an environment."""

    nat_gateways: int
    # Fewest, most instances.
    web: tuple[int, int]
    workers: tuple[int, int]
    types: dict[str, str]
    database_class: str
    storage_gb: tuple[int, int]
    backup_days: int
    log_days: int
    disposable: bool
    # Who may ask the balancer: everybody, or the edge.
    behind_edge: bool
    endpoints: frozenset[str] = frozenset()
    schedules: int = 0
    managed_password: bool = True
    second_region: bool = False
    branch: str = "repo:example/webmarket:ref:refs/heads/main"
    more_settings: frozenset[str] = frozenset()
    signed_documents: bool = False
    # What moto cannot be asked to make.
    disk_gb: int = 16


EXPECTED = {
    "demo": Expected(
        nat_gateways=1,
        web=(2, 4),
        workers=(1, 2),
        types={"web": "t3.micro", "workers": "t3.micro"},
        database_class="db.t4g.micro",
        storage_gb=(20, 50),
        backup_days=7,
        log_days=7,
        disposable=True,
        behind_edge=False,
        schedules=4,
    ),
    "staging": Expected(
        nat_gateways=1,
        web=(2, 3),
        workers=(1, 2),
        types={"web": "t3.medium", "workers": "t3.medium"},
        database_class="db.t4g.small",
        storage_gb=(20, 100),
        backup_days=7,
        log_days=7,
        disposable=False,
        behind_edge=True,
        more_settings=frozenset({"DEV_TIMETABLE"}),
    ),
    "production": Expected(
        nat_gateways=2,
        web=(2, 4),
        workers=(2, 4),
        types={"web": "c5.large", "workers": "t3.medium"},
        database_class="db.m7g.large",
        storage_gb=(100, 500),
        backup_days=35,
        log_days=30,
        disposable=False,
        behind_edge=True,
        endpoints=frozenset({"sqs", "secretsmanager", "ssm"}),
        managed_password=False,
        second_region=True,
        branch="repo:example/webmarket:environment:production",
        more_settings=frozenset({"BACKUP_REGION", "BACKUP_KMS_KEY", "AWS_CLOUDFRONT_KEY_IDS"}),
        signed_documents=True,
    ),
}


@dataclass
class Aws:
    endpoint: str
    environment: str
    # Terraform's outputs.
    alarm_names: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        return f"webmarket-{self.environment}"

    @property
    def expected(self) -> Expected:
        return EXPECTED[self.environment]

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
        return {group["AutoScalingGroupName"].removeprefix(f"{self.name}-"): group for group in found}

    def security_groups(self) -> dict[str, dict]:
        found = self("ec2").describe_security_groups(Filters=OURS)["SecurityGroups"]
        return {group["GroupName"].removeprefix(f"{self.name}-"): group for group in found}

    def template(self, role: str) -> dict:
        versions = self("ec2").describe_launch_template_versions(
            LaunchTemplateName=f"{self.name}-{role}", Versions=["$Latest"]
        )
        return versions["LaunchTemplateVersions"][0]["LaunchTemplateData"]

    def database(self) -> dict:
        return self("rds").describe_db_instances(DBInstanceIdentifier=self.name)["DBInstances"][0]

    def bucket(self, key: str) -> str:
        return next(one for one in self.buckets if one.startswith(f"{self.name}-{key}-"))

    @cached_property
    def buckets(self) -> list[str]:
        return [bucket["Name"] for bucket in self("s3").list_buckets()["Buckets"]]

    def policy(self, role: str, name: str = "shop") -> list[dict]:
        found = self("iam").get_role_policy(RoleName=f"{self.name}-{role}", PolicyName=name)["PolicyDocument"]
        return found["Statement"]

    def role(self, name: str) -> dict:
        return self("iam").get_role(RoleName=f"{self.name}-{name}")["Role"]

    def parameters(self) -> dict[str, dict]:
        pages = self("ssm").get_paginator("describe_parameters").paginate()
        return {one["Name"]: one for page in pages for one in page["Parameters"]}

    def alarms(self, region: str = REGION) -> dict[str, dict]:
        pages = self("cloudwatch", region).get_paginator("describe_alarms").paginate()
        found = [one for page in pages for one in page["MetricAlarms"]]
        return {one["AlarmName"].removeprefix(f"{self.name}-"): one for one in found}

    def queues(self) -> Iterator[tuple[str, dict]]:
        sqs = self("sqs")
        for url in sqs.list_queues()["QueueUrls"]:
            attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            yield url.rpartition("/")[2].removeprefix(f"{self.name}-"), attributes


# Returns what is wrong, or nothing.
Check = Callable[[Aws], str]


def as_list(one_or_more: str | list[str]) -> list[str]:
    return [one_or_more] if isinstance(one_or_more, str) else one_or_more


def differs(found: object, wanted: object) -> str:
    return "" if found == wanted else f"{found}, not {wanted}"
