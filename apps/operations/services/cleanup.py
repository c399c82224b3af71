"""`cleanup`: deletes our own old snapshots and exports, and leftovers of checks that died; nothing else."""

import errno
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.operations.aws.clients import client
from apps.operations.aws.errors import is_missing
from apps.operations.errors import OperationFailed
from apps.operations.runs.definition import Operation, Outcome, register
from apps.operations.runs.report import Reporter
from apps.operations.services.backup import manifest as manifests
from apps.operations.services.backup import scratch
from apps.operations.services.backup.inventory import Policy
from apps.operations.services.backup.keeping import Backup, find, leftovers
from apps.operations.services.backup.leftovers import drop_left
from apps.operations.services.backup.options import RetentionOptions
from apps.operations.services.backup.store import Store, backups
from apps.operations.services.backup.target import check_server


class StillUsed(OperationFailed):
    code = "still_used"


class CleanupOptions(RetentionOptions):
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


def cleanup(
    *,
    days: int,
    weeks: int,
    months: int,
    max_delete: int,
    yes: bool,
    unsigned: bool,
    dry_run: bool,
    report: Reporter,
    now: datetime,
) -> Outcome:
    """Lists what is old: leftovers first, then the oldest. With `yes` deletes it, at most `max_delete`. One that is
    gone already counts as deleted; what AWS refuses is reported, and the others follow. What is not ours is named and
    left."""
    store = backups()
    backups_found, strange = find(store, Policy(now, weeks, months), unsigned=unsigned)
    found = [*leftovers(now), *backups_found]
    for name, reason in strange.items():
        report.say(_("laissé   %(name)s : %(reason)s") % {"name": name, "reason": reason})
    limit = now - timedelta(days=days)
    candidates = []
    for each in sorted(found, key=lambda each: (not each.is_leftover, each.at)):
        reason = each.reason_to_keep or (_("récent") if each.at >= limit and not each.is_leftover else "")
        age = (now - each.at).days
        if reason:
            report.say(
                _("gardé    %(name)s, %(age)d jours : %(reason)s") % {"name": each.name, "age": age, "reason": reason}
            )
        else:
            candidates.append(each)
            if each.is_leftover:
                report.say(_("reste    %(name)s, de ce qui a été interrompu") % {"name": each.name})
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
        except (ClientError, OSError, StillUsed) as error:
            if not _is_gone(error):
                data["refused"][each.name] = _code_of(error)
                report.say(_("refusé   %(name)s : %(reason)s") % {"name": each.name, "reason": error})
                continue
        data["deleted"].append(each.name)
        report.say(_("supprimé %(name)s") % {"name": each.name})
    text = _("%(deleted)d supprimés sur %(old)d anciens, %(refused)d refusés.")
    counts = {"deleted": len(data["deleted"]), "old": len(candidates), "refused": len(data["refused"])}
    return Outcome(text % counts, data, ok=not data["refused"])


def _is_gone(error: Exception) -> bool:
    return isinstance(error, FileNotFoundError) or (isinstance(error, ClientError) and is_missing(error))


def _code_of(error: Exception) -> str:
    if isinstance(error, ClientError):
        return str(error.response["Error"]["Code"])
    return errno.errorcode.get(error.errno or 0, "OSError") if isinstance(error, OSError) else "busy"


def _delete_database(old: Backup, store: Store) -> None:
    with check_server() as server:
        if server and not drop_left(server, old.name):
            raise StillUsed(_("un essai de restauration s’en sert"))


DELETE: dict[str, Any] = {
    "rds": lambda old, store: client("rds", old.region).delete_db_snapshot(DBSnapshotIdentifier=old.name),
    "ebs": lambda old, store: client("ec2").delete_snapshot(SnapshotId=old.name),
    "export": lambda old, store: manifests.remove(store, old.name),
    "file": lambda old, store: Path(old.name).unlink(missing_ok=True),
    "folder": lambda old, store: shutil.rmtree(old.name),
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
