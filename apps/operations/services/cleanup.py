"""`cleanup`: deletes our own old snapshots and exports, and leftovers of checks that died; nothing else."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.operations.aws.clients import client
from apps.operations.aws.errors import is_missing
from apps.operations.models import OperationRun
from apps.operations.runs.definition import Operation, Options, Outcome, register
from apps.operations.runs.report import Reporter
from apps.operations.services.backup import inventory, scratch
from apps.operations.services.backup.inventory import HOLD, NEWEST, is_hold
from apps.operations.services.backup.leftovers import drop_left, left_databases
from apps.operations.services.backup.manifest import MANIFEST
from apps.operations.services.backup.options import unsigned_field
from apps.operations.services.backup.snapshot import OURS
from apps.operations.services.backup.store import Store, backups
from apps.operations.services.backup.target import check_server
from apps.operations.services.backup.temporary import left_folders


class CleanupOptions(Options):
    only_in_terminal = ("unsigned",)

    days = forms.IntegerField(
        label=gettext_lazy("Jours"),
        min_value=1,
        max_value=3650,
        initial=7,
        help_text=gettext_lazy("garde les plus récents"),
    )
    max_delete = forms.IntegerField(
        label=gettext_lazy("Au plus"),
        min_value=1,
        max_value=1000,
        initial=20,
        help_text=gettext_lazy("suppressions à la fois"),
    )
    yes = forms.BooleanField(
        label=gettext_lazy("Supprimer"), required=False, help_text=gettext_lazy("sans cela, rien n’est supprimé")
    )
    unsigned = unsigned_field()


@dataclass(frozen=True)
class Old:
    """Something of ours. `reason_to_keep` is empty when it may go; a leftover is of no use at any age."""

    kind: str
    name: str
    at: datetime
    reason_to_keep: str = ""
    region: str = ""
    is_leftover: bool = False


def cleanup(
    *, days: int, max_delete: int, yes: bool, unsigned: bool, dry_run: bool, report: Reporter, now: datetime
) -> Outcome:
    """Lists what is old: leftovers first, then the oldest. With `yes` deletes it, at most `max_delete`. One that is
    gone already counts as deleted; what AWS refuses is reported, and the others follow. What is not ours is named and
    left."""
    store = backups()
    here = inventory.take(store, unsigned=unsigned)
    strange = dict(here.strange)
    reasons = inventory.reasons_to_keep(here.exports)
    exports = [Old("export", each.prefix, each.at, reasons.get(each.prefix, "")) for each in here.exports]
    found = [*_leftovers(now), *_snapshots(strange), *_volume_snapshots(strange), *exports]
    for name, reason in strange.items():
        report.say(_("laissé   %(name)s : %(reason)s") % {"name": name, "reason": reason})
    limit = now - timedelta(days=days)
    candidates = []
    for each in sorted(found, key=lambda old: (not old.is_leftover, old.at)):
        reason = each.reason_to_keep or (_("récent") if each.at >= limit and not each.is_leftover else "")
        age = (now - each.at).days
        if reason:
            report.say(
                _("gardé    %(name)s, %(age)d jours : %(reason)s") % {"name": each.name, "age": age, "reason": reason}
            )
        else:
            candidates.append(each)
            if each.is_leftover:
                report.say(_("reste    %(name)s, d’un essai de restauration interrompu") % {"name": each.name})
                continue
            report.say(_("ancien   %(name)s, %(age)d jours") % {"name": each.name, "age": age})
    chosen = candidates[:max_delete]
    data: dict[str, Any] = {
        "found": len(found),
        "old": [each.name for each in candidates],
        "deleted": [],
        "refused": {},
        "left": strange,
    }
    if dry_run or not yes:
        text = _(
            "%(old)d sur %(found)d seraient supprimés, %(now)d cette fois. Demandez la suppression (--yes) pour le "
            "faire."
        )
        return Outcome(text % {"old": len(candidates), "found": len(found), "now": len(chosen)}, data)
    for number, each in enumerate(chosen, start=1):
        report.progress(each.name, number, len(chosen))
        try:
            DELETE[each.kind](each, store)
        except ClientError as error:
            if not is_missing(error):
                data["refused"][each.name] = error.response["Error"]["Code"]
                report.say(_("refusé   %(name)s : %(reason)s") % {"name": each.name, "reason": error})
                continue
        data["deleted"].append(each.name)
        report.say(_("supprimé %(name)s") % {"name": each.name})
    text = _("%(deleted)d supprimés sur %(old)d anciens, %(refused)d refusés.")
    counts = {"deleted": len(data["deleted"]), "old": len(candidates), "refused": len(data["refused"])}
    return Outcome(text % counts, data, ok=not data["refused"])


def _leftovers(now: datetime) -> Iterator[Old]:
    """Databases, instances and folders of checks that died, which contain the shop's personal data."""
    for folder in left_folders():
        yield Old("folder", str(folder), now, is_leftover=True)
    with check_server() as server:
        for name in left_databases(server) if server else []:
            yield Old("database", name, now, is_leftover=True)
    instances = scratch.left_instances()
    # A running check has one of its own.
    if instances and not OperationRun.objects.active().of("restore_check").filter(is_dry_run=False).exists():
        for found in instances:
            yield Old("instance", found["DBInstanceIdentifier"], now, is_leftover=True)


