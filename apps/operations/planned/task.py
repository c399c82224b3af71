"""The base of all the shop's tasks: writes down how planned ones ended, and tells people when one begins to fail."""

from typing import Any

from celery.contrib.django.task import DjangoTask
from celery.exceptions import Ignore, Retry
from django.db import InterfaceError, OperationalError

# For a database that is away: an hour in all.
RETRY_SECONDS, RETRIES = 30, 120


class PlannedTask(DjangoTask):
    """Celery makes it before Django's models are loaded, hence the imports inside."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.request.called_directly:
            return super().__call__(*args, **kwargs)
        row_id = self._due_job()
        if row_id is None:
            return self.run(*args, **kwargs)
        from apps.operations.planned import due_jobs

        try:
            is_ours = due_jobs.begin(row_id=row_id, again=self._came_back())
        except (OperationalError, InterfaceError) as error:
            raise self._later(row_id, error, began=False) from error
        if not is_ours:
            raise Ignore
        try:
            result = self.run(*args, **kwargs)
            due_jobs.finish(row_id=row_id)
        except (OperationalError, InterfaceError) as error:
            raise self._later(row_id, error, began=True) from error
        return result

    def _later(self, row_id: int, error: Exception, *, began: bool) -> Retry:
        """The database went away: the message waits for it. What had begun is then done again, as any task may be."""
        headers = {"due_job": row_id, "began": began}
        return self.retry(exc=error, countdown=RETRY_SECONDS, max_retries=RETRIES, headers=headers, throw=False)

    def on_failure(self, exc: BaseException, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        row_id = self._due_job()
        if row_id is not None:
            from apps.operations.planned import due_jobs

            due_jobs.fail(row_id=row_id, error=str(exc) or type(exc).__name__)
        super().on_failure(exc, task_id, args, kwargs, einfo)

    def _came_back(self) -> bool:
        """Somebody had this very message before, and died or gave it back: SQS counts how often it hands one out."""
        properties, delivery = self.request.properties or {}, self.request.delivery_info or {}
        attributes = properties.get("delivery_info", {}).get("sqs_message", {}).get("Attributes", {})
        began = self._header("began") or delivery.get("redelivered")
        return bool(began) or int(attributes.get("ApproximateReceiveCount", 1)) > 1

    def _due_job(self) -> int | None:
        """The planned moment that the scheduler wrote on the message, if it was one."""
        return self._header("due_job")

    def _header(self, name: str) -> Any:
        return getattr(self.request, name, None) or (self.request.headers or {}).get(name)
