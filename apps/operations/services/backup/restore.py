"""`restore`: restores a backup into a database that stays, and the shop's files from their copies."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.operations.errors import OperationFailed
from apps.operations.runs.definition import Operation, Outcome, register
from apps.operations.runs.report import Reporter
from apps.operations.services.backup import invariants
from apps.operations.services.backup import manifest as manifests
from apps.operations.services.backup.checking import MAX_LISTED
from apps.operations.services.backup.destination import Destination, destination, driver_parameters, refuse_the_shops
from apps.operations.services.backup.instance import restore_instance
from apps.operations.services.backup.into_mysql import exists, into_mysql
from apps.operations.services.backup.into_sqlite import into_sqlite, refuse_file
from apps.operations.services.backup.loading import refuse_what_is_there, run
from apps.operations.services.backup.manifest import Manifest
from apps.operations.services.backup.media import put_back_media
from apps.operations.services.backup.restore_options import RestoreOptions
from apps.operations.services.backup.source import mysql_driver
from apps.operations.services.backup.store import Store, backups
from apps.operations.services.backup.target import raw_connection


def restore(
    *,
    backup: str,
    into: str,
    rds: str,
    to_point_in_time: str,
    media: bool,
    at_once: int,
    unsigned: bool,
    dry_run: bool,
    report: Reporter,
    now: datetime,
) -> Outcome:
    """Into an empty database, or one that the same restore has partly loaded; it stays, even when it fails a check. A
    repeat after a kill resumes; one after the end is refused: the database is not empty."""
    store = backups()
    sentences: list[str] = []
    data: dict[str, Any] = {}
    problems: list[str] = []
    if into:
        target = destination(into)
        refuse_the_shops(target)
        manifest = manifests.chosen(store, backup, unsigned=unsigned)
        _announce(store, manifest, target, data, report, unsigned=unsigned)
        with _errors_as_sentences(target):
            if dry_run:
                sentences.append(_would(manifest, target, data))
            else:
                began = time.monotonic()
                problems = _restore(store, manifest, target, data, report, at_once=at_once)
                data["seconds"] = round(time.monotonic() - began, 1)
                if not problems:
                    _note_restored(store, manifest, target, now, report)
                sentences.append(_done(manifest, target, data, problems))
    if rds:
        sentences.append(
            restore_instance(
                name=rds, snapshot=backup, moment=to_point_in_time, data=data, dry_run=dry_run, report=report
            )
        )
    if media:
        data["media"] = put_back_media(store=store, dry_run=dry_run, report=report)
        text = (
            _("%(to_copy)d fichiers sur %(files)d seraient remis.")
            if dry_run
            else _("%(copied)d fichiers remis sur %(files)d.")
        )
        sentences.append(text % data["media"])
        if data["media"]["different"]:
            sentences.append(
                _("%(count)d fichiers ont une autre taille que leur copie et ont été laissés.")
                % {"count": data["media"]["different"]}
            )
    return Outcome(" ".join(sentences), data, ok=not problems)


def _note_restored(store: Store, manifest: Manifest, target: Destination, now: datetime, report: Reporter) -> None:
    """For the inventory. Who restores may lack the right to write there, or the store be locked."""
    put_back = {"backup": manifest.prefix, "restored_at": now.isoformat(), "into": target.redacted}
    try:
        manifests.write_mark(store, manifest.prefix, manifests.PUT_BACK, put_back)
    except (OSError, BotoCoreError, ClientError, OperationFailed) as error:
        report.say(_("L’inventaire ne dira rien de cette restauration : %(reason)s") % {"reason": error})


def _announce(
    store: Store, manifest: Manifest, target: Destination, data: dict[str, Any], report: Reporter, *, unsigned: bool
) -> None:
    """Reports what will be restored, and refuses what this release cannot."""
    if manifest.engine != target.engine:
        raise OperationFailed(
            _(
                "%(backup)s est une sauvegarde de %(from)s : elle ne se restaure pas dans %(into)s. Donnez une adresse "
                "%(example)s."
            )
            % {
                "backup": manifest.prefix,
                "from": NAMES[manifest.engine],
                "into": NAMES[target.engine],
                "example": f"{manifest.engine}://…",
            }
        )
    unknown = invariants.not_in_this_release(manifest.migrations)
    if unknown:
        raise OperationFailed(
            _(
                "%(backup)s vient d’une version plus récente (%(release)s) : restaurez-la avec celle-là. Migrations "
                "inconnues ici : %(names)s."
            )
            % {"backup": manifest.prefix, "release": manifest.release, "names": ", ".join(unknown[:MAX_LISTED])}
        )
    verified = manifests.verified_at(store, manifest.prefix, unsigned=unsigned)
    data |= {
        "backup": manifest.prefix,
        "into": target.redacted,
        "rows": manifest.rows,
        "bytes": manifest.size,
        "recovery_point": manifest.taken_at,
        "verified_at": verified.isoformat() if verified else None,
    }
    report.say(
        _("%(prefix)s : état du %(point)s, %(rows)d lignes, %(megabytes).1f Mo.")
        % {
            "prefix": manifest.prefix,
            "point": _moment(manifest.taken),
            "rows": manifest.rows,
            "megabytes": manifest.size / 1e6,
        }
    )
    if verified:
        report.say(_("Vérifiée par restore_check le %(when)s.") % {"when": _moment(verified)})
    else:
        report.say(_("Pas encore vérifiée par restore_check : cette restauration la vérifie."))


NAMES = {"mysql": "MySQL", "sqlite": "SQLite"}


def _moment(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%d/%m/%Y %H:%M:%S")


def _would(manifest: Manifest, target: Destination, data: dict[str, Any]) -> str:
    if target.path is None:
        with raw_connection(driver_parameters(target)) as server:
            is_there = exists(server, target)
            if is_there:
                run(server, f"USE `{target.mysql['NAME']}`")
                refuse_what_is_there(server, manifest)
    else:
        refuse_file(target.path)
        is_there = target.path.exists()
    data["pending_migrations"] = invariants.missing_from(manifest.migrations)
    text = (
        _("%(backup)s serait restaurée dans %(into)s, qui est là et vide ; %(migrations)d migrations suivraient.")
        if is_there
        else _("%(backup)s serait restaurée dans %(into)s, qui serait créée ; %(migrations)d migrations suivraient.")
    )
    return text % {
        "backup": manifest.prefix,
        "into": target.redacted,
        "migrations": len(data["pending_migrations"]),
    }


def _restore(
    store: Store, manifest: Manifest, target: Destination, data: dict[str, Any], report: Reporter, *, at_once: int
) -> list[str]:
    """Returns the problems found."""
    if target.path is None:
        return into_mysql(store, manifest, target, data, report, at_once=at_once)
    return into_sqlite(store, manifest, target, data, report)


def _done(manifest: Manifest, target: Destination, data: dict[str, Any], problems: list[str]) -> str:
    values = {
        "backup": manifest.prefix,
        "into": target.redacted,
        "seconds": data["seconds"],
        "point": _moment(manifest.taken),
        "problems": " ; ".join(problems),
    }
    if problems:
        return (
            _("%(backup)s est restaurée dans %(into)s et y reste, mais tout n’y est pas juste : %(problems)s.") % values
        )
    text = _(
        "%(backup)s est restaurée dans %(into)s en %(seconds).1f s, contenu et comptes vérifiés : la boutique du "
        "%(point)s. Étape suivante : mettez cette adresse dans DATABASE_URL, relancez la boutique, puis suivez "
        "docs/runbooks/recovery.md pour ce qui s’est passé depuis."
    )
    return text % values


@contextmanager
def _errors_as_sentences(target: Destination) -> Iterator[None]:
    """Turns errors of a database or a disk into one sentence; what was done so far stays for the next try."""
    errors: list[type[Exception]] = [DatabaseError, OSError]
    if target.path is None:
        errors.append(mysql_driver().Error)
    try:
        yield
    except tuple(errors) as error:
        raise OperationFailed(
            _(
                "La restauration dans %(into)s s’est arrêtée : %(error)s. Corrigez, puis relancez la même commande : "
                "elle reprend où elle en était."
            )
            % {"into": target.redacted, "error": " ".join(str(part) for part in error.args) or type(error).__name__}
        ) from error


register(
    Operation(
        name="restore",
        title=gettext_lazy("Restauration"),
        about=gettext_lazy(
            "Remet une sauvegarde dans une base vide, qui reste, et les fichiers depuis leur copie ; jamais dans la "
            "base de la boutique elle-même."
        ),
        run=restore,
        options=RestoreOptions,
        time_limit=timedelta(minutes=25),
        terminal_time_limit=timedelta(hours=24),
        runs_without_database=True,
    )
)
