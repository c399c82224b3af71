"""`sweep_files`: deletes pictures that no row refers to, and unfinished uploads."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.services import saved_uploads, stems
from apps.common.documents import documents
from apps.operations.errors import OperationFailed
from apps.operations.runs.definition import Operation, Options, Outcome, register
from apps.operations.runs.report import Reporter
from apps.operations.services.backup.store import Bucket, Folder, Store, Stored

UPLOADS = "uploads/"
UNFINISHED = timedelta(days=1)
AT_ONCE = 500
MAX_NAMES = 20


class SweepOptions(Options):
    days = forms.IntegerField(
        label=gettext_lazy("Jours"),
        min_value=1,
        max_value=3650,
        initial=7,
        help_text=gettext_lazy("garde les plus récents : une page déjà envoyée peut encore les montrer"),
    )
    max_delete = forms.IntegerField(
        label=gettext_lazy("Au plus"),
        min_value=1,
        max_value=1_000_000,
        initial=20_000,
        help_text=gettext_lazy("suppressions à la fois"),
    )


def sweep_files(*, days: int, max_delete: int, dry_run: bool, report: Reporter, now: datetime) -> Outcome:
    """Lists every picture once, whatever their number, and asks the database again before each batch is deleted.

    What an image names is never touched. A picture that comes back under the same name between that question and the
    deletion, some milliseconds, would be lost; the copy in the backup is not. Raises OperationFailed when the database
    names no picture at all while there are some: it is hardly this shop's.
    """
    store, root = _place()
    in_use = stems.stems_in_use()
    found = 0
    strays: list[Stored] = []
    for each in store.listed(f"{root}{stems.FOLDER}"):
        found += 1
        if found % 1000 == 0:
            report.progress(_("Images lues : %(found)d") % {"found": found})
        if _is_stray(each.key.removeprefix(root), in_use) and each.at < now - timedelta(days=days):
            strays.append(each)
    if found and not in_use:
        raise OperationFailed(
            _("Il y a %(found)d images, et la base n’en nomme aucune : est-ce la bonne base ? Rien n’a été supprimé.")
            % {"found": found}
        )
    waiting, prefix = _waiting_place()
    unfinished = [each for each in waiting.listed(prefix) if each.at < now - UNFINISHED]
    listed = [*strays, *unfinished]
    for each in listed[:MAX_NAMES]:
        report.say(_("sans emploi %(name)s, %(age)d jours") % {"name": each.key, "age": (now - each.at).days})
    if len(listed) > MAX_NAMES:
        report.say(_("et %(count)d autres") % {"count": len(listed) - MAX_NAMES})
    data: dict[str, Any] = {
        "found": found,
        "strays": len(strays),
        "unfinished": len(unfinished),
        "bytes": sum(each.size for each in listed),
        "deleted": 0,
    }
    if not dry_run:
        data["deleted"] = _delete(store, root, strays[:max_delete], report)
        waiting.delete([each.key for each in unfinished])
    text = _(
        "%(found)d images lues ; %(strays)d fichiers sans emploi et %(unfinished)d envois inachevés, "
        "%(size)s ; %(deleted)d images supprimées."
    )
    return Outcome(text % {**data, "size": filesizeformat(data["bytes"])}, data)


def _is_stray(name: str, in_use: set[str]) -> bool:
    return name.rpartition(".")[0] not in in_use and stems.stem_of(name) not in in_use


def _delete(store: Store, root: str, strays: list[Stored], report: Reporter) -> int:
    deleted = 0
    for start in range(0, len(strays), AT_ONCE):
        batch = strays[start : start + AT_ONCE]
        products = {int(part) for each in batch if (part := each.key.removeprefix(root).split("/")[1]).isdigit()}
        in_use = stems.still_in_use(products)
        keys = [each.key for each in batch if _is_stray(each.key.removeprefix(root), in_use)]
        store.delete(keys)
        deleted += len(keys)
        report.progress(_("Images supprimées"), deleted, len(strays))
    return deleted


def _place() -> tuple[Store, str]:
    """Where pictures lie, and what stands before their names there."""
    if settings.FILES_BUCKET:
        return Bucket(settings.FILES_BUCKET), "media/"
    return Folder(settings.MEDIA_ROOT), ""


def _waiting_place() -> tuple[Store, str]:
    """Pictures that wait for their form: sent to the bucket or kept after a refusal; on disk only the latter."""
    if settings.FILES_BUCKET:
        return Bucket(settings.FILES_BUCKET), UPLOADS
    return Folder(Path(documents().path(""))), f"{saved_uploads.FOLDER}/"


register(
    Operation(
        name="sweep_files",
        title=gettext_lazy("Fichiers sans emploi"),
        about=gettext_lazy(
            "Supprime les images que plus aucun produit ne montre et les envois que personne n’a terminés."
        ),
        run=sweep_files,
        options=SweepOptions,
        time_limit=timedelta(minutes=25),
    )
)
