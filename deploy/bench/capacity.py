#!/usr/bin/env python3
"""What the shop can carry: a simulation calibrated by measuring, checked by measuring, and then asked for more.

    deploy/bench/capacity.py measure      on a quiet machine, minutes: writes deploy/bench/capacity.json
    deploy/bench/capacity.py              simulates from that file: writes docs/capacity.md and its plots

`measure` (capacity_measure.py) finds what one request of each step costs (processor time of the worker and of a MySQL
of its own, statements, flushes of the log), and then the throughput and the 95th percentile of visitors in the mix of
deploy/loadtest for 1, 2 and 4 workers. The simulation (capacity_model.py) knows the first alone and must predict the
second.
"""

import argparse
import json
import statistics
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from capacity_measure import measure
from capacity_model import PURCHASE_REQUESTS, ROOT, Load, Predicted, bill, closed, costs_of, sized
from run import say
from svg import Point, Series, lines
from visitors import CONNECTIONS, MIX

BENCH = Path(__file__).resolve().parent
RESULTS = BENCH / "capacity.json"
ASSUMED = BENCH / "capacity.toml"
TEMPLATE = BENCH / "capacity_page.md"
PAGE = ROOT / "docs" / "capacity.md"
TOLERANCE = 0.15
PLOTS = ROOT / "docs" / "plots"


# --- Report -------------------------------------------------------------------------------------------------------
def quiet(runs: list[dict[str, Any]], most: float) -> list[dict[str, Any]]:
    """Those during which others took no more than this share of the machine; all where there was no such."""
    return [run for run in runs if run["others"] <= most] or runs


@dataclass
class Check:
    workers: int
    measured: list[dict[str, Any]]
    predicted: Predicted

    def seen(self, name: str) -> list[float]:
        return [run[name] for run in self.measured]

    @property
    def rate(self) -> float:
        return statistics.median(self.seen("rate"))

    @property
    def p95(self) -> float:
        return statistics.median(self.seen("p95"))

    @property
    def others(self) -> float:
        return statistics.median(self.seen("others"))


def checks(measured: dict[str, Any], most: float) -> list[Check]:
    found = []
    for workers, runs in measured["mix"].items():
        chosen = quiet(runs, most)
        share = statistics.median(run["others"] for run in chosen)
        found.append(Check(int(workers), chosen, closed(measured, int(workers), others=share)))
    return found


def off(predicted: float, measured: float) -> str:
    return f"{(predicted / measured - 1) * 100:+.0f} %"


def table(header: str, numbers_from: int, rows: list[list[str]]) -> list[str]:
    """Columns from `numbers_from` on are aligned to the right."""
    columns = header.split(" | ")
    ruler = ["---" if place < numbers_from else "---:" for place in range(len(columns))]
    return [f"| {' | '.join(cells)} |" for cells in (columns, ruler, *rows)]


def cost_rows(measured: dict[str, Any]) -> list[list[str]]:
    rows = []
    for step, cost in costs_of(measured).items():
        name = f"{step} (each of {PURCHASE_REQUESTS} requests)" if step == "purchase" else step
        times = [f"{cost.python * 1000:.2f}", f"{cost.database * 1000:.2f}"]
        rows.append([name, *times, f"{cost.queries:.1f}", f"{cost.flushes:.1f}"])
    return rows


def check_rows(checked: list[Check]) -> list[list[str]]:
    rows = []
    for each in checked:
        row = [str(each.workers), str(len(each.measured)), f"{each.others:.0%}"]
        for name, digits in (("rate", 0), ("p95", 1)):
            seen, median, predicted = each.seen(name), getattr(each, name), getattr(each.predicted, name)
            row += [f"{median:.{digits}f} ({min(seen):.{digits}f} – {max(seen):.{digits}f})", f"{predicted:.{digits}f}"]
            row.append(off(predicted, median))
        rows.append(row)
    return rows


def beyond(checked: list[Check]) -> list[str]:
    """What the model predicts worse than it should."""
    return [
        f"{what} with {each.workers} workers"
        for each in checked
        for name, what in (("rate", "requests a second"), ("p95", "p95"))
        if abs(getattr(each.predicted, name) / getattr(each, name) - 1) > TOLERANCE
    ]


