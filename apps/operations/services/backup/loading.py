"""Loads a MySQL backup into an empty database, or resumes a load of the same backup.

Progress is a table of its own in that database, written in the transaction of each step: a load that was killed
resumes, and no row is loaded twice.
"""

import base64
import gzip
import io
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from django.utils.translation import gettext as _

from apps.operations.errors import OperationFailed
from apps.operations.runs.report import Reporter
from apps.operations.services.backup import manifest as manifests
from apps.operations.services.backup.content import Content
from apps.operations.services.backup.manifest import BackupDamaged, Extra, Manifest, Part, Table
from apps.operations.services.backup.source import MARKER, mysql_driver
from apps.operations.services.backup.store import Store

ROWS_AT_ONCE = 1000
MAX_NAMES = 5
# The source's SQL mode: an id of 0 stays 0, and dates that a stricter server would refuse are accepted.
SESSION = (
    "SET SESSION time_zone = '+00:00', foreign_key_checks = 0, unique_checks = 0, "
    "sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'"
)
LOADED, CHECKED = "loaded", "checked"
# Deadlock and lock timeout: the part is loaded again, in a new transaction.
DEADLOCK, TRIES = {1205, 1213}, 6


class NotEmpty(OperationFailed):
    code = "database_not_empty"


class Progress:
    """The steps of a load that are done in this database."""

    def __init__(self, server: Any, manifest: Manifest) -> None:
        self._server = server
        self._backup = f"backup {manifest.prefix} {manifest.finished_at}"
        self.steps: set[str] = set()

    def look(self) -> bool:
        """Whether a load of this backup was interrupted here; changes nothing. Raises NotEmpty where the database
        contains anything else."""
        there = what_is_there(self._server)
        if MARKER not in there:
            if there:
                raise NotEmpty(_not_empty(there), objects=len(there))
            return False
        self.steps = {text(step) for (step,) in run(self._server, f"SELECT step FROM `{MARKER}`")}  # noqa: S608
        if self.steps and self._backup not in self.steps:
            other = next((step for step in self.steps if step.startswith("backup ")), "backup ?").split()[1]
            raise NotEmpty(
                _(
                    "Cette base tient le début d’une restauration de %(backup)s : reprenez celle-là avec "
                    "--backup %(backup)s, ou supprimez la base."
                )
                % {"backup": other}
            )
        return True

    def begin(self) -> bool:
        """The same, and marks the database as this load's."""
        is_resumed = self.look()
        if not is_resumed:
            run(self._server, f"CREATE TABLE `{MARKER}` (step VARCHAR(250) COLLATE utf8mb4_bin PRIMARY KEY)")
        self.reached(self._backup)
        return is_resumed

    def note(self, step: str, server: Any = None) -> None:
        """Inside the caller's transaction, on its connection."""
        with (server or self._server).cursor() as cursor:
            cursor.execute(f"INSERT IGNORE INTO `{MARKER}` (step) VALUES (%s)", [step])  # noqa: S608
        self.steps.add(step)

    def reached(self, step: str) -> None:
        self.note(step)
        self._server.commit()

    def end(self) -> None:
        run(self._server, f"DROP TABLE IF EXISTS `{MARKER}`")


def refuse_what_is_there(server: Any, manifest: Manifest) -> None:
    """Raises NotEmpty unless the database is empty, or partly loaded from this backup."""
    Progress(server, manifest).look()


def what_is_there(server: Any) -> list[str]:
    """Names of all objects in the database."""
    found = run(
        server,
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() "
        "UNION ALL SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() "
        "UNION ALL SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()",
    )
    return sorted(text(name) for (name,) in found)


def load(*, server: Any, store: Store, manifest: Manifest, report: Reporter, helpers: Sequence[Any] = ()) -> Progress:
    """Every table with its rows, a part at a time on `server` and on each of `helpers`, which are connections to the
    same database. Raises BackupDamaged, or OperationFailed where the database is not empty."""
    for each in (server, *helpers):
        run(each, SESSION)
    progress = Progress(server, manifest)
    if progress.begin():
        parts = sum(len(table.parts) for table in manifest.tables)
        done = sum(1 for step in progress.steps if step.startswith(manifest.prefix))
        report.say(_("Reprise : %(done)d morceaux sur %(parts)d y étaient déjà.") % {"done": done, "parts": parts})
    if LOADED not in progress.steps:
        _fill(server, helpers, store, manifest, progress, report)
        progress.reached(LOADED)
    run(server, "SET SESSION foreign_key_checks = 1, unique_checks = 1")
    return progress


def _fill(
    server: Any, helpers: Sequence[Any], store: Store, manifest: Manifest, progress: Progress, report: Reporter
) -> None:
    there = set(what_is_there(server))
    for table in manifest.tables:
        if not table.definition.startswith(f"CREATE TABLE `{table.name}` ("):
            raise BackupDamaged(
                _("La définition de %(table)s n’en est pas une : rien n’en est exécuté.") % {"table": table.name}
            )
    for table in manifest.tables:
        if table.name not in there:
            run(server, table.definition)
    _load_parts([server, *helpers], store, manifest, progress, report)
    for table in manifest.tables:
        ((found,),) = run(server, f"SELECT COUNT(*) FROM `{table.name}`")  # noqa: S608
        same_rows(table.name, int(found), table.rows)


