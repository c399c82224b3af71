"""What was done, with what it saw and how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from local import say


class Steps:
    def __init__(self) -> None:
        self.rows: list[tuple[str, float, str]] = []

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[str], None]]:
        say(f"——— {name} ———")
        seen: list[str] = []
        began = time.monotonic()
        yield seen.append
        self.rows.append((name, time.monotonic() - began, "; ".join(seen)))
        say(f"{self.rows[-1][2]} ({self.rows[-1][1]:.1f} s)")

    def table(self) -> str:
        return "\n".join(f"{name:<22}{seconds:>7.1f} s  {seen}" for name, seconds, seen in self.rows)
