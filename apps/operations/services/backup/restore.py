"""`restore`: restores a backup into a database that stays, and the shop's files from their copies."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django import forms
from django.conf import settings
from django.db import DatabaseError, connections
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.operations.errors import OperationFailed
from apps.operations.runs.definition import Operation, Options, Outcome, register
from apps.operations.runs.report import Reporter
from apps.operations.services.backup import invariants
from apps.operations.services.backup import manifest as manifests
from apps.operations.services.backup.checking import MAX_LISTED, migrated, same_content
from apps.operations.services.backup.destination import (
    Destination,
    destination,
    driver_parameters,
    has_password,
    refuse_the_shops,
    without_password,
)
from apps.operations.services.backup.dump import verify
from apps.operations.services.backup.instance import LATEST, RDS_NAME, parsed_moment, restore_instance
from apps.operations.services.backup.loading import CHECKED, create_extras, load, refuse_what_is_there, run
from apps.operations.services.backup.manifest import Manifest
from apps.operations.services.backup.media import put_back_media
from apps.operations.services.backup.options import unsigned_field
from apps.operations.services.backup.source import mysql_driver
from apps.operations.services.backup.store import Store, backups
from apps.operations.services.backup.target import (
    ALIAS,
    CHARACTERS,
    connect,
    connect_sqlite,
    connected,
    mysql_settings,
    raw_connection,
    write_sqlite,
)


class RestoreOptions(Options):
    only_in_terminal = ("unsigned",)

    backup = forms.CharField(
        label=gettext_lazy("Sauvegarde"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("laquelle, comme « database/2026-11-21T02-00-00/ » ; par défaut la plus récente"),
    )
    into = forms.CharField(
        label=gettext_lazy("Dans la base"),
        required=False,
        max_length=500,
        help_text=gettext_lazy(
            "une base vide ou à créer : mysql://hôte:3306/base, avec l’utilisateur de RESTORE_DATABASE_URL ou de "
            "DATABASE_URL si c’est le même serveur ; mysql://utilisateur:motdepasse@hôte:3306/base, dans un terminal "
            "seulement ; ou sqlite:////chemin/fichier"
        ),
    )
    rds = forms.RegexField(
        RDS_NAME,
        label=gettext_lazy("Instance RDS"),
        required=False,
        max_length=63,
        help_text=gettext_lazy(
            "une nouvelle instance RDS de ce nom, d’un instantané (le plus récent, ou --backup snap-…) ou d’un moment"
        ),
        error_messages={
            "invalid": gettext_lazy(
                "Un nom d’instance a des minuscules, des chiffres et des tirets simples, et commence par une lettre."
            )
        },
    )
    to_point_in_time = forms.CharField(
        label=gettext_lazy("Moment"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("avec --rds : l’état de la base à ce moment, « 2026-11-28T09:55 » ou « latest »"),
    )
    media = forms.BooleanField(  # type: ignore[assignment]
        label=gettext_lazy("Fichiers"),
        required=False,
        help_text=gettext_lazy("remet les fichiers qui manquent à la boutique, depuis leur copie"),
    )
    at_once = forms.IntegerField(
        label=gettext_lazy("À la fois"),
        min_value=1,
        max_value=16,
        initial=4,
        help_text=gettext_lazy("morceaux chargés en même temps dans MySQL, chacun par une connexion"),
    )
    unsigned = unsigned_field()

    @classmethod
    def recordable(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {**given, "into": without_password(str(given.get("into") or ""))}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        if not (cleaned.get("into") or cleaned.get("rds") or cleaned.get("media")):
            raise forms.ValidationError(
                _("Dites où restaurer la base (--into ou --rds), ou demandez les fichiers (--media).")
            )
        if cleaned.get("into") and cleaned.get("rds"):
            raise forms.ValidationError(
                _("Restaurez dans une base (--into) ou dans une instance (--rds), pas les deux.")
            )
        if cleaned.get("to_point_in_time") and not cleaned.get("rds"):
            raise forms.ValidationError(_("Un moment se restaure dans une nouvelle instance : nommez-la avec --rds."))
        if cleaned.get("to_point_in_time") and cleaned.get("backup"):
            raise forms.ValidationError(_("Restaurez une sauvegarde (--backup) ou un moment, pas les deux."))
        return cleaned

    def clean_to_point_in_time(self) -> str:
        text: str = self.cleaned_data["to_point_in_time"].strip()
        if text and text != LATEST and parsed_moment(text) is None:
            raise forms.ValidationError(_("Écrivez un moment comme 2026-11-28T09:55 (heure de Paris), ou latest."))
        return text

    def clean_in_page(self) -> None:
        """What a page sends waits in a queue, and a worker writes where it may."""
        into = str(self.cleaned_data.get("into") or "")
        if has_password(into):
            # The page is displayed again, without the password.
            self.data = {**self.data, "into": without_password(into)}
            self.add_error(
                "into",
                _(
                    "Sans mot de passe : il resterait dans la file d’attente. Mettez-le dans RESTORE_DATABASE_URL, ou "
                    "lancez la commande dans un terminal."
                ),
            )
        elif into.lower().startswith("sqlite") and not _is_within(into, settings.VAR_DIR):
            self.add_error(
                "into",
                _("Depuis cette page, un fichier SQLite se restaure sous %(folder)s.") % {"folder": settings.VAR_DIR},
            )


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
            exists = _exists(server, target)
            if exists:
                run(server, f"USE `{target.mysql['NAME']}`")
                refuse_what_is_there(server, manifest)
    else:
        _refuse_file(target.path)
        exists = target.path.exists()
    data["pending_migrations"] = invariants.missing_from(manifest.migrations)
    text = (
        _("%(backup)s serait restaurée dans %(into)s, qui est là et vide ; %(migrations)d migrations suivraient.")
        if exists
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
        return _into_mysql(store, manifest, target, data, report, at_once=at_once)
    return _into_sqlite(store, manifest, target, data, report)


def _into_mysql(
    store: Store, manifest: Manifest, target: Destination, data: dict[str, Any], report: Reporter, *, at_once: int
) -> list[str]:
    name = target.mysql["NAME"]
    with raw_connection(driver_parameters(target)) as server:
        _hold(server, name)
        if _exists(server, target):
            run(server, f"USE `{name}`")
            refuse_what_is_there(server, manifest)
            verify(store=store, manifest=manifest, report=report)
            # Tables of later migrations take the database's default.
            run(server, f"ALTER DATABASE `{name}` {CHARACTERS}")
        else:
            # Before a database is made for it.
            verify(store=store, manifest=manifest, report=report)
            run(server, f"CREATE DATABASE `{name}` {CHARACTERS}")
            run(server, f"USE `{name}`")
        began = time.monotonic()
        with ExitStack() as stack:
            helpers = [
                stack.enter_context(raw_connection({**driver_parameters(target), "database": name}))
                for _helper in range(at_once - 1)
            ]
            progress = load(server=server, store=store, manifest=manifest, report=report, helpers=helpers)
        report.say(_("Chargée en %(seconds).1f s.") % {"seconds": time.monotonic() - began})
        connect(mysql_settings(target.mysql, name))
        with connected():
            problems: list[str] = []
            if CHECKED not in progress.steps:
                # From here on the schema changes, and content can no longer be compared.
                data["content_checked"], problems = same_content(manifest, report)
                missing = create_extras(server, manifest)
                problems += [_("pas recréé : %(name)s") % {"name": each} for each in missing]
                if manifest.extras:
                    report.say(
                        _("Vues, routines, déclencheurs et évènements : %(created)d recréés sur %(count)d.")
                        % {"created": len(manifest.extras) - len(missing), "count": len(manifest.extras)}
                    )
                if not problems:
                    progress.reached(CHECKED)
            problems += _bring_up(data, report)
        if not problems:
            # Otherwise a repeat of the command checks again.
            progress.end()
        return problems


def _hold(server: Any, name: str) -> None:
    """A lock: one restore at a time into a database, from any host."""
    with server.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(%s, 0)", [f"webmarket restore {name}"[:64]])
        ((got,),) = cursor.fetchall()
    if int(got or 0) != 1:
        raise OperationFailed(
            _("Une autre restauration remplit déjà %(name)s : attendez sa fin.") % {"name": name}, busy=True
        )


def _into_sqlite(
    store: Store, manifest: Manifest, target: Destination, data: dict[str, Any], report: Reporter
) -> list[str]:
    """Into a file beside its place, then renamed: a file at that name is a whole database."""
    path = target.path
    assert path is not None  # noqa: S101
    _refuse_file(path)
    verify(store=store, manifest=manifest, report=report)
    beside = path.with_name(f".{path.name}.restoring")
    _remove(beside)
    try:
        beside.touch(mode=0o600)
        write_sqlite(beside, store=store, manifest=manifest, report=report)
        connect_sqlite(beside)
        with connected():
            data["content_checked"], problems = same_content(manifest, report)
            problems += _bring_up(data, report)
            with connections[ALIAS].cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        beside.replace(path)
    finally:
        _remove(beside)
    return problems


def _bring_up(data: dict[str, Any], report: Reporter) -> list[str]:
    """Runs this release's migrations, then checks the shop's books."""
    data["migrations_run"], problems = migrated(report)
    if problems:
        hint = _("si une migration avait été interrompue, supprimez cette base et restaurez de nouveau")
        return [*problems, hint]
    report.progress(_("Vérification"))
    faults = invariants.faults(ALIAS)
    data["faults"], data["first_faults"] = len(faults), faults[:MAX_LISTED]
    if not faults:
        report.say(_("Stocks, commandes, paiements et index de recherche s’accordent."))
    return faults[:MAX_LISTED]


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


def _exists(server: Any, target: Destination) -> bool:
    with server.cursor() as cursor:
        cursor.execute("SELECT VERSION()")
        ((version,),) = cursor.fetchall()
        if "mariadb" in str(version).lower():
            raise OperationFailed(_("Ce serveur est MariaDB : la boutique ne tourne que sur MySQL."))
        cursor.execute(
            "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = %s", [target.mysql["NAME"]]
        )
        ((count,),) = cursor.fetchall()
    return bool(count)


def _refuse_file(path: Path) -> None:
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


def _is_within(url: str, folder: Path) -> bool:
    try:
        path = destination(url).path
    except OperationFailed:
        return True  # The operation reports it.
    return path is not None and path.resolve().is_relative_to(folder.resolve())


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
