"""Breaks off what an interrupted run waits for.

Python hears a signal between two of its instructions: a thread that waits for a database hears it once that has
answered, which may take as long as the database likes.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

# What runs gets so long to end by itself. Then its connections are broken off, and it ends within seconds.
PATIENCE_SECONDS = 2.0
_ENDING = {signal.SIGINT, signal.SIGTERM, signal.SIGALRM}
_waiting: dict[object, Callable[[], None]] = {}


@contextmanager
def breakable(break_off: Callable[[], None]) -> Iterator[None]:
    """`break_off` is called, in another thread, if the run is interrupted in this block and does not leave it. What an
    interrupted run opens afterwards, to clear up, is left alone."""
    key = object()
    _waiting[key] = break_off
    try:
        yield
    finally:
        del _waiting[key]


@contextmanager
def interruptions_watched() -> Iterator[None]:
    """Of the main thread: there alone signals are heard."""
    heard, hears = os.pipe()
    os.set_blocking(hears, False)
    ended = threading.Event()
    before = signal.set_wakeup_fd(hears, warn_on_full_buffer=False)
    watcher = threading.Thread(target=_watch, args=(heard, ended), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        ended.set()
        # The end of the pipe ends the watcher too.
        os.close(hears)


def _watch(heard: int, ended: threading.Event) -> None:
    with os.fdopen(heard, "rb", buffering=0) as signals:
        while number := signals.read(1):
            if number[0] not in _ENDING:
                continue
            keys = list(_waiting)
            if ended.wait(PATIENCE_SECONDS):
                return
            for key in keys:
                if break_off := _waiting.get(key):
                    with suppress(Exception):
                        # It has ended by itself, or its server is gone.
                        break_off()
