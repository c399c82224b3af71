"""How often somebody may do something, counted in the shared cache: an estimate that stops floods, not a lock."""

import hashlib
import time
from datetime import timedelta

from django.core.cache import cache


def attempt(*, action: str, who: str, times: int, within: timedelta) -> float:
    """Count one attempt of `who`. 0 while it is among the first `times`; then the seconds until the window, which the
    first opened, ends."""
    key = _key(action, who)
    now = time.time()
    count, ends = cache.get(key) or (0, now + within.total_seconds())
    cache.set(key, (count + 1, ends), timeout=max(1, ends - now))
    return 0.0 if count < times else max(1.0, ends - now)


def allowed(*, action: str, who: str, times: int, within: timedelta) -> bool:
    """Count one attempt of `who`; False from the attempt after `times` until the window that the first opened ends."""
    return not attempt(action=action, who=who, times=times, within=within)


def forget(*, action: str, who: str) -> None:
    """Begin again at none: the attempts turned out to be somebody's who may."""
    cache.delete(_key(action, who))


def _key(action: str, who: str) -> str:
    return f"throttle:{action}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
