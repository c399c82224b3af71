"""How often old links were asked for: counted in the process's memory, and given to a task once a minute.

What a process has counted since is lost when it is killed: the list says which links matter, not exact numbers.
"""

import re
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from threading import Lock

from django.db import transaction

from apps.imports.old_paths.links import normal_path

FLUSH_SECONDS = 60
# Different links between two flushes; more than these are hardly a shop's.
MOST_KEYS = 500
LONGEST = 300
# Files of programs, and what scanners try.
_NOT_A_PAGE = re.compile(
    r"\.(?!html?$)[a-z0-9]{2,5}(\?|$)|/\.|(^|/)(wp-|cgi-bin|vendor|static|media|admin|administrator|api|\.well-known)",
    re.I,
)
# Secrets and addresses of people, which stand in no list.
_SECRET = re.compile(r"@|%40|[A-Za-z0-9_]{24,}|(?=[\w-]*\d)(?=[\w-]*[A-Z])[\w-]{20,}")


class PathCounts:
    """`send` is called with counts by id of an old path and by unknown path, never under the lock."""

    def __init__(self, send: Callable[[dict[str, int], dict[str, int]], object], *, clock: Callable[[], float]) -> None:
        self._send, self._clock = send, clock
        self._lock = Lock()
        self._listed: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()
        self._flushed_at: float | None = None

    def found(self, old_path_id: int) -> None:
        self._count(self._listed, str(old_path_id))

    def missed(self, path: str, query: str) -> None:
        """A page that nobody knows; files, scanners' attempts and what may be a secret are left out."""
        key = normal_path(path, query)
        if len(key) <= LONGEST and key.isprintable() and not _NOT_A_PAGE.search(key) and not _SECRET.search(path):
            self._count(self._unknown, key)

    def _count(self, counts: Counter[str], key: str) -> None:
        with self._lock:
            if key in counts or len(counts) < MOST_KEYS:
                counts[key] += 1
            now = self._clock()
            if self._flushed_at is not None and now - self._flushed_at < FLUSH_SECONDS:
                return
            listed, unknown = dict(self._listed), dict(self._unknown)
            self._listed.clear()
            self._unknown.clear()
            self._flushed_at = now
        self._send(listed, unknown)


def _send(listed: dict[str, int], unknown: dict[str, int]) -> None:
    from apps.imports.tasks import count_paths

    # Robust: a page that is not found stays one when the broker is away.
    transaction.on_commit(partial(count_paths.delay, listed=listed, unknown=unknown), robust=True)


counts = PathCounts(_send, clock=time.monotonic)
