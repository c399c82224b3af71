"""`operations.<name>` for each operation, on the queue of workers that may touch AWS; `beat.*` on the shop's."""

from typing import Any

from celery import Task, shared_task
from django.db import OperationalError
from django.utils import timezone

from apps.accounts.models import User
from apps.operations import retention
from apps.operations.errors import AlreadyRunning, BadOptions, OperationFailed
from apps.operations.models import OperationRun
from apps.operations.operations import OPERATIONS
from apps.operations.planned import due_jobs
from apps.operations.runs.broken import DatabaseAway
from apps.operations.runs.definition import Operation
from apps.operations.runs.run import Starter, abandon_lost_runs, run_operation
from apps.operations.services import doubts, metrics

# The worker's limit, for a run that ignores the operation's.
SLACK_SECONDS = 60
# Logged without a traceback: their rows say why.
REFUSALS = (OperationFailed, AlreadyRunning, BadOptions)


def start(
    *,
    operation: str,
    options: dict[str, Any] | None = None,
    user_id: int | None = None,
    dry_run: bool = False,
    run_id: int | None = None,
    **_: Any,
) -> int:
    """Run it, in the row that waits for it if there is one; a failure is raised once its row is written, so that the
    schedule records it."""
    source = OperationRun.Source.BACK_OFFICE if user_id else OperationRun.Source.SCHEDULE
    try:
        run = run_operation(
            operation=OPERATIONS[operation],
            options=options or {},
            starter=Starter(source, User.objects.filter(pk=user_id).first() if user_id else None),
            now=timezone.now(),
            is_dry_run=dry_run,
            queued=run_id,
        )
    except AlreadyRunning:
        if run_id is None:
            raise
        # The message came twice, or too late: its row says how it ended.
        return run_id
    if source == OperationRun.Source.SCHEDULE and run.result.get("code") == DatabaseAway.code:
        # As before a run: PlannedTask tries again later.
        raise OperationalError(run.message)
    if run.state != OperationRun.State.SUCCEEDED:
        raise OperationFailed(run.message, run=run.pk)
    return run.pk


def _task(operation: Operation) -> Task:
    def run(**given: Any) -> int:
        return start(operation=operation.name, **given)

    limit = operation.time_limit.total_seconds() + SLACK_SECONDS
    return shared_task(name=f"operations.{operation.name}", throws=REFUSALS, time_limit=limit)(run)


TASKS = {name: _task(operation) for name, operation in OPERATIONS.items()}


@shared_task(name="beat.heartbeat")
def heartbeat(**_: Any) -> None:
    """Every minute, through scheduler, broker and worker: shows that all three work."""
    metrics.put(BeatHeartbeat=1)


@shared_task(name="beat.watch_jobs")
def watch_jobs(**_: Any) -> None:
    now = timezone.now()
    abandon_lost_runs(now=now)
    due_jobs.note_overdue(now=now)
    doubts.notify_of_doubts(now=now)


@shared_task(name="beat.forget")
def purge_due_jobs(**_: Any) -> int:
    return retention.purge_due_jobs(now=timezone.now())
