"""A temporary small RDS instance in the shop's isolated subnets, for checks of a restored backup."""

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError
from django.conf import settings
from django.utils.translation import gettext as _

from apps.operations.aws.clients import client
from apps.operations.aws.errors import is_missing
from apps.operations.errors import OperationFailed
from apps.operations.runs.report import Reporter
from apps.operations.services.backup.snapshot import OURS, required_instance

CLASS, GIGABYTES = "db.t4g.small", 20


@contextmanager
def scratch_server(report: Reporter) -> Iterator[dict[str, Any]]:
    """Connection settings as in Django's DATABASES. The instance is deleted in any case, without a last snapshot."""
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
        endpoint = _wait(rds, name, report)
        yield {"HOST": endpoint["Address"], "PORT": endpoint["Port"], "USER": "restore", "PASSWORD": password}
    finally:
        delete_instance(name)


def left_instances() -> list[dict[str, Any]]:
    """Those that checks of this shop's backups made, by name and tag, whoever uses them; one being deleted is not
    among them."""
    instance = settings.OPERATIONS["database_instance"]
    if not instance:
        return []
    name = re.compile(rf"restore-check-{re.escape(instance)}-[0-9a-f]{{6}}")
    return [
        found
        for page in client("rds").get_paginator("describe_db_instances").paginate()
        for found in page["DBInstances"]
        if name.fullmatch(found["DBInstanceIdentifier"])
        and OURS in found.get("TagList", [])
        and found["DBInstanceStatus"] != "deleting"
    ]


def delete_instance(name: str) -> None:
    client("rds").delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True, DeleteAutomatedBackups=True)


def sweep_instances(report: Reporter) -> None:
    """Deletes instances of checks that died: one check runs at a time, and has not created its own yet. What AWS
    refuses, as while one is being created, is reported and left to the next sweep."""
    for found in left_instances():
        name = found["DBInstanceIdentifier"]
        try:
            delete_instance(name)
        except ClientError as error:
            if not is_missing(error):
                report.say(
                    _("Instance %(name)s, laissée par un essai interrompu : pas encore supprimée (%(reason)s).")
                    % {"name": name, "reason": error.response["Error"]["Message"]}
                )
            continue
        report.say(_("Instance %(name)s, laissée par un essai interrompu : supprimée.") % {"name": name})


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
