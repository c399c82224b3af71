"""Read replicas of the database: which reads may come from one, and when one is fit to be read.

Everything reads the primary, unless it runs inside `read`: there, queries of the apps in REPLICA_APPS go to a replica.
The back office, the basket, the checkout, accounts and every write of the API never open `read`.

A replica is fit while its heartbeat is younger than MAX_AGE: a row that the scheduler writes into the primary every two
seconds, read from the replica, and compared with the primary's clock. So the age is never more than what is
missing on the replica, whatever has stopped: the network, the receiving or the applying of changes. Beside that, `read`
asks `caught_up`, where its caller needs a certain change to be there already.

A replica that fails is left at once, by all threads, and asked again after a pause that doubles; what was being read
is read again from the primary.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, OperationalError, connections
from django.db import Error as AnyDatabaseError
from django.utils.module_loading import import_string

T = TypeVar("T")
logger = structlog.get_logger(__name__)

MAX_AGE = timedelta(seconds=5)
CHECK_SECONDS = 1.0
"""How long a process counts on what it has last found."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5.0, 60.0
LONG = "_long"
"""Ending of the alias for reads of minutes: the same server, without the short timeout of pages."""
# Of MySQL's errors 1000 to 1999, those that say that this server cannot be read now: too many connections, a refused
# login or database, a shutdown, a host that is blocked. From 2000 on are the client's: no connection, a lost one.
# https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
UNAVAILABLE = {1040, 1044, 1045, 1049, 1053, 1129, 1130, 1152, 1203, 1226, 1927, 3118, 3159}
READS = ("SELECT", "SHOW", "SET", "SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "EXPLAIN", "PRAGMA", "WITH")


@dataclass
class _Reading:
    alias: str
    is_long: bool
    has_written: bool = False


_reading: ContextVar[_Reading | None] = ContextVar("replica_reading", default=None)


class Replica:
    """One replica, as this process knows it."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self._lock = Lock()
        self._is_fit = False
        self._checked_at = float("-inf")
        self._closed_until = float("-inf")
        self._pause = FIRST_PAUSE_SECONDS

    def is_fit(self) -> bool:
        """As found within the last second; one thread asks, the others go by what was found before."""
        now = time.monotonic()
        if now < self._closed_until:
            return False
        if now - self._checked_at >= CHECK_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._check()
            finally:
                self._lock.release()
        return self._is_fit and time.monotonic() >= self._closed_until

    def leave(self, error: Exception) -> None:
        """Read it no more for a pause, which doubles with each failure in a row."""
        self._closed_until = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
        self._checked_at = float("-inf")
        self._set(False, reason=str(error)[:200])

    def _check(self) -> None:
        try:
            age = import_string(settings.REPLICA_HEARTBEAT)(using=self.alias)
        except AnyDatabaseError as error:
            _close(self.alias)
            self.leave(error)
            return
        self._checked_at = time.monotonic()
        self._pause = FIRST_PAUSE_SECONDS
        self._set(age is not None and age <= MAX_AGE, reason=f"age {age}")

    def _set(self, is_fit: bool, *, reason: str) -> None:
        if is_fit != self._is_fit:
            log = logger.info if is_fit else logger.warning
            log("replica_used" if is_fit else "replica_left", replica=self.alias, reason=reason)
        self._is_fit = is_fit


class Router:
    """Reads outside of `read`, and every write, are the primary's."""

    def db_for_read(self, model: Any, **_hints: Any) -> str:
        return alias_for(model._meta.app_label)

    def db_for_write(self, model: Any, **_hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, *_objects: Any, **_hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, *_args: Any, **_hints: Any) -> bool | None:
        return False if db.removesuffix(LONG) in settings.REPLICAS else None


def read(work: Callable[[], T], *, caught_up: Callable[[str], bool] | None = None, is_long: bool = False) -> T:
    """Run `work`, which must be repeatable, with a replica's rows where one is fit, else with the primary's.

    `caught_up` is given a replica's alias and says whether what must be on it has arrived. Once `work` has written
    something, it reads the primary (unless `is_long`: what a long operation writes of its own progress is not what it
    reads). When the replica fails, `work` is run again on the primary, whose errors are raised.
    """
    replica = _chosen(caught_up) if settings.REPLICAS and not _reading.get() else None
    if replica is None:
        return work()
    alias = replica.alias + LONG * is_long
    token = _reading.set(_Reading(alias, is_long))
    try:
        return work()
    except AnyDatabaseError as error:
        if _is_unavailable(error):
            _close(alias)
            replica.leave(error)
        else:
            logger.warning("replica_refused", replica=alias, error=type(error).__name__)
    finally:
        _reading.reset(token)
    return work()


def alias_for(app: str) -> str:
    """The database that the tables of this app are read from, here and now."""
    reading = _reading.get()
    if reading is None or reading.has_written or app not in settings.REPLICA_APPS:
        return DEFAULT_DB_ALIAS
    # A transaction reads what it has written.
    return DEFAULT_DB_ALIAS if connections[DEFAULT_DB_ALIAS].in_atomic_block else reading.alias


def connection_for(app: str) -> Any:
    """The same for statements written by hand."""
    return connections[alias_for(app)]


def watch(*, connection: Any, **_: Any) -> None:
    """Receiver of Django's connection_created."""
    if connection.alias == DEFAULT_DB_ALIAS and settings.REPLICAS and _note_writes not in connection.execute_wrappers:
        connection.execute_wrappers.append(_note_writes)


def _note_writes(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    reading = _reading.get()
    if reading and not reading.is_long and not str(sql).lstrip(" (").upper().startswith(READS):
        reading.has_written = True
    return execute(sql, params, many, context)


_replicas: dict[str, Replica] = {}


def _chosen(caught_up: Callable[[str], bool] | None) -> Replica | None:
    """The first that is fit. Each process begins with another one and stays with it, so that what it reads never goes
    back in time while that one is fit."""
    aliases = settings.REPLICAS
    first = os.getpid() % len(aliases)
    for alias in (*aliases[first:], *aliases[:first]):
        replica = _replicas.get(alias) or _replicas.setdefault(alias, Replica(alias))
        if not replica.is_fit():
            continue
        try:
            if caught_up is None or caught_up(alias):
                return replica
        except AnyDatabaseError as error:
            _close(alias)
            replica.leave(error)
    return None


def _is_unavailable(error: Exception) -> bool:
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError) or not error.args:
        return False
    code = error.args[0]
    return not isinstance(code, int) or code >= 2000 or code in UNAVAILABLE


def _close(alias: str) -> None:
    with suppress(DatabaseError, InterfaceError):
        connections[alias].close()
