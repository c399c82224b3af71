"""Restores a backup into a SQLite file that does not exist yet."""

from pathlib import Path
from typing import Any

from django.db import connections
from django.utils.translation import gettext as _

from apps.operations.errors import OperationFailed
from apps.operations.runs.report import Reporter
from apps.operations.services.backup.checking import bring_up, same_content
from apps.operations.services.backup.destination import Destination
from apps.operations.services.backup.dump import verify
from apps.operations.services.backup.manifest import Manifest
from apps.operations.services.backup.store import Store
from apps.operations.services.backup.target import ALIAS, connect_sqlite, connected, write_sqlite


def into_sqlite(
    store: Store, manifest: Manifest, target: Destination, data: dict[str, Any], report: Reporter
) -> list[str]:
    """Into a file beside its place, then renamed: a file at that name is a whole database."""
    path = target.path
    assert path is not None  # noqa: S101
    refuse_file(path)
    verify(store=store, manifest=manifest, report=report)
    beside = path.with_name(f".{path.name}.restoring")
    _remove(beside)
    try:
        beside.touch(mode=0o600)
        write_sqlite(beside, store=store, manifest=manifest, report=report)
        connect_sqlite(beside)
        with connected():
            data["content_checked"], problems = same_content(manifest, report)
            problems += bring_up(data, report)
            with connections[ALIAS].cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        beside.replace(path)
    finally:
        _remove(beside)
    return problems


def refuse_file(path: Path) -> None:
    if path.is_dir():
        raise OperationFailed(_("%(path)s est un dossier : nommez un fichier.") % {"path": path})
    if not path.parent.is_dir():
        raise OperationFailed(_("Le dossier %(folder)s n’existe pas : créez-le.") % {"folder": path.parent})
    if path.exists() and path.stat().st_size:
        raise OperationFailed(
            _("%(path)s n’est pas vide et n’a pas été touché : nommez un fichier qui n’existe pas encore.")
            % {"path": path}
        )


def _remove(beside: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        beside.with_name(f"{beside.name}{end}").unlink(missing_ok=True)
