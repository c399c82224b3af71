"""`cleanup`: deletes our own old snapshots and exports, and nothing else."""

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
from apps.operations.runs.definition import Operation, Options, Outcome, register
from apps.operations.runs.report import Reporter
from apps.operations.services.backup.manifest import FOLDER
from apps.operations.services.backup.snapshot import OURS
from apps.operations.services.backup.store import Store, backups

# Of each kind, however old they are.
KEPT = 3
# A tag of this name, whatever its value, holds a snapshot for somebody.
HOLD = "Hold"


class CleanupOptions(Options):
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


@dataclass(frozen=True)
class Old:
    """Something of ours; `kept_because` says why it stays, if it does."""

    kind: str
    name: str
    at: datetime
    kept_because: str = ""


def cleanup(*, days: int, max_delete: int, yes: bool, dry_run: bool, report: Reporter, now: datetime) -> Outcome:
    """Lists what is old, the oldest first, and with `yes` deletes it, at most `max_delete`. One that is gone already
    counts as deleted; what AWS refuses is said, and the others follow."""
    store = backups()
    found = [*_snapshots(), *_volume_snapshots(), *_exports(store)]
    limit = now - timedelta(days=days)
    candidates = []
    for each in sorted(found, key=lambda old: old.at):
        reason = each.kept_because or (_("récent") if each.at >= limit else "")
        age = (now - each.at).days
        if reason:
            report.say(
                _("gardé    %(name)s, %(age)d jours : %(reason)s") % {"name": each.name, "age": age, "reason": reason}
            )
        else:
            candidates.append(each)
            report.say(_("ancien   %(name)s, %(age)d jours") % {"name": each.name, "age": age})
    chosen = candidates[:max_delete]
    data: dict[str, Any] = {
        "found": len(found),
        "old": [each.name for each in candidates],
        "deleted": [],
        "refused": {},
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
    said = {"deleted": len(data["deleted"]), "old": len(candidates), "refused": len(data["refused"])}
    return Outcome(text % said, data, ok=not data["refused"])


def _snapshots() -> list[Old]:
    """Manual RDS snapshots that backup_manager took of this instance, in this region and where it copies them."""
    instance = settings.OPERATIONS["database_instance"]
    if not instance:
        return []
    rds = client("rds")
    found = []
    pages = rds.get_paginator("describe_db_snapshots").paginate(DBInstanceIdentifier=instance, SnapshotType="manual")
    ours = [
        snapshot
        for page in pages
        for snapshot in page["DBSnapshots"]
        if snapshot["DBSnapshotIdentifier"].startswith(f"snap-{instance}-") and OURS in snapshot.get("TagList", [])
    ]
    available = [snapshot for snapshot in ours if snapshot["Status"] == "available"]
    newest = {each["DBSnapshotIdentifier"] for each in sorted(available, key=_taken, reverse=True)[:KEPT]}
    for snapshot in ours:
        name = snapshot["DBSnapshotIdentifier"]
        found.append(Old("rds", name, _taken(snapshot), _why_kept(rds, snapshot, name in newest)))
    return found


def _taken(snapshot: dict[str, Any]) -> datetime:
    taken: datetime = snapshot["SnapshotCreateTime"]
    return taken


def _why_kept(rds: Any, snapshot: dict[str, Any], is_newest: bool) -> str:
    name = snapshot["DBSnapshotIdentifier"]
    if is_newest:
        return _("parmi les %(count)d plus récents") % {"count": KEPT}
    if any(tag["Key"] == HOLD for tag in snapshot.get("TagList", [])):
        return _("retenu par son étiquette %(tag)s") % {"tag": HOLD}
    if snapshot["Status"] not in {"available", "failed"}:
        return str(snapshot["Status"])
    attributes = rds.describe_db_snapshot_attributes(DBSnapshotIdentifier=name)["DBSnapshotAttributesResult"]
    if any(
        each["AttributeName"] == "restore" and each["AttributeValues"] for each in attributes["DBSnapshotAttributes"]
    ):
        return _("partagé")
    return ""


def _volume_snapshots() -> list[Old]:
    """Snapshots of volumes that carry our tag, except those that an image starts from."""
    if not settings.OPERATIONS["database_instance"]:
        return []
    ec2 = client("ec2")
    mine = [{"Name": f"tag:{OURS['Key']}", "Values": [OURS["Value"]]}]
    snapshots = [
        snapshot
        for page in ec2.get_paginator("describe_snapshots").paginate(OwnerIds=["self"], Filters=mine)
        for snapshot in page["Snapshots"]
    ]
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
    newest = {each["SnapshotId"] for each in free[:KEPT]}
    return [
        Old("ebs", each["SnapshotId"], _started(each), _why_volume_kept(ec2, each, images, newest))
        for each in snapshots
    ]


def _started(snapshot: dict[str, Any]) -> datetime:
    started: datetime = snapshot["StartTime"]
    return started


def _why_volume_kept(ec2: Any, snapshot: dict[str, Any], images: set[str], newest: set[str]) -> str:
    name = snapshot["SnapshotId"]
    if name in images:
        return _("une image en dépend")
    if name in newest:
        return _("parmi les %(count)d plus récents") % {"count": KEPT}
    if any(tag["Key"] == HOLD for tag in snapshot.get("Tags", [])):
        return _("retenu par son étiquette %(tag)s") % {"tag": HOLD}
    shared = ec2.describe_snapshot_attribute(SnapshotId=name, Attribute="createVolumePermission")
    return _("partagé") if shared["CreateVolumePermissions"] else ""


def _exports(store: Store) -> list[Old]:
    """Logical backups; one that was never finished is not among the newest, and ages like the others."""
    made: dict[str, datetime] = {}
    finished = set()
    for each in store.listed(FOLDER):
        prefix = "/".join(each.key.split("/")[:2]) + "/"
        made[prefix] = max(each.at, made.get(prefix, each.at))
        if each.key == f"{prefix}manifest.json":
            finished.add(prefix)
    newest = set(sorted(finished, reverse=True)[:KEPT])
    reason = _("parmi les %(count)d plus récents") % {"count": KEPT}
    return [Old("export", prefix, at, reason if prefix in newest else "") for prefix, at in made.items()]


def _delete_export(old: Old, store: Store) -> None:
    """The manifest first: what is half deleted is no backup any more."""
    keys = [each.key for each in store.listed(old.name)]
    manifest = f"{old.name}manifest.json"
    if manifest in keys:
        store.delete([manifest])
    store.delete([key for key in keys if key != manifest])


DELETE: dict[str, Any] = {
    "rds": lambda old, store: client("rds").delete_db_snapshot(DBSnapshotIdentifier=old.name),
    "ebs": lambda old, store: client("ec2").delete_snapshot(SnapshotId=old.name),
    "export": _delete_export,
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
