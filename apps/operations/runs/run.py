"""Runs an operation: its row, its lock, its time limit, its outcome."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

import structlog
from botocore.exceptions import BotoCoreError, ClientError
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import IntegrityError, InterfaceError, OperationalError, ProgrammingError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.common.errors import DomainError
from apps.common.processes import is_alive
from apps.operations.aws.errors import explain
from apps.operations.errors import AlreadyRunning, BadOptions, OutOfTime
from apps.operations.models import OperationRun
from apps.operations.runs.broken import DatabaseAway, explained, is_away
from apps.operations.runs.definition import Operation, Outcome
from apps.operations.runs.interruption import interruptions_watched
from apps.operations.runs.report import Reporter, Screen

logger = structlog.get_logger(__name__)
# How long after its limit a silent run counts as lost.
GRACE = timedelta(minutes=2)
# How long a run that a page asked for waits for a worker.
QUEUE_WAIT = timedelta(hours=1)
SAVE_SECONDS = 2.0
# A row that stays active would refuse the next run. RDS fails over within two minutes; a person does not wait for it.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.Failover.html
FAILOVER, STORE_SECONDS = timedelta(minutes=4), 5.0
INTERRUPTED = "interrupted"
State = OperationRun.State


@dataclass(frozen=True)
class Starter:
    source: str
    user: User | None = None


def run_operation(
    *,
    operation: Operation,
    options: dict[str, Any],
    starter: Starter,
    now: datetime,
    is_dry_run: bool = False,
    screen: Screen | None = None,
    queued: int | None = None,
) -> OperationRun:
    """Run it to its end and return its row, whatever the end was: the row of `queued`, or a new one. A planned run with
    nothing to do leaves none.

    Raises BadOptions, or AlreadyRunning while another real run of it is active; then nothing was done, and a row says
    that it was refused. An error that nobody expected is written to the row and raised again.
    """
    form = operation.options(data=operation.options.filled(options))
    if not form.is_valid():
        wrong = BadOptions(_form_errors(form, is_typed=starter.source == OperationRun.Source.TERMINAL))
        if starter.source != OperationRun.Source.TERMINAL:
            # Nobody watches.
            OperationRun.objects.queued().filter(pk=queued).delete()
            _leave_refused(operation, options, starter, now, is_dry_run, wrong)
        raise wrong
    run = (
        _begin(operation, form.cleaned_data, starter, now, is_dry_run)
        if queued is None
        else _begin_queued(queued, operation, now)
    )
    report = Reporter(screen, _saver(run))
    if run.pk is None:
        report.say(_("La base de la boutique ne répond pas : cette exécution n’y laissera pas de ligne."))
    began = time.monotonic()
    unexpected: Exception | None = None
    is_watched = starter.source == OperationRun.Source.TERMINAL
    limit = (operation.terminal_time_limit if is_watched else None) or operation.time_limit
    try:
        with _time_limit(limit), _termination_heard(is_watched):
            outcome = operation.run(dry_run=is_dry_run, report=report, now=now, **form.cleaned_data)
        state = State.SUCCEEDED if outcome.ok else State.FAILED
    except KeyboardInterrupt as error:
        by = error.args[0] if error.args else signal.SIGINT
        text = _("Interrompue (%(signal)s) : ce qui était commencé a été arrêté en ordre.")
        state, outcome = State.FAILED, Outcome(text % {"signal": by.name}, {"code": INTERRUPTED, "signal": int(by)})
    except OutOfTime as error:
        state, outcome = State.OUT_OF_TIME, Outcome(error.message)
    except DomainError as error:
        state, outcome = State.FAILED, Outcome(error.message, {"code": error.code, **_plain(error.details)})
    except (BotoCoreError, ClientError) as error:
        refused = explain(error)
        state, outcome = State.FAILED, Outcome(refused.message, {"code": refused.code, **_plain(refused.details)})
    except Exception as error:
        refusal = explained(error)
        unexpected = None if refusal else error
        state = State.FAILED
        outcome = Outcome(refusal.message, {"code": refusal.code}) if refusal else Outcome(unexpected_message(error))
    _finish(run, state, outcome, report, seconds=time.monotonic() - began)
    if outcome.is_idle and starter.source == OperationRun.Source.SCHEDULE and run.state == State.SUCCEEDED:
        # Every five minutes an idle run's row would hide the others. DueJob records that it ran.
        OperationRun.objects.filter(pk=run.pk).delete()
    if unexpected:
        raise unexpected
    return run


def queue_run(
    *, operation: Operation, options: dict[str, Any], user: User, now: datetime, is_dry_run: bool
) -> OperationRun:
    """A row that waits for a worker. Raises AlreadyRunning, and leaves a row of the refusal, while a real run of it is
    active or waits."""
    abandon_lost_runs(now=now)
    starter = Starter(OperationRun.Source.BACK_OFFICE, user)
    run = _row(operation, options, starter, now, is_dry_run)
    run.state, run.host, run.pid, run.expires_at = State.QUEUED, "", 0, now + QUEUE_WAIT
    _save(run, operation, options, starter)
    return run


def unexpected_message(error: Exception) -> str:
    text = _("Erreur inattendue (%(error)s) : elle est dans les journaux de la machine.")
    return text % {"error": f"{type(error).__name__}: {error}"}


def _form_errors(form: Any, *, is_typed: bool) -> str:
    """Errors of the options, each after its option's name, as a terminal writes it, if it has one."""

    def label(name: str) -> str:
        return f"--{name.replace('_', '-')}" if is_typed and name not in form.positional else name

    return " ".join(
        error if name == NON_FIELD_ERRORS else f"{label(name)} : {error}"
        for name, errors in form.errors.items()
        for error in errors
    )