def sales_rows(assumed: dict[str, Any], found: list[tuple[Load, list[Load]]]) -> list[list[str]]:
    rows = []
    for load, _tried in found:
        setup = load.setup
        stands = [str(setup.web), setup.database, str(setup.replicas), str(setup.workers)]
        times = [f"{load.p95 * 1000:.0f}", f"{load.order_p95 * 1000:.0f}"]
        busy = [f"{load.web_busy:.0%}", f"{load.database_busy:.0%}", f"{load.replica_busy:.0%}"]
        caches = [f"{load.from_nginx:.0%}", f"{load.from_process:.0%}"]
        waits, dollars = f"{load.queue_p95:.1f}", bill(setup, assumed, load.orders)
        bills = [f"{dollars:,.0f}", f"{dollars - bill(setup, assumed, 0):,.0f}"]
        rows.append([f"{load.orders:,}", f"{load.requests:,.0f}", *stands, *times, *busy, waits, *caches, *bills])
    return rows


def broken_first(found: list[tuple[Load, list[Load]]]) -> list[str]:
    items = []
    for load, tried in found:
        broke = [
            f"{', '.join(each.faults)} ({each.setup.web} web hosts, {each.setup.database}, {each.setup.replicas}"
            f" replicas, {each.setup.workers} worker hosts)"
            for each in tried
        ]
        items.append(f"- **{load.orders:,} orders**: {'; then '.join(broke) or 'the smallest setup carries them'}.")
    return items


def report(measured: dict[str, Any], assumed: dict[str, Any], checked: list[Check], found: list) -> str:
    checks_header = "workers | runs | others took | a second | predicted | off by | p95, ms | predicted | off by"
    sales_header = (
        "orders in the hour | requests a second | web hosts | database | replicas | worker hosts | p95 of all, ms"
        " | p95 of orders, ms | web busy | database busy | replicas busy | an e-mail takes (p95), s | from nginx"
        " | from a process | dollars a month | of these for traffic"
    )
    return TEMPLATE.read_text().format(
        **assumed,
        measured=measured,
        flush=measured["flush"] * 1000,
        connections=CONNECTIONS,
        mix=", ".join(f"{name} {share} %" for name, share in MIX.items()),
        costs="\n".join(table("step | worker, ms | MySQL, ms | statements | flushes", 1, cost_rows(measured))),
        checks="\n".join(table(checks_header, 0, check_rows(checked))),
        sales="\n".join(table(sales_header, 0, sales_rows(assumed, found))),
        broken="\n".join(broken_first(found)),
        beyond="; ".join(beyond(checked)) or "nothing",
    )


def plots(checked: list[Check], assumed: dict[str, Any], found: list[tuple[Load, list[Load]]]) -> dict[str, str]:
    def both(value: str) -> list[Series]:
        seen = {
            each.workers: Point(getattr(each, value), min(each.seen(value)), max(each.seen(value))) for each in checked
        }
        return [
            Series("measured", seen),
            Series(
                "predicted", {each.workers: Point(getattr(each.predicted, value)) for each in checked}, is_dashed=True
            ),
        ]

    bills = {load.orders: Point(float(bill(load.setup, assumed, load.orders))) for load, _tried in found}
    return {
        "capacity-rate": lines("Throughput by workers", both("rate"), across="workers", up="requests a second"),
        "capacity-p95": lines("95th percentile by workers", both("p95"), across="workers", up="milliseconds"),
        "capacity-bill": lines(
            "A month's bill by orders",
            [Series("bill", bills)],
            across="orders in the first hour of the sales",
            up="US dollars a month, before tax",
            is_log=True,
            is_log_across=True,
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", nargs="?", choices=["measure"])
    parser.add_argument("--seconds", type=float, default=5, help="with measure: of a run")
    parser.add_argument("--repeats", type=int, default=5, help="with measure")
    parser.add_argument("--quiet", type=float, default=0.5, help="share of the machine that others may take in a run")
    options = parser.parse_args()
    if options.action == "measure":
        measure(RESULTS, seconds=options.seconds, repeats=options.repeats)
    measured, assumed = json.loads(RESULTS.read_text()), tomllib.loads(ASSUMED.read_text())
    checked = checks(measured, options.quiet)
    began = time.monotonic()
    found = [sized(measured, assumed, assumed["shop"]["orders"] * times) for times in assumed["shop"]["times"]]
    PAGE.write_text(report(measured, assumed, checked, found))
    PLOTS.mkdir(exist_ok=True)
    for name, picture in plots(checked, assumed, found).items():
        (PLOTS / f"{name}.svg").write_text(picture)
    say(f"Written to {PAGE} in {time.monotonic() - began:.0f} s.")


if __name__ == "__main__":
    main()
