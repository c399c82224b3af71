"""The base of all the shop's tasks: writes down how planned ones ended, and tells people when one begins to fail."""

from typing import Any

from celery.contrib.django.task import DjangoTask
from celery.exceptions import Ignore


class PlannedTask(DjangoTask):
    """Celery makes it before Django's models are loaded, hence the imports inside."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.request.called_directly:
            return super().__call__(*args, **kwargs)
        row_id = self._due_job()
        if row_id is None:
            return self.run(*args, **kwargs)
        from apps.operations.services import jobs

        if not jobs.begin(row_id=row_id):
            raise Ignore
        result = self.run(*args, **kwargs)
        jobs.finish(row_id=row_id)
        return result

    def on_failure(self, exc: BaseException, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        row_id = self._due_job()
        if row_id is not None:
            from apps.operations.services import jobs

            jobs.fail(row_id=row_id, error=str(exc) or type(exc).__name__)
        super().on_failure(exc, task_id, args, kwargs, einfo)

    def _due_job(self) -> int | None:
        """The planned moment that the scheduler wrote on the message, if it was one."""
        return getattr(self.request, "due_job", None) or (self.request.headers or {}).get("due_job")
