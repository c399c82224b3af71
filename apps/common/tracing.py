"""Tracing: spans for the tracer of webmarket/tracing.py, if it is switched on; else each costs one comparison.

Spans contain routes, statements without parameters, names of tasks and ids, but no URL, query string or IP, which
OpenTelemetry's instrumentation of Django would send.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol


class Span(Protocol):
    def update_name(self, name: str) -> None: ...

    def set_attribute(self, key: str, value: Any) -> None: ...


class Tracer(Protocol):
    def span(
        self, name: str, *, kind: str, parent_headers: Mapping[str, str] | None, attributes: Mapping[str, Any]
    ) -> AbstractContextManager[Span]: ...

    def headers(self) -> dict[str, str]: ...

    def trace_id(self) -> str: ...


_tracer: Tracer | None = None


def use(tracer: Tracer | None) -> None:
    global _tracer
    _tracer = tracer


def span(
    name: str, *, kind: str = "internal", parent_headers: Mapping[str, str] | None = None, **attributes: Any
) -> AbstractContextManager[Span | None]:
    """A span around the block; its parent is named by `parent_headers` (of HTTP or of a message), else the current one.

    Kinds are OpenTelemetry's: internal, server, client, producer, consumer. Attributes' names have `_` for `.`.
    """
    if _tracer is None:
        return nullcontext()
    named = {key.replace("_", "."): value for key, value in attributes.items()}
    return _tracer.span(name, kind=kind, parent_headers=parent_headers, attributes=named)


def headers() -> dict[str, str]:
    """Headers by which another process makes its span a child of the current one."""
    return {} if _tracer is None else _tracer.headers()


def trace_id() -> str:
    """The current trace's id in X-Ray's format; empty without one."""
    return "" if _tracer is None else _tracer.trace_id()
