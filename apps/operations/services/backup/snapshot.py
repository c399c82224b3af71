"""RDS snapshots: taken, waited for, and copied to a second region."""

import time
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from django.conf import settings
from django.utils.translation import gettext as _

from apps.operations.aws.clients import client
from apps.operations.errors import OperationFailed
from apps.operations.runs.report import Reporter

# Only what carries it is ever deleted.
OURS = {"Key": "MadeBy", "Value": "webmarket-backup"}


def snapshot_name(instance: str, now: datetime) -> str:
    return f"snap-{instance}-{now.astimezone(UTC):%Y-%m-%d-%H-%M}"


def required_instance() -> str:
    instance = settings.OPERATIONS["database_instance"]
    if not instance:
        raise OperationFailed(
            _("Aucune base RDS n’est nommée : renseignez DATABASE_INSTANCE, ou ajoutez --logical."), missing="instance"
        )
    return str(instance)


def take_snapshot(*, report: Reporter, now: datetime) -> dict[str, Any]:
    """Returns its description once it is available. A second call in the same minute waits for the same one."""
    instance = required_instance()
    name = snapshot_name(instance, now)
    rds = client("rds")
    tags = [OURS, {"Key": "Environment", "Value": settings.OPERATIONS["environment"]}]
    try:
        rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=instance, Tags=tags)
    except ClientError as error:
        if "AlreadyExists" not in error.response["Error"]["Code"]:
            raise
    report.say(_("Instantané %(name)s demandé.") % {"name": name})
    return wait_for_snapshot(rds, name, report)


def copy_snapshot(*, snapshot: dict[str, Any], region: str, report: Reporter) -> dict[str, Any]:
    name = snapshot["DBSnapshotIdentifier"]
    there = client("rds", region)
    key = settings.OPERATIONS["backup_kms_key"]
    try:
        there.copy_db_snapshot(
            SourceDBSnapshotIdentifier=snapshot["DBSnapshotArn"],
            TargetDBSnapshotIdentifier=name,
            SourceRegion=settings.OPERATIONS["region"],
            Tags=[OURS, {"Key": "Environment", "Value": settings.OPERATIONS["environment"]}],
            **({"KmsKeyId": key} if key else {}),
        )
    except ClientError as error:
        if "AlreadyExists" not in error.response["Error"]["Code"]:
            raise
    report.say(_("Copie de %(name)s vers %(region)s demandée.") % {"name": name, "region": region})
    return wait_for_snapshot(there, name, report)


def wait_for_snapshot(rds: Any, name: str, report: Reporter) -> dict[str, Any]:
    while True:
        (found,) = rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"]
        status = found["Status"]
        if status == "available":
            return dict(found)
        if status in {"failed", "incompatible-restore"}:
            raise OperationFailed(
                _("RDS n’a pas pu terminer l’instantané %(name)s (%(status)s) : supprimez-le, puis recommencez.")
                % {"name": name, "status": status},
                snapshot=name,
            )
        report.progress(f"{name} {status}", found.get("PercentProgress"), 100)
        time.sleep(settings.OPERATIONS["poll_seconds"])
