"""The resources of the account: AWS's descriptions, each with `Arn`, `Region` and measurements."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Thing = dict[str, Any]
# Metrics: (name of the metric, ARN) and its values, a day each.
Measures = dict[tuple[str, str], list[float]]


@dataclass
class Inventory:
    account: str
    now: datetime
    instances: list[Thing] = field(default_factory=list)
    fleets: list[Thing] = field(default_factory=list)
    templates: list[Thing] = field(default_factory=list)
    volumes: list[Thing] = field(default_factory=list)
    snapshots: list[Thing] = field(default_factory=list)
    images: list[Thing] = field(default_factory=list)
    # Snapshots that an image of ours starts from.
    imaged: set[str] = field(default_factory=set)
    elastic_ips: list[Thing] = field(default_factory=list)
    groups: list[Thing] = field(default_factory=list)
    gateways: list[Thing] = field(default_factory=list)
    vpcs: list[Thing] = field(default_factory=list)
    network_acls: list[Thing] = field(default_factory=list)
    # Whether a region encrypts new disks by itself, by its name; without an entry AWS did not say.
    encrypts_disks: dict[str, bool] = field(default_factory=dict)
    endpoints: list[Thing] = field(default_factory=list)
    balancers: list[Thing] = field(default_factory=list)
    databases: list[Thing] = field(default_factory=list)
    database_snapshots: list[Thing] = field(default_factory=list)
    caches: list[Thing] = field(default_factory=list)
    buckets: list[Thing] = field(default_factory=list)
    # The account's own block of public buckets; None where AWS does not say.
    account_block: dict[str, bool] | None = None
    tables: list[Thing] = field(default_factory=list)
    repositories: list[Thing] = field(default_factory=list)
    file_systems: list[Thing] = field(default_factory=list)
    secrets: list[Thing] = field(default_factory=list)
    queues: list[Thing] = field(default_factory=list)
    topics: list[Thing] = field(default_factory=list)
    keys: list[Thing] = field(default_factory=list)
    # Keys whose deletion is scheduled.
    doomed_keys: list[Thing] = field(default_factory=list)
    functions: list[Thing] = field(default_factory=list)
    log_groups: list[Thing] = field(default_factory=list)
    trails: list[Thing] = field(default_factory=list)
    trails_readable: bool = False
    # Whether GuardDuty watches a region, by its name; without an entry AWS did not say.
    watched_by_guardduty: dict[str, bool] = field(default_factory=dict)
    # Empty where the account has none, None where AWS does not say.
    password_policy: Thing | None = None
    certificates: list[Thing] = field(default_factory=list)
    alarms: list[Thing] = field(default_factory=list)
    # Regions whose alarms could not be read.
    unread_alarms: set[str] = field(default_factory=set)
    # Whether the account has a budget; None where AWS does not say.
    has_budget: bool | None = None
    users: list[Thing] = field(default_factory=list)
    # Users, roles and groups with their policies, and customer managed policies that are attached.
    holders: list[Thing] = field(default_factory=list)
    policies: list[Thing] = field(default_factory=list)
    root: Thing = field(default_factory=dict)
    measures: Measures = field(default_factory=dict)
    # On demand hours already bought in advance: (« ec2 » or « rds », type) and how many.
    reserved: dict[tuple[str, str], int] = field(default_factory=dict)
    # When the newest logical backup ended; unreadable without a bucket, or without permission.
    newest_backup_at: datetime | None = None
    backups_readable: bool = False

    def arn(self, service: str, region: str, rest: str) -> str:
        return f"arn:aws:{service}:{region}:{self.account}:{rest}"


def tags(thing: Thing) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in thing.get("Tags") or thing.get("TagList") or []}


def is_for_trying(thing: Thing) -> bool:
    """Whether a tag says that it is not production; without a tag a resource counts as production."""
    return tags(thing).get("Environment", "production").lower() not in {"prod", "production"}


def running(inventory: Inventory) -> Iterable[Thing]:
    return (each for each in inventory.instances if each["State"]["Name"] == "running")
