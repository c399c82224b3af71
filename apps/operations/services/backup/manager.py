"""`backup_manager`: a snapshot of the RDS instance, or a logical backup, or the shop's files."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.operations.runs.definition import Operation, Options, Outcome, register
from apps.operations.runs.report import Reporter
from apps.operations.services import metrics
from apps.operations.services.backup import inventory, signing
from apps.operations.services.backup.dump import dump
from apps.operations.services.backup.media import back_up_media
from apps.operations.services.backup.snapshot import copy_snapshot, required_instance, snapshot_name, take_snapshot
from apps.operations.services.backup.source import opened
from apps.operations.services.backup.store import Store, backups
from apps.operations.services.backup.unfinished import sweep_unfinished


class BackupOptions(Options):
    logical = forms.BooleanField(
        label=gettext_lazy("Sauvegarde logique"),
        required=False,
        help_text=gettext_lazy("la base, table par table, dans le bac des sauvegardes"),
    )
    media = forms.BooleanField(  # type: ignore[assignment]
        label=gettext_lazy("Fichiers"),
        required=False,
        help_text=gettext_lazy("les fichiers de la boutique qui ne sont pas encore sauvegardés"),
    )
    copy_to = forms.CharField(
        label=gettext_lazy("Copier vers"),
        required=False,
        max_length=30,
        help_text=gettext_lazy("région AWS où copier aussi l’instantané ; par défaut BACKUP_REGION"),
    )
    if_older_than = forms.IntegerField(
        label=gettext_lazy("Si la dernière a plus de"),
        required=False,
        min_value=1,
        max_value=10_000,
        help_text=gettext_lazy("heures ; ne fait rien tant qu’une sauvegarde logique entière est plus récente"),
    )


def back_up(
    *,
    logical: bool,
    media: bool,
    copy_to: str,
    dry_run: bool,
    report: Reporter,
    now: datetime,
    if_older_than: int | None = None,
) -> Outcome:
    """Without `logical` and `media`, a snapshot of the RDS instance. A repeat makes another, unless `if_older_than`
    hours have not gone by since the newest whole logical backup; files that exist are skipped."""
    sentences: list[str] = []
    data: dict[str, Any] = {}
    store = backups() if logical or media else None
    if if_older_than and (newest := _newest()) and newest > now - timedelta(hours=if_older_than):
        moment = timezone.localtime(newest).strftime("%d/%m/%Y %H:%M")
        return Outcome(_("La dernière sauvegarde est du %(moment)s.") % {"moment": moment}, is_idle=True)
    if store and logical:
        sentences.append(_logical(store, data, dry_run=dry_run, report=report, now=now))
    if store and media:
        data["media"] = back_up_media(store=store, dry_run=dry_run, report=report)
        text = (
            _("%(to_copy)d fichiers sur %(files)d seraient copiés.")
            if dry_run
            else _("%(copied)d fichiers copiés sur %(files)d.")
        )
        sentences.append(text % data["media"])
    if store is None:
        sentences.append(
            _snapshot(
                data, region=copy_to or settings.OPERATIONS["backup_region"], dry_run=dry_run, report=report, now=now
            )
        )
    return Outcome(" ".join(sentences), data)


def _newest() -> datetime | None:
    """The moment of the newest logical backup of ours whose pieces are all there."""
    exports = inventory.take(backups()).exports
    return max((each.at for each in exports if each.is_whole), default=None)


def _logical(store: Store, data: dict[str, Any], *, dry_run: bool, report: Reporter, now: datetime) -> str:
    if dry_run:
        with opened() as source:
            names = [table.name for table in source.tables()]
        data["tables"] = names
        return _("%(count)d tables seraient sauvegardées dans %(store)s.") % {"count": len(names), "store": store.name}
    is_signed = signing.check_own_key()
    if not is_signed:
        report.say(
            _(
                "Cette sauvegarde ne sera pas signée : nommez une clé dans BACKUP_SIGNING_KEY, sans quoi restore et "
                "restore_check la refuseront."
            )
        )
    sweep_unfinished(store, report, now)
    export = dump(store=store, report=report, now=now)
    metrics.put(BackupVerified=1, BackupBytes=export.size)
    data["backup"] = {
        "prefix": export.prefix,
        "store": store.name,
        "tables": len(export.tables),
        "rows": export.rows,
        "bytes": export.size,
        "taken_at": export.taken_at,
        "is_signed": is_signed,
    }
    return _(
        "%(tables)d tables, %(rows)d lignes et %(megabytes).1f Mo dans %(store)s/%(prefix)s, relues et conformes."
    ) % {
        **data["backup"],
        "megabytes": export.size / 1e6,
    }


def _snapshot(data: dict[str, Any], *, region: str, dry_run: bool, report: Reporter, now: datetime) -> str:
    name = snapshot_name(required_instance(), now)
    data["snapshot"] = name
    if dry_run:
        return _("L’instantané %(name)s serait pris.") % {"name": name}
    snapshot = take_snapshot(report=report, now=now)
    data["arn"] = snapshot["DBSnapshotArn"]
    here = settings.OPERATIONS["region"]
    report.link(name, f"https://{here}.console.aws.amazon.com/rds/home?region={here}#db-snapshot:id={name}")
    if region and region != here:
        data["copy"] = copy_snapshot(snapshot=snapshot, region=region, report=report)["DBSnapshotArn"]
        return _("L’instantané %(name)s est disponible, et copié vers %(region)s.") % {"name": name, "region": region}
    return _("L’instantané %(name)s est disponible.") % {"name": name}


register(
    Operation(
        name="backup_manager",
        title=gettext_lazy("Sauvegarde"),
        about=gettext_lazy(
            "Un instantané de la base RDS, ou une sauvegarde logique relue aussitôt, ou les fichiers de la boutique."
        ),
        run=back_up,
        options=BackupOptions,
        time_limit=timedelta(minutes=25),
    )
)
