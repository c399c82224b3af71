"""How often programs may call. Counted in the cache that all processes and instances share."""

import time
from collections import OrderedDict
from datetime import timedelta
from threading import Lock
from typing import Any

from rest_framework.exceptions import Throttled
from rest_framework.throttling import BaseThrottle

from apps.api.client import principal
from apps.common import throttle

PER_SECOND = 100
BURST = 50
# Calls of one client that a process counts by itself before it asks the shared cache.
CHUNK = 10
MAX_CLIENTS = 10_000


class ClientRate(BaseThrottle):
    """100 calls a second per client with a burst of 50, over all processes.

    A process tells the shared cache of every tenth call within a second: a quiet client costs no query, and a loud one
    is let through at most ten calls per process more than it may.
    """

    _counts: "OrderedDict[tuple[str, int], int]" = OrderedDict()
    _lock = Lock()

    def allow_request(self, request: Any, view: Any) -> bool:
        who, second = principal(request), int(time.time())
        with self._lock:
            count = self._counts.pop((who, second), 0) + 1
            self._counts[who, second] = count
            while len(self._counts) > MAX_CLIENTS:
                self._counts.popitem(last=False)
        if count > PER_SECOND + BURST:
            return False
        if count % CHUNK:
            return True
        return throttle.allowed(
            action="api-second",
            who=f"{who} {second}",
            times=(PER_SECOND + BURST) // CHUNK,
            within=timedelta(seconds=2),
        )

    def wait(self) -> float:
        return 1.0


def limit(*, action: str, who: str, times: int, within: timedelta) -> None:
    """Count one attempt; raises Throttled, which answers 429 with Retry-After and a sentence."""
    wait = throttle.attempt(action=action, who=who, times=times, within=within)
    if wait:
        raise Throttled(wait=wait)
