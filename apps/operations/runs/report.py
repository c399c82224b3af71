"""Output of an operation while it works: to the terminal, and into its row."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from django.utils import timezone

LOG_LINES = 2000


class Screen(Protocol):
    """A terminal that a person watches."""

    def line(self, text: str) -> None: ...

    def progress(self, text: str) -> None: ...


class Reporter:
    """Collects lines and links; `saved` is called with them after each line, and decides when to store them."""

    def __init__(
        self, screen: Screen | None = None, saved: Callable[["Reporter"], None] = lambda reporter: None
    ) -> None:
        self.lines: list[str] = []
        self.links: dict[str, str] = {}
        self._screen = screen
        self._saved = saved

    def say(self, text: str, at: datetime | None = None) -> None:
        stamp = timezone.localtime(at or timezone.now()).strftime("%H:%M:%S")
        self.lines.append(f"{stamp} {text}")
        # Of too long an output the beginning and the end are stored.
        if len(self.lines) > LOG_LINES:
            del self.lines[LOG_LINES // 2]
        if self._screen:
            self._screen.line(text)
        self._saved(self)

    def progress(self, text: str, done: int | None = None, total: int | None = None) -> None:
        """A line that the next one replaces; it is not stored."""
        if self._screen:
            share = f" {done}/{total} ({100 * done // total} %)" if done is not None and total else ""
            self._screen.progress(f"{text}{share}")

    def link(self, label: str, url: str) -> None:
        self.links[label] = url
        self._saved(self)
