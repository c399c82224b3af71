"""Adds to all log events of a task its name, its id and the request id of its sender; its span is a child of the
sender's."""

from contextlib import ExitStack
from typing import Any

import structlog
from celery import Task
from celery.signals import before_task_publish, task_postrun, task_prerun

from apps.common import tracing

HEADERS = "webmarket_origin"


def connect() -> None:
    before_task_publish.connect(note_origin, dispatch_uid="task_log")
    task_prerun.connect(begin, dispatch_uid="task_log")
    task_postrun.connect(end, dispatch_uid="task_log")


def note_origin(*, headers: dict[str, Any] | None = None, **_: Any) -> None:
    if headers is None:
        return
    origin = tracing.headers()
    if request_id := structlog.contextvars.get_contextvars().get("request_id"):
        origin["request_id"] = request_id
    if origin:
        headers[HEADERS] = origin


def begin(*, task_id: str, task: Task, **_: Any) -> None:
    request = task.request
    origin = dict(getattr(request, HEADERS, None) or (request.headers or {}).get(HEADERS) or {})
    bound = {"task": task.name, "task_id": task_id}
    if request_id := origin.pop("request_id", ""):
        bound["request_id"] = request_id
    stack = ExitStack()
    stack.enter_context(structlog.contextvars.bound_contextvars(**bound))
    stack.enter_context(tracing.span(task.name, kind="consumer", parent_headers=origin, messaging_message_id=task_id))
    request.webmarket_log = stack


def end(*, task: Task, **_: Any) -> None:
    stack = getattr(task.request, "webmarket_log", None)
    if stack is not None:
        stack.close()