def _regions() -> list[str]:
    """Ours, and the one where snapshots are copied."""
    here, there = settings.OPERATIONS["region"], settings.OPERATIONS["backup_region"]
    return [here, *([there] if there and there != here else [])]


def _snapshots(strange: dict[str, str]) -> list[Old]:
    """Manual RDS snapshots that backup_manager took of this instance, in this region and where it copies them."""
    if not settings.OPERATIONS["database_instance"]:
        return []
    return [old for region in _regions() for old in _snapshots_of(region, strange)]


def _snapshots_of(region: str, strange: dict[str, str]) -> Iterator[Old]:
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
    for snapshot in ours:
        name = snapshot["DBSnapshotIdentifier"]
        yield Old("rds", name, _taken(snapshot), _reason_to_keep_snapshot(rds, snapshot, name in newest), region)


def _environment(tags: list[dict[str, str]]) -> str:
    """The environment of a tag, where it is not ours."""
    named = {tag["Value"] for tag in tags if tag["Key"] == "Environment"}
    return "" if not named or settings.OPERATIONS["environment"] in named else min(named)


def _taken(snapshot: dict[str, Any]) -> datetime:
    taken: datetime = snapshot["SnapshotCreateTime"]
    return taken


def _reason_to_keep_snapshot(rds: Any, snapshot: dict[str, Any], is_newest: bool) -> str:
    name = snapshot["DBSnapshotIdentifier"]
    if is_newest:
        return _("parmi les %(count)d plus récents") % {"count": NEWEST}
    if any(is_hold(tag["Key"]) for tag in snapshot.get("TagList", [])):
        return _("retenu (%(tag)s)") % {"tag": HOLD}
    if snapshot["Status"] not in {"available", "failed"}:
        return str(snapshot["Status"])
    attributes = rds.describe_db_snapshot_attributes(DBSnapshotIdentifier=name)["DBSnapshotAttributesResult"]
    if any(
        each["AttributeName"] == "restore" and each["AttributeValues"] for each in attributes["DBSnapshotAttributes"]
    ):
        return _("partagé")
    return ""


def _volume_snapshots(strange: dict[str, str]) -> list[Old]:
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
    of_volume: dict[str, list[str]] = {}
    for each in free:
        of_volume.setdefault(each["VolumeId"], []).append(each["SnapshotId"])
    newest = {name for names in of_volume.values() for name in names[:NEWEST]}
    return [
        Old("ebs", each["SnapshotId"], _started(each), _reason_to_keep_volume(ec2, each, images, newest))
        for each in snapshots
    ]


def _started(snapshot: dict[str, Any]) -> datetime:
    started: datetime = snapshot["StartTime"]
    return started


def _reason_to_keep_volume(ec2: Any, snapshot: dict[str, Any], images: set[str], newest: set[str]) -> str:
    name = snapshot["SnapshotId"]
    if name in images:
        return _("une image en dépend")
    if name in newest:
        return _("parmi les %(count)d plus récents") % {"count": NEWEST}
    if any(is_hold(tag["Key"]) for tag in snapshot.get("Tags", [])):
        return _("retenu (%(tag)s)") % {"tag": HOLD}
    shared = ec2.describe_snapshot_attribute(SnapshotId=name, Attribute="createVolumePermission")
    return _("partagé") if shared["CreateVolumePermissions"] else ""


def _delete_export(old: Old, store: Store) -> None:
    """The manifest first: a partly deleted backup counts as unfinished."""
    keys = [each.key for each in store.listed(old.name)]
    manifest = f"{old.name}{MANIFEST}"
    if manifest in keys:
        store.delete([manifest])
    store.delete([key for key in keys if key != manifest])


def _delete_database(old: Old, store: Store) -> None:
    with check_server() as server:
        if server:
            drop_left(server, old.name)


DELETE: dict[str, Any] = {
    "rds": lambda old, store: client("rds", old.region).delete_db_snapshot(DBSnapshotIdentifier=old.name),
    "ebs": lambda old, store: client("ec2").delete_snapshot(SnapshotId=old.name),
    "export": _delete_export,
    "folder": lambda old, store: shutil.rmtree(old.name, ignore_errors=True),
    "database": _delete_database,
    "instance": lambda old, store: scratch.delete_instance(old.name),
}


register(
    Operation(
        name="cleanup",
        title=gettext_lazy("Ménage"),
        about=gettext_lazy("Liste nos anciens instantanés et exports avec leur âge, et les supprime si on le demande."),
        run=cleanup,
        options=CleanupOptions,
        time_limit=timedelta(minutes=15),
    )
)
