"""A small RDS instance beside the shop's, in its isolated subnets, for as long as a restored backup is looked at."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from apps.operations.aws.clients import client
from apps.operations.errors import OperationFailed
from apps.operations.runs.report import Reporter
from apps.operations.services.backup.snapshot import OURS, required_instance

CLASS, GIGABYTES = "db.t4g.small", 20


@contextmanager
def scratch_server(report: Reporter) -> Iterator[dict[str, Any]]:
    """Where to connect, in the words of Django's DATABASES. It is deleted whatever happens, without a last snapshot."""
    rds = client("rds")
    instance = required_instance()
    (shop,) = rds.describe_db_instances(DBInstanceIdentifier=instance)["DBInstances"]
    name = f"restore-check-{instance}-{secrets.token_hex(3)}"
    subnets = shop.get("DBSubnetGroup")
    password = secrets.token_urlsafe(24)
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass=CLASS,
        Engine="mysql",
        EngineVersion=shop["EngineVersion"],
        AllocatedStorage=max(GIGABYTES, shop["AllocatedStorage"]),
        StorageEncrypted=True,
        MasterUsername="restore",
        MasterUserPassword=password,
        PubliclyAccessible=False,
        MultiAZ=False,
        BackupRetentionPeriod=0,
        VpcSecurityGroupIds=[group["VpcSecurityGroupId"] for group in shop.get("VpcSecurityGroups", [])],
        Tags=[OURS, {"Key": "Environment", "Value": settings.OPERATIONS["environment"]}],
        **({"DBSubnetGroupName": subnets["DBSubnetGroupName"]} if subnets else {}),
    )
    try:
        report.say(_("Instance %(name)s demandée.") % {"name": name})
        address = _wait(rds, name, report)
        yield {"HOST": address["Address"], "PORT": address["Port"], "USER": "restore", "PASSWORD": password}
    finally:
        rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True, DeleteAutomatedBackups=True)


def _wait(rds: Any, name: str, report: Reporter) -> dict[str, Any]:
    while True:
        (found,) = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        status = found["DBInstanceStatus"]
        if status == "available":
            return dict(found["Endpoint"])
        if status in {"failed", "incompatible-network", "incompatible-parameters", "storage-full"}:
            raise OperationFailed(
                _(
                    "RDS n’a pas pu préparer l’instance %(name)s (%(status)s) : regardez-la dans la console, puis "
                    "recommencez."
                )
                % {"name": name, "status": status}
            )
        report.progress(f"{name} {status}")
        time.sleep(settings.OPERATIONS["poll_seconds"])
