"""Adds a request id to all log events of a request, and logs slow requests."""

import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from uuid import uuid4

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.common import slow_queries, tracing

logger = structlog.get_logger(__name__)
# nginx's $request_id, and what other proxies send; anything else could break a line of the log.
IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")
TRACE_HEADER = "X-Amzn-Trace-Id"
# gunicorn's access log prints this instead of the URL, which may contain the access token of an order.
ROUTE = "webmarket.route"
# Health checks, sent every few seconds.
UNTRACED = ("/health", "/api/health")

current: ContextVar[HttpRequest | None] = ContextVar("current_request", default=None)


class RequestLog:
    """The outermost middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if IDENTIFIER.match(given) else uuid4().hex
        token = current.set(request)
        try:
            with structlog.contextvars.bound_contextvars(request_id=request_id):
                return self._answer(request, request_id)
        finally:
            # Bound by views; it ends with the request.
            structlog.contextvars.unbind_contextvars("order_id")
            current.reset(token)

    def _answer(self, request: HttpRequest, request_id: str) -> HttpResponse:
        if request.path_info.startswith(UNTRACED):
            return self.get_response(request)
        began = time.perf_counter()
        parent_headers = {TRACE_HEADER: request.headers.get(TRACE_HEADER, "")}
        method = request.method or ""
        tags = {"http_request_method": method, "webmarket_request": request_id}
        traced = tracing.span(method, kind="server", parent_headers=parent_headers, **tags)
        with slow_queries.counted() as queries, traced as span:
            response = self.get_response(request)
            where = route(request, response)
            request.META[ROUTE] = where
            if span:
                span.update_name(f"{method} {where}")
                span.set_attribute("http.route", where)
                span.set_attribute("http.response.status_code", response.status_code)
        seconds = time.perf_counter() - began
        if seconds >= settings.SLOW_REQUEST_SECONDS:
            logger.warning(
                "slow_request",
                method=method,
                route=where,
                status=response.status_code,
                seconds=round(seconds, 3),
                queries=queries.count,
                query_seconds=round(queries.seconds, 3),
            )
        return response


def route(request: HttpRequest, response: HttpResponse) -> str:
    """The URL's pattern (« /suivi/<str:token>/ »), never its values.

    The path itself for a page from the page cache, which has no secret in it; « unknown » for one that does not exist.
    """
    if request.resolver_match:
        return f"/{request.resolver_match.route}"
    return request.path if response.status_code in (200, 304) else "unknown"


def user_id() -> int | None:
    """Id of the signed-in user, if the request has loaded it already; no query."""
    request = current.get()
    user = getattr(request, "_cached_user", None) if request else None
    return user.pk if user is not None and user.is_authenticated else None
