"""A new RDS instance from a snapshot of the shop's, or with its state at a moment of the last days.

It stands beside the shop's: nothing of that is touched. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html
"""

import time
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from apps.operations.aws.clients import client
from apps.operations.aws.errors import is_missing
from apps.operations.errors import OperationFailed
from apps.operations.runs.report import Reporter
from apps.operations.services.backup.snapshot import required_instance

# As RDS names instances: no two hyphens together, none at the end.
RDS_NAME = r"^[a-z](?:-?[a-z0-9])*$"
LATEST = "latest"
# Not the tag of backups, whose holders `cleanup` deletes.
RESTORED = {"Key": "RestoredBy", "Value": "webmarket"}
FAILED = {"failed", "incompatible-network", "incompatible-parameters", "incompatible-restore", "storage-full"}


def parsed_moment(text: str) -> datetime | None:
    """Without an offset, by the shop's clock."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    if found is None:
        return None
    return found if found.tzinfo else timezone.make_aware(found)


def restore_instance(
    *, name: str, snapshot: str, moment: str, data: dict[str, Any], dry_run: bool, report: Reporter
) -> str:
    """Returns a sentence; raises OperationFailed where an instance of that name exists, or the moment is out of
    reach."""
    rds, source = client("rds"), required_instance()
    _refuse_existing(rds, name)
    (shop,) = rds.describe_db_instances(DBInstanceIdentifier=source)["DBInstances"]
    how = _from_moment(shop, moment) if moment else _from_snapshot(rds, source, snapshot)
    data["instance"] = {"name": name, "source": how["said"]}
    if dry_run:
        return _("L’instance %(name)s serait faite de %(source)s.") % {"name": name, "source": how["said"]}
    getattr(rds, how["call"])(**how["given"], **_like(shop), **{how["name"]: name})
    report.say(_("Instance %(name)s demandée, de %(source)s.") % {"name": name, "source": how["said"]})
    found = _wait(rds, name, report)
    data["instance"]["endpoint"] = f"{found['Endpoint']['Address']}:{found['Endpoint']['Port']}"
    return _(
        "L’instance %(name)s est faite de %(source)s et répond à %(endpoint)s, avec les utilisateurs et mots de passe "
        "d’alors. Étape suivante : mettez-la dans DATABASE_URL d’un terminal, lancez migrate, puis suivez "
        "docs/runbooks/recovery.md."
    ) % {"name": name, "source": how["said"], "endpoint": data["instance"]["endpoint"]}


def _refuse_existing(rds: Any, name: str) -> None:
    try:
        rds.describe_db_instances(DBInstanceIdentifier=name)
    except ClientError as error:
        if is_missing(error):
            return
        raise
    raise OperationFailed(_("Une instance s’appelle déjà %(name)s : donnez un autre nom.") % {"name": name})


def _from_snapshot(rds: Any, source: str, snapshot: str) -> dict[str, Any]:
    """The named one, or the newest that is available."""
    if not snapshot:
        pages = rds.get_paginator("describe_db_snapshots").paginate(DBInstanceIdentifier=source, SnapshotType="manual")
        found = [each for page in pages for each in page["DBSnapshots"] if each["Status"] == "available"]
        if not found:
            text = _("La base %(name)s n’a aucun instantané : restaurez un moment (--to-point-in-time).")
            raise OperationFailed(text % {"name": source})
        snapshot = max(found, key=lambda each: each["SnapshotCreateTime"])["DBSnapshotIdentifier"]
    return {
        "call": "restore_db_instance_from_db_snapshot",
        "given": {"DBSnapshotIdentifier": snapshot},
        "name": "DBInstanceIdentifier",
        "said": snapshot,
    }


def _from_moment(shop: dict[str, Any], text: str) -> dict[str, Any]:
    """RDS refuses a moment after the last that it can restore, which is some five minutes ago."""
    source, last = shop["DBInstanceIdentifier"], shop.get("LatestRestorableTime")
    given: dict[str, Any] = {"SourceDBInstanceIdentifier": source}
    moment = None if text == LATEST else parsed_moment(text)
    if moment and last and moment > last:
        raise OperationFailed(
            _("RDS ne peut restaurer %(name)s que jusqu’au %(last)s : donnez un moment d’avant, ou latest.")
            % {"name": source, "last": timezone.localtime(last).strftime("%d/%m/%Y %H:%M:%S")}
        )
    given |= {"RestoreTime": moment.astimezone(UTC)} if moment else {"UseLatestRestorableTime": True}
    when = timezone.localtime(moment).strftime("%d/%m/%Y %H:%M:%S") if moment else LATEST
    return {
        "call": "restore_db_instance_to_point_in_time",
        "given": given,
        "name": "TargetDBInstanceIdentifier",
        "said": f"{source}, {when}",
    }


def _like(shop: dict[str, Any]) -> dict[str, Any]:
    """Without these RDS takes the default network, security group and parameters."""
    subnets, groups = shop.get("DBSubnetGroup"), shop.get("DBParameterGroups", [])
    return {
        "DBInstanceClass": shop["DBInstanceClass"],
        "PubliclyAccessible": False,
        "MultiAZ": False,
        "DeletionProtection": True,
        "CopyTagsToSnapshot": True,
        "VpcSecurityGroupIds": [group["VpcSecurityGroupId"] for group in shop.get("VpcSecurityGroups", [])],
        "Tags": [RESTORED, {"Key": "Environment", "Value": settings.OPERATIONS["environment"]}],
        **({"DBSubnetGroupName": subnets["DBSubnetGroupName"]} if subnets else {}),
        **({"DBParameterGroupName": groups[0]["DBParameterGroupName"]} if groups else {}),
    }


def _wait(rds: Any, name: str, report: Reporter) -> dict[str, Any]:
    while True:
        (found,) = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        status = found["DBInstanceStatus"]
        if status == "available":
            return dict(found)
        if status in FAILED:
            text = _("RDS n’a pas pu faire %(name)s (%(status)s) : regardez-la dans la console, puis recommencez.")
            raise OperationFailed(text % {"name": name, "status": status})
        report.progress(f"{name} {status}")
        time.sleep(settings.OPERATIONS["poll_seconds"])
