"""Errors that come from around an operation, each in one sentence: the database is away, refuses or is not migrated, a
disk is full or may not be written.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import CommandError
from django.db import Error as DatabaseError
from django.utils.translation import gettext as _

from apps.common.errors import DomainError

# https://dev.mysql.com/doc/mysql-errors/8.4/en/client-error-reference.html, and the server's refusals of connections.
MYSQL_AWAY = {1040, 1053, 1158, 1159, 1160, 1161, 2002, 2003, 2005, 2006, 2012, 2013, 2055}
MYSQL_FULL = {1021, 1114}
# Wrong password, no right to the database, to a table or a column, and no such database.
MYSQL_REFUSES = {1044, 1045, 1049, 1142, 1143, 1227, 1698}
SQLITE_REFUSES = ("attempt to write a readonly database",)
# A table, a column that a migration makes.
MYSQL_UNMIGRATED = {1054, 1146}
SQLITE_UNMIGRATED = ("no such table", "no such column", "has no column named")
SQLITE_AWAY = ("unable to open database file", "disk I/O error")
SQLITE_FULL = "database or disk is full"
DRIVERS = {"MySQLdb", "sqlite3"}


class DatabaseAway(DomainError):
    code = "database_away"


class DiskFull(DomainError):
    code = "disk_full"


class DatabaseRefuses(DomainError):
    code = "database_refuses"


class NotMigrated(DomainError):
    code = "not_migrated"


class NotPermitted(DomainError):
    code = "not_permitted"


def explained(error: BaseException) -> DomainError | None:
    """None for any other error: those go to the log with their traceback."""
    reason = str(error)
    if is_full(error):
        where = f"{error.filename}" if isinstance(error, OSError) and error.filename else reason
        text = _("Le disque est plein (%(where)s) : faites de la place, puis recommencez.")
        return DiskFull(text % {"where": where})
    if is_away(error):
        text = _(
            "La base de la boutique ne répond pas (%(reason)s) : vérifiez son serveur et DATABASE_URL, puis "
            "recommencez."
        )
        return DatabaseAway(text % {"reason": reason})
    if _is(error, MYSQL_REFUSES, SQLITE_REFUSES):
        text = _(
            "La base de la boutique refuse cet accès (%(reason)s) : vérifiez DATABASE_URL et les droits de son "
            "utilisateur, puis recommencez."
        )
        return DatabaseRefuses(text % {"reason": reason})
    if _is(error, MYSQL_UNMIGRATED, SQLITE_UNMIGRATED):
        text = _(
            "La base de la boutique n’a pas le schéma de cette version (%(reason)s) : lancez manage.py migrate, puis "
            "recommencez."
        )
        return NotMigrated(text % {"reason": reason})
    if isinstance(error, OSError) and error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        text = _(
            "Cet utilisateur n’a pas le droit d’écrire ou de lire %(where)s : lancez la commande avec celui de la "
            "boutique, ou changez les droits, puis recommencez."
        )
        return NotPermitted(text % {"where": error.filename or reason})
    return None


@contextmanager
def explained_at_a_terminal() -> Iterator[None]:
    """For commands that are no operations: one sentence in place of a traceback."""
    try:
        yield
    except Exception as error:
        refusal = explained(error)
        if refusal is None:
            raise
        raise CommandError(refusal.message) from error


def is_away(error: BaseException) -> bool:
    return _is(error, MYSQL_AWAY, SQLITE_AWAY)


def _is(error: BaseException, numbers: set[int], sentences: tuple[str, ...]) -> bool:
    if not _is_of_database(error):
        return False
    return _number(error) in numbers or any(words in str(error) for words in sentences)


def is_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    return _is_of_database(error) and (_number(error) in MYSQL_FULL or SQLITE_FULL in str(error))


def _is_of_database(error: BaseException) -> bool:
    """Django's, or a driver's own: backups are read and restored without Django in between."""
    return isinstance(error, DatabaseError) or type(error).__module__.partition(".")[0] in DRIVERS


def _number(error: BaseException) -> int:
    number = error.args[0] if error.args else 0
    return number if isinstance(number, int) else 0