def _load_parts(servers: Sequence[Any], store: Store, manifest: Manifest, progress: Progress, report: Reporter) -> None:
    """As many at a time as there are servers; in memory are as many parts."""
    free: SimpleQueue[Any] = SimpleQueue()
    for each in servers:
        free.put(each)
    total = sum(len(table.parts) for table in manifest.tables)
    waiting = [(table, part) for table in manifest.tables for part in table.parts if part.key not in progress.steps]

    def load_part(table: Table, part: Part) -> str:
        server = free.get()
        try:
            for tries_left in reversed(range(TRIES)):
                try:
                    _insert(server, table, manifests.read_part(store, part))
                    progress.note(part.key, server)
                    server.commit()
                    break
                except BaseException as error:
                    # The next part on this connection must not commit half of this one.
                    with suppress(mysql_driver().OperationalError):
                        # Where the connection is gone, the server takes it back by itself.
                        server.rollback()
                    if not tries_left or not _is_deadlock(error):
                        raise
        finally:
            free.put(server)
        return table.name

    if len(servers) == 1:
        for number, each in enumerate(waiting, start=total - len(waiting) + 1):
            report.progress(each[0].name, number, total)
            load_part(*each)
        return
    pool = ThreadPoolExecutor(len(servers))
    try:
        running = [pool.submit(load_part, *each) for each in waiting]
        for number, done in enumerate(as_completed(running), start=total - len(waiting) + 1):
            report.progress(done.result(), number, total)
    finally:
        # What has not begun is left to the next try.
        pool.shutdown(cancel_futures=True)


def _is_deadlock(error: BaseException) -> bool:
    return isinstance(error, mysql_driver().OperationalError) and error.args[0] in DEADLOCK


def create_extras(server: Any, manifest: Manifest) -> list[str]:
    """Views, routines, triggers and events, after the rows, so that no trigger acts on them. Returns what could not be
    made, and why. What is there stays."""
    waiting, reasons = list(manifest.extras), {}
    # A view may depend on another: as long as one more can be created, the others are tried again.
    while waiting:
        left = []
        for extra in waiting:
            reason = _create(server, extra)
            if reason:
                reasons[extra.name] = reason
                left.append(extra)
        if len(left) == len(waiting):
            break
        waiting = left
    return [f"{extra.kind} {extra.name} ({reasons[extra.name]})" for extra in waiting]


def _create(server: Any, extra: Extra) -> str:
    """The error message; empty on success."""
    if not extra.definition:
        return _("sa définition n’est pas dans la sauvegarde")
    try:
        run(server, extra.definition)
    except mysql_driver().Error as error:
        code, message = (*error.args, "")[:2]
        # 1050, 1304, 1359, 1537: it exists already.
        return "" if code in {1050, 1304, 1359, 1537} else str(message)
    return ""


def differences(manifest: Manifest, found: dict[str, Content]) -> list[str]:
    """One line for each table whose content differs from the backup."""
    wrong = []
    for name in sorted({*manifest.contents, *found}):
        there, here = manifest.contents.get(name), found.get(name)
        if there is None:
            wrong.append(_("%(table)s n’est pas dans la sauvegarde") % {"table": name})
        elif here is None:
            wrong.append(_("%(table)s n’a pas été restaurée") % {"table": name})
        elif here.rows != there.rows:
            counts = {"table": name, "found": here.rows, "wanted": there.rows}
            wrong.append(_("%(table)s a %(found)d lignes au lieu de %(wanted)d") % counts)
        elif here != there:
            wrong.append(_("%(table)s n’a pas le contenu sauvegardé") % {"table": name})
    return wrong


def _insert(server: Any, table: Table, content: bytes) -> None:
    columns = ", ".join(f"`{column}`" for column in table.columns)
    places = ", ".join(["%s"] * len(table.columns))
    sql = f"INSERT INTO `{table.name}` ({columns}) VALUES ({places})"  # noqa: S608
    with server.cursor() as cursor:
        cursor.max_stmt_length = 4 * 1024 * 1024
        for rows in _rows(table, content):
            cursor.executemany(sql, rows)


def _rows(table: Table, content: bytes) -> Iterator[list[list[Any]]]:
    binary = [table.columns.index(column) for column in table.binary]
    rows: list[list[Any]] = []
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as lines:
        for line in lines:
            row = json.loads(line)
            for index in binary:
                row[index] = None if row[index] is None else base64.b64decode(row[index])
            rows.append(row)
            if len(rows) == ROWS_AT_ONCE:
                yield rows
                rows = []
    if rows:
        yield rows


def same_rows(table: str, found: int, wanted: int) -> None:
    if found != wanted:
        raise BackupDamaged(
            _("%(table)s a %(found)d lignes au lieu de %(wanted)d.")
            % {"table": table, "found": found, "wanted": wanted},
            table=table,
        )


def _not_empty(there: list[str]) -> str:
    names = ", ".join(there[:MAX_NAMES]) + ("…" if len(there) > MAX_NAMES else "")
    return _(
        "La base n’est pas vide (%(count)d objets : %(names)s) et n’a pas été touchée : nommez-en une autre, qui "
        "n’existe pas encore ou qui est vide."
    ) % {"count": len(there), "names": names}


def run(server: Any, sql: str) -> Any:
    with server.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def text(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value
