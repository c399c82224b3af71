"""Fills an inventory, one file for each family of services. Every call only reads."""

from collections.abc import Callable
from datetime import datetime

from apps.operations.aws.clients import client
from apps.operations.runs.report import Reporter
from apps.operations.services.audit.asking import Ask
from apps.operations.services.audit.inventory import Inventory
from apps.operations.services.audit.readers.backups import read_backups
from apps.operations.services.audit.readers.compute import read_compute
from apps.operations.services.audit.readers.data import read_budgets, read_data
from apps.operations.services.audit.readers.databases import read_databases
from apps.operations.services.audit.readers.identity import read_identity
from apps.operations.services.audit.readers.measures import read_measures
from apps.operations.services.audit.readers.network import read_network
from apps.operations.services.audit.readers.services import read_services
from apps.operations.services.audit.readers.storage import read_buckets
from apps.operations.services.audit.readers.watching import read_watching

REGIONAL: dict[str, Callable[[Ask, Inventory, str], None]] = {
    "EC2": read_compute,
    "VPC": read_network,
    "RDS": read_databases,
    "CloudWatch": read_watching,
    "SQS, SNS, KMS, Lambda, CloudTrail, GuardDuty": read_services,
    "DynamoDB, ECR, EFS": read_data,
}


def read_account(*, ask: Ask, regions: list[str], report: Reporter, now: datetime) -> Inventory:
    """Global services through the first region."""
    home = regions[0]
    # Without this call's permission there are no valid credentials.
    inventory = Inventory(account=client("sts", home).get_caller_identity()["Account"], now=now)
    total = len(REGIONAL) * len(regions) + 5
    done = 0

    def say(name: str) -> None:
        nonlocal done
        done += 1
        report.progress(name, done, total)

    for region in regions:
        for name, read in REGIONAL.items():
            say(f"{name}, {region}")
            read(ask, inventory, region)
    say("S3")
    read_buckets(ask, inventory, home)
    say("IAM")
    read_identity(ask, inventory, home)
    say("Budgets")
    read_budgets(ask, inventory, home)
    say("CloudWatch")
    read_measures(ask, inventory)
    say("S3")
    read_backups(ask, inventory, home)
    return inventory
