"""Open load: visitors arrive at a given rate, whether the shop answers or not (Schroeder, Wierman, Harchol-Balter,
« Open Versus Closed », NSDI 2006).

  python generate.py http://127.0.0.1:8000 --allowed 127.0.0.1 --rate 5 --ramp 30 --seconds 60 --output measured.json

Arrivals are a Poisson process: the rate grows from nothing over the ramp, then stays. Each visitor makes one journey
(browse, search or buy) with Locust's client. The first page is timed from the planned arrival, so that an overloaded
generator cannot hide a slow shop; « lag » is the generator's own delay. Each second is a line of JSON
on stdout. Ctrl-C ends it with what was measured so far.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import argparse  # noqa: E402
import json  # noqa: E402
import random  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections import Counter  # noqa: E402
from pathlib import Path  # noqa: E402
from urllib.parse import urlsplit  # noqa: E402

import gevent  # noqa: E402
from gevent.pool import Group  # noqa: E402
from journeys import JOURNEYS, Broken, Visitor  # noqa: E402
from locust.env import Environment  # noqa: E402

# How long visitors who are still there at the end may take to leave.
LEAVING_SECONDS = 30
EXAMPLES = 20


class Measured:
    """Duration of each answer in milliseconds, by second and name, and errors."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.answers: list[tuple[int, str, float, bool]] = []
        self.arrivals: Counter[int] = Counter()
        self.active: dict[int, int] = {}
        self.lags: list[float] = []
        self.errors: Counter[str] = Counter()
        self._printed = 0

    def second(self) -> int:
        return int(time.monotonic() - self.began)

    def note(self, name: str, milliseconds: float, error: object) -> None:
        self.answers.append((self.second(), name, milliseconds, error is None))
        if error is not None:
            self.errors[f"{name}: {error}"[:200]] += 1

    def line(self, active: int) -> dict[str, object]:
        """Statistics of the second that has just ended."""
        fresh, self._printed = self.answers[self._printed :], len(self.answers)
        now = self.second()
        self.active[now] = active
        times = sorted(each[2] for each in fresh)
        return {
            "second": now,
            "arrivals": self.arrivals[now - 1],
            "active": active,
            "requests": len(fresh),
            "p50": _at(times, 0.50),
            "p95": _at(times, 0.95),
            "errors": sum(not each[3] for each in fresh),
        }


def _at(times: list[float], share: float) -> float:
    """Percentile by nearest rank; 0 for an empty list."""
    return round(times[min(len(times) - 1, int(share * len(times)))], 1) if times else 0.0


def generate(given: argparse.Namespace) -> Measured:
    measured = Measured()
    environment = Environment(user_classes=[Visitor], host=given.url)
    first: dict[int, float] = {}

    def answered(name: str, response_time: float, exception: object, **_: object) -> None:
        # Only a visitor's first answer includes the delay of the arrival.
        measured.note(name, response_time + first.pop(id(gevent.getcurrent()), 0.0), exception)

    environment.events.request.add_listener(answered)
    names, weights = list(JOURNEYS), [given.browse, given.search, given.buy]
    Visitor.host, Visitor.think = given.url, given.think

    def visit(due: float) -> None:
        lag = max(0.0, (time.monotonic() - due) * 1000)
        measured.lags.append(lag)
        first[id(gevent.getcurrent())] = lag
        visitor = Visitor(environment)
        try:
            JOURNEYS[random.choices(names, weights)[0]](visitor)
        except Broken as broken:
            measured.errors[str(broken)] += 1
        finally:
            first.pop(id(gevent.getcurrent()), None)
            visitor.client.close()

    visitors = Group()
    end = measured.began + given.ramp + given.seconds
    shower = gevent.spawn(_show, measured, visitors)
    due = measured.began
    try:
        while due < end:
            elapsed = due - measured.began
            rate = given.rate * min(1.0, (elapsed + 0.5) / given.ramp) if given.ramp else given.rate
            due += random.expovariate(rate)
            gevent.sleep(max(0.0, due - time.monotonic()))
            if due < end:
                measured.arrivals[int(due - measured.began)] += 1
                visitors.spawn(visit, due)
        visitors.join(timeout=LEAVING_SECONDS)
    except KeyboardInterrupt:
        print(json.dumps({"stopped": measured.second()}), flush=True)
    visitors.kill(timeout=5)
    shower.kill()
    return measured


def _show(measured: Measured, visitors: Group) -> None:
    while True:
        gevent.sleep(1)
        print(json.dumps(measured.line(len(visitors))), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--allowed", required=True, help="hosts that may be loaded, separated by commas")
    parser.add_argument("--rate", type=float, default=5.0, help="visitors a second once the ramp is over (5)")
    parser.add_argument("--ramp", type=float, default=30.0, help="seconds until then (30)")
    parser.add_argument("--seconds", type=float, default=60.0, help="seconds after the ramp (60)")
    parser.add_argument("--think", type=float, default=2.0, help="mean seconds between two pages (2)")
    for name, weight in (("browse", 70), ("search", 20), ("buy", 10)):
        parser.add_argument(f"--{name}", type=float, default=weight, help=f"share of such visitors ({weight})")
    parser.add_argument("--output", type=Path, required=True)
    given = parser.parse_args()
    host = urlsplit(given.url).hostname or ""
    if host not in given.allowed.split(","):
        parser.error(f"{host} is not among the hosts that may be loaded.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = time.time()
    measured = generate(given)
    given.output.write_text(
        json.dumps(
            {
                "started": started,
                "seconds": measured.second(),
                "answers": measured.answers,
                "arrivals": measured.arrivals,
                "active": measured.active,
                "lag_p99": _at(sorted(measured.lags), 0.99),
                "orders": dict(Counter(Visitor.orders)),
                "errors": dict(measured.errors.most_common(EXAMPLES)),
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
