"""Databases that a killed check of a backup left behind."""

import re
import secrets
from typing import Any

from django.utils.translation import gettext as _

from apps.operations.runs.report import Reporter
from apps.operations.services.backup.loading import run, text

PREFIX = "restore_check_"


def new_name() -> str:
    """Name of a check's database, unique."""
    return f"{PREFIX}{secrets.token_hex(4)}"


def lock_name(database: str) -> str:
    """A named lock on the server that a check holds while its database exists; it ends with the connection."""
    return f"webmarket {database}"


def left_databases(server: Any) -> list[str]:
    """Those with a name of checks whose lock no check holds."""
    named = re.compile(rf"{PREFIX}[0-9a-f]{{8}}")
    names = [text(name) for (name,) in run(server, "SHOW DATABASES")]
    return [name for name in names if named.fullmatch(name) and _is_free(server, name)]


def drop_left(server: Any, name: str) -> bool:
    """False where a check holds it after all."""
    ((got,),) = run(server, f"SELECT GET_LOCK('{lock_name(name)}', 0)")
    if int(got or 0) != 1:
        return False
    try:
        run(server, f"DROP DATABASE IF EXISTS `{name}`")
    finally:
        run(server, f"SELECT RELEASE_LOCK('{lock_name(name)}')")
    return True


def sweep_databases(server: Any, report: Reporter) -> list[str]:
    dropped = [name for name in left_databases(server) if drop_left(server, name)]
    for name in dropped:
        report.say(_("Base %(name)s, laissée par un essai interrompu : supprimée.") % {"name": name})
    return dropped


def _is_free(server: Any, name: str) -> bool:
    ((holder,),) = run(server, f"SELECT IS_USED_LOCK('{lock_name(name)}')")
    return holder is None
