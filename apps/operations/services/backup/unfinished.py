"""Backups that a run began and did not finish: of no use, and in the way where a disk is full."""

from contextlib import suppress
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError
from django.utils.translation import gettext as _

from apps.operations.models import OperationRun
from apps.operations.runs.report import Reporter
from apps.operations.services.backup import inventory
from apps.operations.services.backup import manifest as manifests
from apps.operations.services.backup.store import Store

# Longer than any run may take: the row of its run may be gone, or in another database.
STALE = timedelta(hours=6)


def left_unfinished(store: Store, now: datetime) -> list[str]:
    """Prefixes of those whose run has ended, by its row, or that nobody has written to for hours."""
    found = inventory.unfinished(store)
    return [each.prefix for each in found if each.at < now - STALE or _has_ended(each.prefix)]


def sweep_unfinished(store: Store, report: Reporter, now: datetime) -> None:
    """Before a new one is made, which needs the room. What the store does not let go is left to `cleanup`."""
    store.sweep()
    for prefix in left_unfinished(store, now):
        with suppress(OSError, BotoCoreError, ClientError):
            manifests.remove(store, prefix)
            report.say(_("Sauvegarde %(name)s, laissée inachevée : supprimée.") % {"name": prefix})


def _has_ended(prefix: str) -> bool:
    """It is named after the second in which its run started."""
    try:
        began = manifests.began_at(prefix)
    except ValueError:
        # « 2026-13-01 » is no name of ours.
        return False
    runs = OperationRun.objects.of("backup_manager").filter(
        is_dry_run=False, started_at__gte=began, started_at__lt=began + timedelta(seconds=1)
    )
    return runs.exists() and not runs.active().exists()
