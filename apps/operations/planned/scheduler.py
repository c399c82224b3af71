"""celery beat on every host, acting on one. `celery -A webmarket beat` finds it through CELERY_BEAT_SCHEDULER."""

import os
import socket
import uuid
from datetime import datetime
from typing import Any

import structlog
from celery.beat import SchedulingError
from django.db import DatabaseError, InterfaceError, close_old_connections
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

from apps.operations.models import DueJob
from apps.operations.planned import due_jobs, lease
from apps.operations.planned.moments import due_moment

logger = structlog.get_logger(__name__)
ACTING_SECONDS, WAITING_SECONDS = 2.0, 5.0
_JOBS = uuid.UUID("6f6b6a57-4c62-4d9a-9d53-0d1c3c5f8e21")


class LeasedScheduler(DatabaseScheduler):
    """Reads django-celery-beat's tables, which staff change in the admin, and sends due jobs under the lease.

    Time is the database's throughout. A host that is cut off from the database can neither renew nor claim: it sends
    nothing, and another acts once the lease has expired.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self.token: int | None = None
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Adds missing jobs; existing ones stay as staff have changed them."""
        existing = set(PeriodicTask.objects.values_list("name", flat=True))
        self.update_from_dict({name: job for name, job in self.app.conf.beat_schedule.items() if name not in existing})

    def tick(self, *args: Any, **kwargs: Any) -> float:
        try:
            close_old_connections()
            now = lease.database_now()
            token = lease.hold(holder=self.holder, now=now)
            self._log_change(token)
            if token is None:
                return WAITING_SECONDS
            self._act(token, now)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("beat_without_database", error=str(error))
            return WAITING_SECONDS
        return ACTING_SECONDS

    def _log_change(self, token: int | None) -> None:
        if token != self.token:
            logger.info("beat_acts" if token else "beat_waits", holder=self.holder, token=token)
            self.token = token

    def _act(self, token: int, now: datetime) -> None:
        jobs = {
            job.name: job
            for job in PeriodicTask.objects.filter(enabled=True).select_related("crontab", "interval", "clocked")
        }
        for row in due_jobs.reclaim(token=token, now=now):
            if row.job in jobs:
                self._send(jobs[row.job], row)
        for job in jobs.values():
            moment = due_moment(job, now=now)
            if moment is None:
                continue
            claimed = due_jobs.claim(job=job.name, task=job.task, due_at=moment, token=token, now=now)
            if claimed:
                changes: dict[str, Any] = {"last_run_at": moment, "total_run_count": job.total_run_count + 1}
                if job.one_off:
                    changes["enabled"] = False
                PeriodicTask.objects.filter(pk=job.pk).update(**changes)
                self._send(job, claimed)

    def _send(self, job: PeriodicTask, row: DueJob) -> None:
        """The task id is derived from the planned moment, so that a second message is recognised."""
        entry = self.Entry(job, app=self.app)
        entry.options["task_id"] = str(uuid.uuid5(_JOBS, f"{row.job} {row.due_at.isoformat()}"))
        entry.options["headers"] = {**entry.options.get("headers", {}), "due_job": row.pk}
        try:
            self.apply_async(entry, advance=False)
        except SchedulingError as error:
            # The row stays unsent: the next tick reclaims it.
            logger.exception("beat_could_not_send", job=job.name, error=str(error))
            return
        due_jobs.mark_sent(row, now=lease.database_now())

    def sync(self) -> None:
        """Nothing to write: no state in memory."""

    def close(self) -> None:
        super().close()
        try:
            lease.release(holder=self.holder)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("beat_without_database", error=str(error))
