"""Everything of ours that backups left: logical ones, snapshots of two regions, leftovers; and what of it is kept."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from apps.common import partial_files
from apps.common.temporary import left_folders
from apps.operations.aws.clients import client
from apps.operations.models import OperationRun
from apps.operations.services.backup import inventory, scratch
from apps.operations.services.backup.inventory import HOLD, NEWEST, Export, Policy, is_hold
from apps.operations.services.backup.leftovers import left_databases
from apps.operations.services.backup.media import own_folders
from apps.operations.services.backup.snapshot import OURS
from apps.operations.services.backup.store import Store
from apps.operations.services.backup.target import check_server
from apps.operations.services.backup.unfinished import left_unfinished


@dataclass(frozen=True)
class Backup:
    """Something of ours. `reason_to_keep` is empty when it may go; a leftover is of no use at any age. `facts` is what
    an inventory displays of it."""

    kind: str
    name: str
    at: datetime
    reason_to_keep: str = ""
    region: str = ""
    is_leftover: bool = False
    facts: dict[str, Any] = field(default_factory=dict, compare=False)


def find(store: Store, policy: Policy, *, unsigned: bool) -> tuple[list[Backup], dict[str, str]]:
    """Every backup, and what is not ours with the reason."""
    here = inventory.take(store, unsigned=unsigned)
    strange = dict(here.strange)
    reasons = inventory.reasons_to_keep(here.exports, policy)
    left = set(left_unfinished(store, policy.now))
    exports = [
        Backup(
            "export",
            each.prefix,
            each.at,
            reasons.get(each.prefix, ""),
            is_leftover=each.prefix in left,
            facts=_facts_of_export(each),
        )
        for each in here.exports
    ]
    return [*_snapshots(policy, strange), *_volume_snapshots(policy, strange), *exports], strange


def _facts_of_export(export: Export) -> dict[str, Any]:
    return {
        "environment": settings.OPERATIONS["environment"],
        "is_whole": export.is_whole,
        "is_held": export.is_held,
        "verified_at": export.verified_at.isoformat() if export.verified_at else None,
        **export.facts,
    }


def leftovers(now: datetime) -> Iterator[Backup]:
    """What died left behind, and which contains the shop's personal data: databases and instances of checks, temporary
    folders, and files that were being written."""
    for folder in left_folders():
        yield Backup("folder", str(folder), now, is_leftover=True)
    for place in (settings.OPERATIONS["backup_folder"], settings.OPERATIONS["lake_folder"], *own_folders()):
        for path in partial_files.left(place):
            yield Backup("file", str(path), now, is_leftover=True)
    with check_server() as server:
        for name in left_databases(server) if server else []:
            yield Backup("database", name, now, is_leftover=True)
    instances = scratch.left_instances()
    # A running check has one of its own.
    if instances and not OperationRun.objects.active().of("restore_check").filter(is_dry_run=False).exists():
        for found in instances:
            yield Backup("instance", found["DBInstanceIdentifier"], now, is_leftover=True)


def _regions() -> list[str]:
    """Ours, and the one where snapshots are copied."""
    here, there = settings.OPERATIONS["region"], settings.OPERATIONS["backup_region"]
    return [here, *([there] if there and there != here else [])]


def _snapshots(policy: Policy, strange: dict[str, str]) -> list[Backup]:
    """Manual RDS snapshots that backup_manager took of this instance, in this region and where it copies them."""
    if not settings.OPERATIONS["database_instance"]:
        return []
    found = [each for region in _regions() for each in _snapshots_of(region, policy, strange)]
    regions: dict[str, list[str]] = {}
    for each in found:
        regions.setdefault(each.name, []).append(each.region)
    for each in found:
        each.facts["copied_to"] = [region for region in regions[each.name] if region != each.region]
    return found


def _snapshots_of(region: str, policy: Policy, strange: dict[str, str]) -> Iterator[Backup]:
    instance = settings.OPERATIONS["database_instance"]
    rds = client("rds", region)
    pages = rds.get_paginator("describe_db_snapshots").paginate(DBInstanceIdentifier=instance, SnapshotType="manual")
    ours = []
    for snapshot in (snapshot for page in pages for snapshot in page["DBSnapshots"]):
        name, tags = snapshot["DBSnapshotIdentifier"], snapshot.get("TagList", [])
        if not name.startswith(f"snap-{instance}-") or OURS not in tags:
            strange[name] = _("pas un instantané de backup_manager")
        elif elsewhere := _environment(tags):
            strange[name] = _("de l’environnement %(name)s") % {"name": elsewhere}
        else:
            ours.append(snapshot)
    available = [snapshot for snapshot in ours if snapshot["Status"] == "available"]
    newest = {each["DBSnapshotIdentifier"] for each in sorted(available, key=_taken, reverse=True)[:NEWEST]}
    tiers = policy.tiers({each["DBSnapshotIdentifier"]: _taken(each) for each in available})
    for snapshot in ours:
        name = snapshot["DBSnapshotIdentifier"]
        is_shared = _is_shared(rds, name) if snapshot["Status"] == "available" else False
        reason = _reason_to_keep_snapshot(snapshot, is_shared, name in newest) or tiers.get(name, "")
        facts = {
            "environment": settings.OPERATIONS["environment"],
            "bytes": snapshot.get("AllocatedStorage", 0) * 2**30,
            "status": snapshot["Status"],
            "is_whole": snapshot["Status"] == "available",
            "is_held": _is_held(snapshot.get("TagList", [])),
            "is_shared": is_shared,
        }
        yield Backup("rds", name, _taken(snapshot), reason, region, facts=facts)


def _environment(tags: list[dict[str, str]]) -> str:
    """The environment of a tag, where it is not ours."""
    named = {tag["Value"] for tag in tags if tag["Key"] == "Environment"}
    return "" if not named or settings.OPERATIONS["environment"] in named else min(named)


def _taken(snapshot: dict[str, Any]) -> datetime:
    taken: datetime = snapshot["SnapshotCreateTime"]
    return taken


def _reason_to_keep_snapshot(snapshot: dict[str, Any], is_shared: bool, is_newest: bool) -> str:
    if is_newest:
        return _("parmi les %(count)d plus récents") % {"count": NEWEST}
    if _is_held(snapshot.get("TagList", [])):
        return _("retenu (%(tag)s)") % {"tag": HOLD}
    if snapshot["Status"] not in {"available", "failed"}:
        return str(snapshot["Status"])
    return _("partagé") if is_shared else ""


def _is_held(tags: list[dict[str, str]]) -> bool:
    return any(is_hold(tag["Key"]) for tag in tags)


def _is_shared(rds: Any, name: str) -> bool:
    attributes = rds.describe_db_snapshot_attributes(DBSnapshotIdentifier=name)["DBSnapshotAttributesResult"]
    return any(
        each["AttributeName"] == "restore" and each["AttributeValues"] for each in attributes["DBSnapshotAttributes"]
    )


def _volume_snapshots(policy: Policy, strange: dict[str, str]) -> list[Backup]:
    """Snapshots of volumes that carry our tag, except those that an image starts from; the newest are counted for each
    volume."""
    if not settings.OPERATIONS["database_instance"]:
        return []
    ec2 = client("ec2")
    mine = [{"Name": f"tag:{OURS['Key']}", "Values": [OURS["Value"]]}]
    snapshots = [
        snapshot
        for page in ec2.get_paginator("describe_snapshots").paginate(OwnerIds=["self"], Filters=mine)
        for snapshot in page["Snapshots"]
    ]
    for each in snapshots:
        if elsewhere := _environment(each.get("Tags", [])):
            strange[each["SnapshotId"]] = _("de l’environnement %(name)s") % {"name": elsewhere}
    snapshots = [each for each in snapshots if each["SnapshotId"] not in strange]
    if not snapshots:
        return []
    images = {
        mapping["Ebs"]["SnapshotId"]
        for page in ec2.get_paginator("describe_images").paginate(Owners=["self"])
        for image in page["Images"]
        for mapping in image["BlockDeviceMappings"]
        if "SnapshotId" in mapping.get("Ebs", {})
    }
    free = sorted((each for each in snapshots if each["SnapshotId"] not in images), key=_started, reverse=True)
    of_volume: dict[str, dict[str, datetime]] = {}
    for each in free:
        of_volume.setdefault(each["VolumeId"], {})[each["SnapshotId"]] = _started(each)
    newest = {name for taken in of_volume.values() for name in list(taken)[:NEWEST]}
    tiers = {name: reason for taken in of_volume.values() for name, reason in policy.tiers(taken).items()}
    region = settings.OPERATIONS["region"]
    return [
        Backup(
            "ebs",
            each["SnapshotId"],
            _started(each),
            _reason_to_keep_volume(ec2, each, images, newest) or tiers.get(each["SnapshotId"], ""),
            region,
            facts=_facts_of_volume(each, images),
        )
        for each in snapshots
    ]


def _facts_of_volume(snapshot: dict[str, Any], images: set[str]) -> dict[str, Any]:
    status = snapshot.get("State", "completed")
    return {
        "environment": settings.OPERATIONS["environment"],
        "volume": snapshot["VolumeId"],
        "bytes": snapshot.get("VolumeSize", 0) * 2**30,
        "status": status,
        "is_whole": status == "completed",
        "is_held": _is_held(snapshot.get("Tags", [])),
        "is_imaged": snapshot["SnapshotId"] in images,
    }


def _started(snapshot: dict[str, Any]) -> datetime:
    started: datetime = snapshot["StartTime"]
    return started


def _reason_to_keep_volume(ec2: Any, snapshot: dict[str, Any], images: set[str], newest: set[str]) -> str:
    name = snapshot["SnapshotId"]
    if name in images:
        return _("une image en dépend")
    if name in newest:
        return _("parmi les %(count)d plus récents") % {"count": NEWEST}
    if _is_held(snapshot.get("Tags", [])):
        return _("retenu (%(tag)s)") % {"tag": HOLD}
    shared = ec2.describe_snapshot_attribute(SnapshotId=name, Attribute="createVolumePermission")
    return _("partagé") if shared["CreateVolumePermissions"] else ""
