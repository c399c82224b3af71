"""Where time goes, for who switched tracing on (webmarket/tracing.py); otherwise it costs a comparison.

Spans carry routes, statements without their parameters, names of tasks and identifiers: no address, no query string,
no visitor's IP, which OpenTelemetry's own instrumentations of Django would send.
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
    """A span around the block, the child of what `parent_headers` names (of HTTP or of a message), else of the current
    one.

    Kinds are OpenTelemetry's: internal, server, client, producer, consumer. Attributes' names have `_` for `.`.
    """
    if _tracer is None:
        return nullcontext()
    named = {key.replace("_", "."): value for key, value in attributes.items()}
    return _tracer.span(name, kind=kind, parent_headers=parent_headers, attributes=named)


def headers() -> dict[str, str]:
    """What makes a span elsewhere the child of this one."""
    return {} if _tracer is None else _tracer.headers()


def trace_id() -> str:
    """Of the current trace, as X-Ray writes it; empty without one."""
    return "" if _tracer is None else _tracer.trace_id()
