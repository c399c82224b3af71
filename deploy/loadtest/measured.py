"""What generators measured, put together: durations by second and name, errors, and when to stop early."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

EXAMPLES = 20
# Second, name, milliseconds, whether it was answered rightly.
Answer = tuple[int, str, float, bool]


@dataclass
class Batch:
    """What one generator measured since its last batch; `pending` are milliseconds that visitors wait already."""

    answers: list[Answer] = field(default_factory=list)
    arrivals: Counter[int] = field(default_factory=Counter)
    lags: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    orders: Counter[str] = field(default_factory=Counter)
    active: int = 0
    pending: list[float] = field(default_factory=list)

    def as_message(self) -> dict[str, object]:
        return {
            "answers": self.answers,
            # A message's keys are text.
            "arrivals": {str(second): count for second, count in self.arrivals.items()},
            "lags": self.lags,
            "errors": dict(self.errors),
            "orders": dict(self.orders),
            "active": self.active,
            "pending": self.pending,
        }

    @classmethod
    def of(cls, message: dict[str, object]) -> Batch:
        return cls(
            answers=[(second, name, milliseconds, ok) for second, name, milliseconds, ok in message["answers"]],
            arrivals=Counter({int(second): count for second, count in message["arrivals"].items()}),
            lags=list(message["lags"]),
            errors=Counter(message["errors"]),
            orders=Counter(message["orders"]),
            active=int(message["active"]),
            pending=list(message["pending"]),
        )


class Measured:
    """The whole load, of one generator or of several."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.arrivals: Counter[int] = Counter()
        self.active: dict[int, int] = {}
        self.lags: list[float] = []
        self.errors: Counter[str] = Counter()
        self.orders: Counter[str] = Counter()
        self.aborted: dict[str, object] | None = None
        self.lost = 0
        self._judged = 0
        self._latest: dict[str, Batch] = {}

    def add(self, generator: str, batch: Batch) -> None:
        self.answers += batch.answers
        self.arrivals += batch.arrivals
        self.lags += batch.lags
        self.errors += batch.errors
        self.orders += batch.orders
        self._latest[generator] = batch

    def second(self, now: int, limits: Limits) -> dict[str, object]:
        """Statistics of the second that has just ended; `aborted` is set when the limits have been passed for too
        long."""
        fresh, self._judged = self.answers[self._judged :], len(self.answers)
        self.active[now] = sum(batch.active for batch in self._latest.values())
        pending = [wait for batch in self._latest.values() for wait in batch.pending]
        self.aborted = self.aborted or limits.judge(now, fresh, pending)
        times = sorted(each[2] for each in fresh)
        return {
            "second": now,
            "arrivals": self.arrivals[now - 1],
            "active": self.active[now],
            "requests": len(fresh),
            "p50": percentile(times, 0.50),
            "p95": percentile(times, 0.95),
            "errors": sum(not each[3] for each in fresh),
        }

    def as_json(self, *, started: float, seconds: int, generators: int) -> dict[str, object]:
        return {
            "started": started,
            "seconds": seconds,
            "answers": self.answers,
            "arrivals": self.arrivals,
            "active": self.active,
            "lag_p99": percentile(sorted(self.lags), 0.99),
            "orders": dict(self.orders),
            "errors": dict(self.errors.most_common(EXAMPLES)),
            "aborted": self.aborted,
            "generators": generators,
            "lost": self.lost,
        }


@dataclass
class Limits:
    """Ends a load whose p95 (milliseconds) or failures (per cent) stay above the limit for `after` seconds on end.

    Who waits longer than the limit already counts like a slow answer: a shop that answers nobody has no other. A second
    without answers and without such waiting says nothing.
    """

    p95: float | None = None
    failures: float | None = None
    after: int = 10
    _since: dict[str, int] = field(default_factory=dict)

    def judge(self, now: int, fresh: list[Answer], pending: list[float]) -> dict[str, object] | None:
        slow = [wait for wait in pending if self.p95 is not None and wait > self.p95]
        if not fresh and not slow:
            return None
        times = sorted([*(each[2] for each in fresh), *slow])
        share = 100 * sum(not each[3] for each in fresh) / len(fresh) if fresh else 0.0
        for what, found, limit in (("p95", percentile(times, 0.95), self.p95), ("failures", share, self.failures)):
            if limit is None or found <= limit:
                self._since.pop(what, None)
            elif now - self._since.setdefault(what, now - 1) >= self.after:
                return {"what": what, "found": round(found, 1), "limit": limit, "second": now, "after": self.after}
        return None


def percentile(ordered: list[float], share: float) -> float:
    """By nearest rank; 0 for an empty list."""
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) if ordered else 0.0