def _begin(
    operation: Operation, options: dict[str, Any], starter: Starter, now: datetime, is_dry_run: bool
) -> OperationRun:
    run = _row(operation, options, starter, now, is_dry_run)
    try:
        abandon_lost_runs(now=now)
        _save(run, operation, options, starter)
    except (OperationalError, ProgrammingError):
        if not operation.runs_without_database:
            raise
        run.pk = None
    return run


def _begin_queued(pk: int, operation: Operation, now: datetime) -> OperationRun:
    """Compare-and-set. Raises AlreadyRunning where a message comes twice, or after its row was abandoned."""
    taken = (
        OperationRun.objects.queued()
        .filter(pk=pk)
        .update(
            state=State.RUNNING,
            host=socket.gethostname()[:120],
            pid=os.getpid(),
            started_at=now,
            expires_at=now + operation.time_limit + GRACE,
        )
    )
    if not taken:
        raise AlreadyRunning(_("Cette exécution n’attend plus : elle a été commencée, ou abandonnée."), run=pk)
    return OperationRun.objects.get(pk=pk)


def _row(
    operation: Operation, options: dict[str, Any], starter: Starter, now: datetime, is_dry_run: bool
) -> OperationRun:
    limit = max(operation.time_limit, operation.terminal_time_limit or operation.time_limit)
    return OperationRun(
        operation=operation.name,
        source=starter.source,
        started_by=starter.user,
        host=socket.gethostname()[:120],
        pid=os.getpid(),
        options=_plain(operation.options.recordable(options)),
        is_dry_run=is_dry_run,
        started_at=now,
        expires_at=now + limit + GRACE,
        active_key=None if is_dry_run else operation.name,
    )


def _save(run: OperationRun, operation: Operation, options: dict[str, Any], starter: Starter) -> None:
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError as error:
        active = OperationRun.objects.select_related("started_by").filter(active_key=operation.name).first()
        if active is None:
            raise
        refused = _already_running(active, run.started_at)
        _leave_refused(operation, options, starter, run.started_at, run.is_dry_run, refused)
        raise refused from error


def _already_running(active: OperationRun, now: datetime) -> AlreadyRunning:
    since = timezone.localtime(active.started_at)
    values = {
        "since": since.strftime("%H:%M:%S" if since.date() == timezone.localtime(now).date() else "%d/%m/%Y %H:%M"),
        "host": active.host,
        "who": active.started_by or active.get_source_display(),
    }
    text = (
        _("Déjà demandée à %(since)s (%(who)s), et pas encore commencée : attendez la fin, puis recommencez.")
        if active.state == State.QUEUED
        else _("Déjà en cours depuis %(since)s sur %(host)s (%(who)s) : attendez la fin, puis recommencez.")
    )
    return AlreadyRunning(text % values, run=active.pk)


def _leave_refused(
    operation: Operation,
    options: dict[str, Any],
    starter: Starter,
    now: datetime,
    is_dry_run: bool,
    error: DomainError,
) -> None:
    run = _row(operation, options, starter, now, is_dry_run)
    run.state, run.message, run.result = State.REFUSED, error.message, {"code": error.code, **_plain(error.details)}
    run.finished_at, run.active_key = now, None
    run.save(force_insert=True)


