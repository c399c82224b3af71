"""A load beside the one before it, of the same shop."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Differences below this share are noise of one machine.
QUIET_SHARE = 0.05


@dataclass(frozen=True)
class Compared:
    """`change` is a share of what it was before; None where that was nothing."""

    name: str | Promise
    unit: str
    before: float
    now: float
    # Whether more is worse; None where it is neither.
    more_is_worse: bool | None = True

    @property
    def difference(self) -> float:
        return round(self.now - self.before, 2)

    @property
    def change(self) -> float | None:
        return self.difference / self.before if self.before else None

    @property
    def is_worse(self) -> bool:
        return self._moved and self.more_is_worse is (self.difference > 0)

    @property
    def is_better(self) -> bool:
        return self._moved and self.more_is_worse is (self.difference < 0)

    @property
    def _moved(self) -> bool:
        if self.more_is_worse is None or not self.difference:
            return False
        return self.change is None or abs(self.change) >= QUIET_SHARE


def compare(now: dict[str, Any], before: dict[str, Any]) -> list[Compared]:
    """Of two reports: requests, requests a second, failures, and times of all pages."""
    one, other = now["all"], before["all"]
    seconds = max(1, now["seconds"]), max(1, before["seconds"])
    return [
        Compared(_("requêtes"), "", other["count"], one["count"], None),
        Compared(
            _("requêtes par seconde"),
            "",
            round(other["count"] / seconds[1], 1),
            round(one["count"] / seconds[0], 1),
            None,
        ),
        Compared(_("erreurs"), "%", _share(other), _share(one)),
        *(Compared(mark, "ms", other[mark], one[mark]) for mark in ("p50", "p95", "p99")),
    ]


def pages_before(before: dict[str, Any]) -> dict[str, float]:
    """The p95 of each page, by its name."""
    return {page["name"]: page["p95"] for page in before["pages"]}


def asked_differently(now: dict[str, Any], before: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Options of the load that were others: then its figures are others too."""
    for name in ("rate", "ramp", "seconds", "think", "buy", "generators"):
        was, is_now = before["asked"].get(name, 1), now["asked"].get(name, 1)
        if was != is_now:
            yield name, was, is_now


def _share(times: dict[str, Any]) -> float:
    return round(100 * times["errors"] / times["count"], 2) if times["count"] else 0.0
