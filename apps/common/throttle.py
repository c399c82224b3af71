"""How often somebody may do something, counted in the shared cache: an estimate that stops floods, not a lock."""

import hashlib
import time
from datetime import timedelta

from django.core.cache import cache


def allowed(*, action: str, who: str, times: int, within: timedelta) -> bool:
    """Count one attempt of `who`; False from the attempt after `times` until the window that the first opened ends."""
    key = f"throttle:{action}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
    now = time.time()
    count, ends = cache.get(key) or (0, now + within.total_seconds())
    cache.set(key, (count + 1, ends), timeout=max(1, ends - now))
    return bool(count < times)
