"""Gives each request an identifier that all its lines of the log carry, and tells of slow ones."""

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
# nginx's $request_id, and what other proxies write; anything else could break a line of the log.
IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")
TRACE_HEADER = "X-Amzn-Trace-Id"
# Where gunicorn's access log reads it: an address may hold the key of an order.
ROUTE = "webmarket.route"
# Answers to machines that ask every few seconds whether the shop lives.
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
            # What views have bound, as the order's number, ends with the request.
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
    """The address's pattern (« /suivi/<str:token>/ »), never what stands in its place.

    Of a page that was kept ready the address itself, which holds no key; nothing of one that does not exist.
    """
    if request.resolver_match:
        return f"/{request.resolver_match.route}"
    return request.path if response.status_code in (200, 304) else "unknown"


def user_id() -> int | None:
    """Who is signed in, where the request has already looked; it asks the database nothing."""
    request = current.get()
    user = getattr(request, "_cached_user", None) if request else None
    return user.pk if user is not None and user.is_authenticated else None
