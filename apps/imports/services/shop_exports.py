"""Everything out again: asked for, made by a task into one archive, taken by a signed link, deleted after two days."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import structlog
from django.core import signing
from django.core.files.base import File
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.access_log import log_access
from apps.accounts.models import DataAccess, User
from apps.common.errors import DomainError
from apps.common.temporary import temporary_folder
from apps.imports.catalogue.export import write_catalogue
from apps.imports.everything.sheets import Sheet, sheets
from apps.imports.everything.writing import TableFiles
from apps.imports.models import ShopExport
from apps.shop.identity import current

logger = structlog.get_logger(__name__)
Status = ShopExport.Status
STALE_AFTER = timedelta(minutes=5)
# Of a link; the archive itself lives for `retention.EXPORT_RETENTION`.
LINK_SECONDS = 3600
_SALT = "imports.shop_export"
CATALOGUE = "catalogue-a-redonner.csv"
README = "LISEZMOI.txt"


class ExportUnderWay(DomainError):
    code = "already_running"


def ask_export(*, by: User, now: datetime) -> ShopExport:
    """The caller sends the task. Raises ExportUnderWay while another one is being made."""
    if ShopExport.objects.filter(status__in=(Status.WAITING, Status.RUNNING)).exists():
        raise ExportUnderWay(_("Un export se prépare déjà : attendez qu’il soit prêt."))
    return ShopExport.objects.create(created_by=by, created_at=now, beat_at=now)


def make_export(*, export_id: int, now: datetime) -> None:
    """Write the archive and store it. A second task for the same export does nothing."""
    claimed = ShopExport.objects.filter(pk=export_id, status=Status.WAITING)
    if not claimed.update(status=Status.RUNNING, beat_at=now):
        return
    export = ShopExport.objects.get(pk=export_id)

    def progress(counts: dict[str, int]) -> None:
        ShopExport.objects.filter(pk=export_id).update(counts=counts, rows=sum(counts.values()), beat_at=timezone.now())

    mine = ShopExport.objects.filter(pk=export_id, status=Status.RUNNING)
    try:
        with temporary_folder("export") as folder:
            path = Path(folder) / "boutique.zip"
            counts = write_archive(path, now=now, progress=progress)
            with path.open("rb") as written:
                export.file.save("boutique.zip", File(written), save=False)
            changed = mine.update(
                status=Status.DONE,
                file=export.file.name or "",
                size=path.stat().st_size,
                counts=counts,
                rows=sum(counts.values()),
                finished_at=timezone.now(),
            )
        if not changed:
            export.file.storage.delete(export.file.name or "")
    except Exception as error:
        logger.error("shop_export_failed", export_id=export_id, exc_info=error)
        problem = _("Une erreur de notre part a interrompu cet export. Demandez-le à nouveau.")
        mine.update(status=Status.FAILED, problem=problem, finished_at=timezone.now())


def write_archive(
    path: Path, *, now: datetime, progress: Callable[[dict[str, int]], None] | None = None
) -> dict[str, int]:
    """Write the archive; returns the number of rows by table. Memory is that of a thousand rows; the disk holds each
    table in turn."""
    counts: dict[str, int] = {}
    tables = sheets()
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=6) as archive:
        for sheet in tables:
            counts[sheet.name] = 0
            with temporary_folder("export", within=path.parent) as folder:
                with TableFiles(Path(folder), sheet.name, [column.name for column in sheet.columns]) as files:
                    for rows in sheet.batches():
                        files.write(rows)
                        counts[sheet.name] += len(rows)
                        if progress is not None:
                            progress(counts)
                for suffix, file in files.paths.items():
                    archive.write(file, f"{suffix}/{file.name}")
        with temporary_folder("export", within=path.parent) as folder:
            whole = Path(folder) / CATALOGUE
            with whole.open("w", encoding="utf-8-sig", newline="") as stream:
                write_catalogue(stream)
            archive.write(whole, CATALOGUE)
        archive.writestr(README, readme(tables, counts, now=now))
    return counts


def readme(tables: list[Sheet], counts: dict[str, int], *, now: datetime) -> str:
    parts = [
        _("%(shop)s, export du %(date)s") % {"shop": current().name, "date": timezone.localdate(now).isoformat()},
        _(
            "Chaque tableau est là trois fois, avec les mêmes lignes : csv/ (point-virgule, UTF-8, virgule décimale), "
            "xlsx/ (classeurs) et json/ (une liste d’objets, montants en texte, dates ISO 8601)."
        ),
        _(
            "Dans csv/ et xlsx/, une apostrophe précède les textes qui commencent comme une formule, ou par une "
            "apostrophe ; oui et non sont écrits en toutes lettres ; les heures sont celles de la boutique. Une "
            "cellule de classeur s’arrête à 32 767 caractères : le texte entier est dans les deux autres."
        ),
        _("%(file)s : tout le catalogue, tel que l’import du catalogue le relit.") % {"file": CATALOGUE},
        _(
            "Les imports du back-office relisent aussi clients, commandes_anterieures, prospects, commentaires et "
            "anciennes_adresses."
        ),
        _("Ces fichiers contiennent des données personnelles : gardez-les à l’abri et effacez-les après usage."),
    ]
    for sheet in tables:
        head = f"{sheet.name} — {sheet.title} ({counts.get(sheet.name, 0)})"
        lines = [f"  {name} : {what}" for name, what in sheet.explanations()]
        parts.append("\n".join([head, *lines]))
    return "\n\n".join(parts) + "\n"


def sign(export: ShopExport, *, by: User) -> str:
    """The secret of a link, for one person and an hour."""
    return signing.dumps({"export": export.pk, "user": by.pk}, salt=_SALT)


def export_of(token: str, *, by: User) -> ShopExport | None:
    """The export that a link of this person names, while it is there."""
    try:
        named = signing.loads(token, salt=_SALT, max_age=LINK_SECONDS)
    except signing.BadSignature:
        return None
    if named["user"] != by.pk:
        return None
    return ShopExport.objects.filter(pk=named["export"], status=Status.DONE).exclude(file="").first()


def log_taken(*, export: ShopExport, by: User, now: datetime) -> None:
    log_access(
        action=DataAccess.Action.EXPORTED,
        what=_("toute la boutique"),
        count=export.rows,
        detail=_("export %(number)s") % {"number": export.pk},
        by=by,
        now=now,
    )


def end_stale(*, now: datetime) -> list[int]:
    """Say of exports whose worker was killed that they ended; returns those whose message was lost."""
    old = now - STALE_AFTER
    problem = _("Cet export s’est arrêté avant la fin. Demandez-le à nouveau.")
    ShopExport.objects.filter(status=Status.RUNNING, beat_at__lt=old).update(
        status=Status.FAILED, problem=problem, finished_at=now
    )
    return list(ShopExport.objects.filter(status=Status.WAITING, beat_at__lt=old).values_list("pk", flat=True))
