"""Health checks for load balancers: should this instance get traffic?"""

import time
from collections.abc import Callable
from http import HTTPStatus
from threading import Lock
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

logger = structlog.get_logger(__name__)
# Broker and storage are remote: each process checks them at most this often.
CACHE_SECONDS = 15.0
# Without them no page works; without the others, pages do, and every instance lacks them alike.
NEEDED = ("database", "cache")


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def _cache() -> None:
    cache.get("health")


def _broker() -> None:
    with current_app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=1, timeout=2)


def _storage() -> None:
    default_storage.exists("health")


PARTS: dict[str, Callable[[], None]] = {
    "database": _database,
    "cache": _cache,
    "broker": _broker,
    "storage": _storage,
}
_cached: dict[str, tuple[float, dict[str, Any]]] = {}
_lock = Lock()


@csrf_exempt
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 with each part's check and its time in milliseconds; 503 when this instance should get no traffic."""
    parts = {name: _check(name) for name in PARTS}
    serves = all(parts[name]["ok"] for name in NEEDED)
    well = all(part["ok"] for part in parts.values())
    status = "ok" if well else "degraded" if serves else "unavailable"
    answer = JsonResponse(
        {"status": status, "version": settings.RELEASE, "checks": parts},
        status=HTTPStatus.OK if serves else HTTPStatus.SERVICE_UNAVAILABLE,
    )
    answer["Cache-Control"] = "no-store"
    return answer


@csrf_exempt
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Liveness: the process answers. Connects to nothing."""
    answer = JsonResponse({"status": "ok", "version": settings.RELEASE})
    answer["Cache-Control"] = "no-store"
    return answer


def _check(name: str) -> dict[str, Any]:
    if name in NEEDED:
        return _measured(name)
    with _lock:
        cached = _cached.get(name)
    if cached and time.monotonic() - cached[0] < CACHE_SECONDS:
        return cached[1]
    check = _measured(name)
    with _lock:
        _cached[name] = (time.monotonic(), check)
    return check


def _measured(name: str) -> dict[str, Any]:
    began = time.perf_counter()
    try:
        PARTS[name]()
        well = True
    except Exception:
        # Any error of a driver means « down »; its message goes to the log, not into the response.
        logger.warning("health_check_failed", part=name, exc_info=True)
        well = False
    return {"ok": well, "ms": round((time.perf_counter() - began) * 1000, 1)}