def abandon_lost_runs(*, now: datetime) -> int:
    """Mark runs as abandoned whose process is gone, beyond their limit or dead on this machine, and those that no
    worker began."""
    waited = OperationRun.objects.queued().overdue(now)
    text = _("Aucun serveur ne l’a commencée à temps : regardez si ceux des opérations tournent, puis recommencez.")
    never = waited.update(state=State.ABANDONED, message=text, finished_at=now, active_key=None)
    lost = set(OperationRun.objects.overdue(now).values_list("pk", flat=True))
    here = OperationRun.objects.active().filter(host=socket.gethostname()[:120]).values_list("pk", "pid")
    lost |= {pk for pk, pid in here if not is_alive(pid)}
    return never + (
        OperationRun.objects.active()
        .filter(pk__in=lost)
        .update(
            state=State.ABANDONED,
            message=_("Le processus qui la menait a disparu."),
            finished_at=now,
            active_key=None,
        )
    )


def _saver(run: OperationRun) -> Any:
    last = 0.0

    def save(report: Reporter) -> None:
        nonlocal last
        if run.pk is None or time.monotonic() - last < SAVE_SECONDS:
            return
        last = time.monotonic()
        active, log = OperationRun.objects.active().filter(pk=run.pk), "\n".join(report.lines)
        # The work does not end because its progress cannot be stored.
        _stored(lambda: active.update(log=log, links=report.links))

    return save


def _stored(write: Callable[[], Any], *, patience: timedelta = timedelta()) -> bool:
    """Whether a write to the row succeeded: once more on a new connection where the database failed over meanwhile, and
    then again until `patience` is over."""
    until, tries = time.monotonic() + patience.total_seconds(), 0
    while True:
        try:
            write()
        except (OperationalError, InterfaceError) as error:
            if not (is_away(error) or isinstance(error, InterfaceError)) or connection.in_atomic_block:
                raise
            connection.close()
            tries += 1
            if tries > 1 and time.monotonic() >= until:
                # Without its traceback, which a person at a terminal would read.
                logger.error("operation_row_not_stored", error=str(error))
                return False
            if tries > 1:
                time.sleep(STORE_SECONDS)
        else:
            return True


def _finish(run: OperationRun, state: str, outcome: Outcome, report: Reporter, *, seconds: float) -> None:
    """Compare-and-set: a run that was marked as abandoned writes no outcome. At a terminal a run whose row cannot be
    written has failed, whatever it did."""
    changes = {
        "state": state,
        "message": outcome.message,
        "result": _plain(outcome.data),
        "log": "\n".join(report.lines),
        "links": report.links,
        "finished_at": run.started_at + timedelta(seconds=seconds),
        "active_key": None,
    }
    is_watched = run.source == OperationRun.Source.TERMINAL
    patience = timedelta() if is_watched else FAILOVER
    active = OperationRun.objects.active().filter(pk=run.pk)
    is_stored = run.pk is not None and _stored(lambda: active.update(**changes), patience=patience)
    if is_stored:
        run.refresh_from_db()
    else:
        for name, value in changes.items():
            setattr(run, name, value)
    if run.pk is not None and not is_stored and is_watched and state == State.SUCCEEDED:
        # A script that goes on by the exit code would find another answer in the row.
        text = _(
            "%(outcome)s Mais la base de la boutique ne répond pas : cette exécution y reste « en cours », et la "
            "prochaine la dira abandonnée. Vérifiez son serveur et DATABASE_URL, puis recommencez."
        )
        run.state, run.message = State.FAILED, text % {"outcome": run.message}
        run.result = {**run.result, "code": DatabaseAway.code}
    log = logger.info if run.state == State.SUCCEEDED else logger.error
    log("operation_finished", operation=run.operation, run_id=run.pk, state=run.state, seconds=round(seconds, 1))


def _plain(data: Any) -> Any:
    """As JSON stores it."""
    if isinstance(data, dict):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple | set):
        return [_plain(value) for value in data]
    if data is None or isinstance(data, bool | int | float | str):
        return data
    return str(data)


class Terminated(KeyboardInterrupt):
    """Raised on SIGTERM, as KeyboardInterrupt on Ctrl-C: context managers close what is open."""


@contextmanager
def _termination_heard(is_watched: bool) -> Iterator[None]:
    """Turns SIGTERM into Terminated, in a terminal's process: a worker handles it by itself."""
    if not is_watched or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: FrameType | None) -> None:
        raise Terminated(signal.Signals(number))

    before = signal.signal(signal.SIGTERM, stop)
    try:
        with interruptions_watched():
            yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _time_limit(limit: timedelta) -> Iterator[None]:
    """Raises OutOfTime in the block when it takes longer. Signals reach the main thread alone: elsewhere the worker's
    own limit holds."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise OutOfTime(
            _("Arrêtée après %(minutes)d minutes, son temps limite.") % {"minutes": limit.total_seconds() // 60}
        )

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, limit.total_seconds())
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
