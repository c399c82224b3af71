"""Restores a backup into an empty MySQL database, or goes on with one that the same restore has partly loaded."""

import time
from contextlib import ExitStack
from typing import Any

from django.utils.translation import gettext as _

from apps.operations.errors import OperationFailed
from apps.operations.runs.report import Reporter
from apps.operations.services.backup.checking import bring_up, same_content
from apps.operations.services.backup.destination import Destination, driver_parameters
from apps.operations.services.backup.dump import verify
from apps.operations.services.backup.loading import CHECKED, create_extras, load, refuse_what_is_there, run
from apps.operations.services.backup.manifest import Manifest
from apps.operations.services.backup.store import Store
from apps.operations.services.backup.target import CHARACTERS, connect, connected, mysql_settings, raw_connection


def into_mysql(
    store: Store, manifest: Manifest, target: Destination, data: dict[str, Any], report: Reporter, *, at_once: int
) -> list[str]:
    name = target.mysql["NAME"]
    with raw_connection(driver_parameters(target)) as server:
        _hold(server, name)
        if exists(server, target):
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
            problems += bring_up(data, report)
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


def exists(server: Any, target: Destination) -> bool:
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
