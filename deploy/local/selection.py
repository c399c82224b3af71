"""Selection of named parts by ONLY=…, and the closing table of outcomes and durations."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from environment import Unusable, say

# In CI no part may be left out.
CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}


class Named(Protocol):
    name: str
    outcome: str
    failed: bool
    seconds: float


Part = TypeVar("Part", bound=Named)


def requested() -> set[str]:
    return set(filter(None, os.environ.get("ONLY", "").split(",")))


def select(everything: list[Part]) -> list[Part]:
    only = requested()
    if unknown := only - {part.name for part in everything}:
        raise Unusable(f"No part is called {', '.join(sorted(unknown))}.")
    return [part for part in everything if not only or part.name in only]


def print_table(parts: Iterable[Named], *, seconds: float) -> bool:
    """Returns whether a part failed."""
    for part in parts:
        say(f"{part.name:<14}{part.seconds:>6.0f} s   {'FAILED' if part.failed else 'ok':<8}{part.outcome}")
    say(f"{'all':<14}{seconds:>6.0f} s")
    return any(part.failed for part in parts)


def run_as_command(main: Callable[[], int]) -> None:
    # On SIGTERM it still stops what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except Unusable as error:
        sys.exit(str(error))
