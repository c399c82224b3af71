"""`restore_check`: a backup counts as verified only once it was restored and passed the shop's checks."""

import time
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.operations.runs.definition import Operation, Options, Outcome, register
from apps.operations.runs.report import Reporter
from apps.operations.services import metrics
from apps.operations.services.backup import invariants
from apps.operations.services.backup import manifest as manifests
from apps.operations.services.backup.checking import migrated, same_content
from apps.operations.services.backup.dump import verify
from apps.operations.services.backup.manifest import BackupDamaged, Manifest
from apps.operations.services.backup.options import unsigned_field
from apps.operations.services.backup.store import Store, backups
from apps.operations.services.backup.target import ALIAS, restored

MAX_LISTED = 20


class RestoreCheckOptions(Options):
    only_in_terminal = ("unsigned",)

    backup = forms.CharField(
        label=gettext_lazy("Sauvegarde"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("laquelle, comme « database/2026-11-21T02-00-00/ » ; par défaut la plus récente"),
    )
    unsigned = unsigned_field()


def restore_check(*, backup: str, unsigned: bool, dry_run: bool, report: Reporter, now: datetime) -> Outcome:
    """Restores it into a temporary database, checks it and drops it. A dry run stops before the restore."""
    store = backups()
    manifest = manifests.chosen(store, backup, unsigned=unsigned)
    report.say(
        _("%(prefix)s : %(rows)d lignes, %(megabytes).1f Mo.")
        % {"prefix": manifest.prefix, "rows": manifest.rows, "megabytes": manifest.size / 1e6}
    )
    if manifest.engine == "sqlite" and connection.vendor == "mysql":
        report.say(
            _(
                "Cette sauvegarde est de SQLite : elle est vérifiée dans un fichier SQLite, et ne se restaure pas sur "
                "le MySQL de la boutique."
            )
        )
    if dry_run:
        return Outcome(_("%(prefix)s serait restaurée.") % {"prefix": manifest.prefix}, {"backup": manifest.prefix})
    began = time.monotonic()
    try:
        # Before a database is made for it.
        verify(store=store, manifest=manifest, report=report)
    except BackupDamaged:
        _no_longer_verified(store, manifest)
        raise
    data: dict[str, Any] = {
        "backup": manifest.prefix,
        "rows": manifest.rows,
        "bytes": manifest.size,
        "recovery_point": manifest.taken_at,
        "recovery_point_age_seconds": round((now - manifest.taken).total_seconds()),
    }
    with restored(store=store, manifest=manifest, report=report) as missing:
        data["restore_seconds"] = round(time.monotonic() - began, 1)
        report.say(_("Restaurée en %(seconds).1f s.") % {"seconds": data["restore_seconds"]})
        data["content_checked"], problems = same_content(manifest, report)
        problems += [_("pas recréé : %(name)s") % {"name": name} for name in missing]
        data["migrations_run"], wrong = migrated(report)
        problems += wrong
        report.progress(_("Vérification"))
        faults = [] if wrong else invariants.faults(ALIAS)
    data["recovery_seconds"] = round(time.monotonic() - began, 1)
    data["faults"], data["first_faults"] = len(faults), faults[:MAX_LISTED]
    problems += faults[:MAX_LISTED]
    if problems:
        _no_longer_verified(store, manifest)
        return Outcome(
            _("%(prefix)s est restaurée, mais la boutique n’y est pas juste : %(problems)s.")
            % {"prefix": manifest.prefix, "problems": " ; ".join(problems)},
            data,
            ok=False,
        )
    verified = {**data, "restored_at": now.isoformat()}
    manifests.write_mark(store, manifest.prefix, manifests.RESTORED, verified)
    metrics.put(BackupRestored=1, RecoverySeconds=data["recovery_seconds"])
    return Outcome(
        _("%(prefix)s est bonne : restaurée et vérifiée en %(seconds).1f s, %(rows)d lignes, état du %(point)s UTC.")
        % {
            "prefix": manifest.prefix,
            "seconds": data["recovery_seconds"],
            "rows": manifest.rows,
            "point": f"{manifest.taken:%d/%m/%Y %H:%M:%S}",
        },
        data,
    )


def _no_longer_verified(store: Store, manifest: Manifest) -> None:
    """Removes an earlier verification: cleanup keeps the newest verified backup."""
    names = (manifests.RESTORED, manifests.MARK_SIGNATURES[manifests.RESTORED])
    store.delete([f"{manifest.prefix}{name}" for name in names])


register(
    Operation(
        name="restore_check",
        title=gettext_lazy("Essai de restauration"),
        about=gettext_lazy(
            "Restaure une sauvegarde dans une base vide, vérifie que la boutique y est juste, puis l’efface."
        ),
        run=restore_check,
        options=RestoreCheckOptions,
        time_limit=timedelta(minutes=25),
    )
)
