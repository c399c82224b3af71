"""A log of steps, each with its notes and its duration, printed as a table at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from local import say


class StepLog:
    def __init__(self) -> None:
        self.rows: list[tuple[str, float, str]] = []

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[str], None]]:
        say(f"——— {name} ———")
        notes: list[str] = []
        began = time.monotonic()
        yield notes.append
        self.rows.append((name, time.monotonic() - began, "; ".join(notes)))
        say(f"{self.rows[-1][2]} ({self.rows[-1][1]:.1f} s)")

    def table(self) -> str:
        return "\n".join(f"{name:<22}{seconds:>7.1f} s  {notes}" for name, seconds, notes in self.rows)
