"""Base class of all tasks: records how planned ones ended, and notifies operators when one begins to fail."""

from typing import Any

from celery.contrib.django.task import DjangoTask
from celery.exceptions import Ignore, Retry
from django.db import InterfaceError, OperationalError
from django.utils.dateparse import parse_datetime

# For an unreachable database: an hour in all.
RETRY_SECONDS, RETRIES = 30, 120


class PlannedTask(DjangoTask):
    """Celery imports it before Django's models are loaded, hence the local imports."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.request.called_directly:
            return super().__call__(*args, **kwargs)
        row_id = self._due_job()
        if row_id is None:
            return self.run(*args, **kwargs)
        from apps.operations.planned import due_jobs

        before = self._header("began")
        began_at = parse_datetime(before) if isinstance(before, str) else None
        try:
            started_at = due_jobs.begin(row_id=row_id, again=self._came_back(), began_at=began_at)
        except (OperationalError, InterfaceError) as error:
            # It may have begun before: the next try must know that.
            raise self._later(row_id, error, began=before) from error
        if not started_at:
            raise Ignore
        try:
            result = self.run(*args, **kwargs)
            due_jobs.finish(row_id=row_id)
        except (OperationalError, InterfaceError) as error:
            raise self._later(row_id, error, began=started_at.isoformat()) from error
        return result

    def _later(self, row_id: int, error: Exception, *, began: Any) -> Retry:
        """Retries when the database is unreachable. A task that had begun, at the moment `began`, runs again, as any
        task may; of two copies of the message one alone finds that moment."""
        headers = {"due_job": row_id, "began": began}
        return self.retry(exc=error, countdown=RETRY_SECONDS, max_retries=RETRIES, headers=headers, throw=False)

    def on_failure(self, exc: BaseException, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        row_id = self._due_job()
        if row_id is not None:
            from apps.operations.planned import due_jobs

            due_jobs.fail(row_id=row_id, error=str(exc) or type(exc).__name__)
        super().on_failure(exc, task_id, args, kwargs, einfo)

    def _came_back(self) -> bool:
        """Whether the message was delivered before: SQS counts deliveries."""
        properties, delivery = self.request.properties or {}, self.request.delivery_info or {}
        attributes = properties.get("delivery_info", {}).get("sqs_message", {}).get("Attributes", {})
        # The release before wrote no moment.
        came_back = self._header("began") is True or delivery.get("redelivered")
        return bool(came_back) or int(attributes.get("ApproximateReceiveCount", 1)) > 1

    def _due_job(self) -> int | None:
        """Id of the planned moment from the message's headers, if it was planned."""
        return self._header("due_job")

    def _header(self, name: str) -> Any:
        return getattr(self.request, name, None) or (self.request.headers or {}).get(name)
