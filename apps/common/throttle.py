"""How often somebody may do something, counted in the cache: an estimate that keeps floods out, not a lock."""

import hashlib
from datetime import timedelta

from django.core.cache import cache


def allowed(*, action: str, who: str, times: int, within: timedelta) -> bool:
    """Count one attempt of `who`; False from the attempt after `times` until the window that the first opened ends."""
    digest = hashlib.sha256(who.encode()).hexdigest()[:32]
    key = f"throttle:{action}:{digest}"
    cache.add(key, 0, timeout=within.total_seconds())
    try:
        return cache.incr(key) <= times
    except ValueError:
        # It expired between the two calls: a new window.
        cache.set(key, 1, timeout=within.total_seconds())
        return True
