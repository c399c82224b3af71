"""Figures of a load: percentiles by page, a line for each moment, and missed thresholds."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

POINTS = 120
# Beyond it the generator itself was the bottleneck, and its figures mean little.
LATE_MS = 250

# Labels of the pages of deploy/loadtest/journeys.py.
PAGES = {
    "home": _("accueil"),
    "rayon": _("rayon"),
    "product": _("produit"),
    "suggestions": _("suggestions"),
    "search": _("recherche"),
    "add to basket": _("ajout au panier"),
    "details": _("coordonnées"),
    "give details": _("coordonnées données"),
    "order": _("commande"),
    "pay": _("paiement"),
}


@dataclass(frozen=True)
class Times:
    """Milliseconds."""

    name: str
    count: int
    errors: int
    p50: float
    p95: float
    p99: float

    @property
    def title(self) -> str:
        return str(PAGES.get(self.name, self.name))

    @property
    def error_share(self) -> float:
        return self.errors / self.count if self.count else 0.0


@dataclass(frozen=True)
class Moment:
    """Some seconds, from `second` on; rates are for one second."""

    second: int
    arrivals: float
    requests: float
    errors: float
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class Summary:
    all: Times
    pages: Sequence[Times]
    moments: Sequence[Moment]
    seconds: int
    lag_p99: float
    orders: dict[str, int]
    errors: dict[str, int]
    # What ended it early: `what` (p95 or failures) was `found` beyond its `limit` for `after` seconds, at `second`.
    aborted: dict[str, Any] | None = None
    # How many generators shared the visitors, and how many of them were lost on the way.
    generators: int = 1
    lost: int = 0


def summarise(measured: dict[str, Any]) -> Summary:
    answers = measured["answers"]
    by_page: dict[str, list[Any]] = defaultdict(list)
    for answer in answers:
        by_page[answer[1]].append(answer)
    seconds = max(1, measured["seconds"])
    return Summary(
        all=_times("all", answers),
        pages=sorted((_times(name, found) for name, found in by_page.items()), key=lambda page: -page.count),
        moments=_moments(answers, measured["arrivals"], seconds),
        seconds=seconds,
        lag_p99=measured["lag_p99"],
        orders=measured["orders"],
        errors=measured["errors"],
        aborted=measured.get("aborted"),
        generators=measured.get("generators", 1),
        lost=measured.get("lost", 0),
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """The nearest rank of ordered values; 0 of nothing."""
    return ordered[min(len(ordered) - 1, max(0, math.ceil(share * len(ordered)) - 1))] if ordered else 0.0


def _times(name: str, answers: Iterable[Any]) -> Times:
    found = list(answers)
    ordered = sorted(each[2] for each in found)
    errors = sum(not each[3] for each in found)
    marks = (round(percentile(ordered, share), 1) for share in (0.50, 0.95, 0.99))
    return Times(name, len(found), errors, *marks)


def _moments(answers: Sequence[Any], arrivals: dict[str, int], seconds: int) -> list[Moment]:
    width = max(1, math.ceil(seconds / POINTS))
    slots: dict[int, list[Any]] = defaultdict(list)
    for answer in answers:
        slots[answer[0] // width].append(answer)
    coming: dict[int, int] = defaultdict(int)
    for second, count in arrivals.items():
        coming[int(second) // width] += count
    moments = []
    for slot in range(math.ceil(seconds / width)):
        times = _times("", slots[slot])
        rates = (coming[slot] / width, times.count / width, times.errors / width)
        moments.append(Moment(slot * width, *rates, times.p50, times.p95, times.p99))
    return moments
