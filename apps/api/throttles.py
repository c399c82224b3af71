"""Rate limits of the API, counted in tables that all processes and instances share."""

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
MAX_CLIENTS = 10_000


class ClientRate(BaseThrottle):
    """100 calls a second per client with a burst of 50: in any t seconds at most 100 · t + 50, over all instances.

    A process caches until when a client is refused, so that a flood costs the database nothing.
    """

    _refused_until: "OrderedDict[str, int]" = OrderedDict()
    _lock = Lock()

    def allow_request(self, request: Any, view: Any) -> bool:
        return self.allows(principal(request))

    def allows(self, who: str) -> bool:
        """Count one call of this principal; False when it is too fast."""
        now = time.time()
        with self._lock:
            if self._refused_until.get(who, 0) > now * throttle.MICROSECONDS:
                return False
        refused_until = throttle.take(who=who, per_second=PER_SECOND, burst=BURST, now=now)
        if not refused_until:
            return True
        with self._lock:
            self._refused_until[who] = refused_until
            self._refused_until.move_to_end(who)
            while len(self._refused_until) > MAX_CLIENTS:
                self._refused_until.popitem(last=False)
        return False

    def wait(self) -> float:
        return 1.0


def limit(*, action: str, who: str, times: int, within: timedelta) -> None:
    """Count one attempt; raises Throttled, which answers 429 with Retry-After and a sentence."""
    wait = throttle.attempt(action=action, who=who, times=times, within=within)
    if wait:
        raise Throttled(wait=wait)
