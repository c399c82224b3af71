"""Logs slow SQL statements, without their parameters, and counts the statements of a request."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings

from apps.common import tracing

logger = structlog.get_logger(__name__)
LONGEST = 1000


@dataclass
class Count:
    count: int = 0
    seconds: float = 0.0


_counting: ContextVar[Count | None] = ContextVar("queries", default=None)


@contextmanager
def counted() -> Iterator[Count]:
    count = Count()
    token = _counting.set(count)
    try:
        yield count
    finally:
        _counting.reset(token)


def watch(*, connection: Any, **_: Any) -> None:
    """Receiver of Django's connection_created."""
    if timed not in connection.execute_wrappers:
        connection.execute_wrappers.append(timed)


def timed(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    began = time.perf_counter()
    try:
        with tracing.span(
            str(sql).split(None, 1)[0],
            kind="client",
            db_system_name=context["connection"].vendor,
            db_query_text=str(sql)[:LONGEST],
        ):
            return execute(sql, params, many, context)
    finally:
        seconds = time.perf_counter() - began
        if count := _counting.get():
            count.count += 1
            count.seconds += seconds
        if seconds >= settings.SLOW_QUERY_SECONDS:
            logger.warning("slow_query", sql=str(sql)[:LONGEST], seconds=round(seconds, 3))
