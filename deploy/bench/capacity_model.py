"""The model of capacity.py: the bench's machine, and a shop on AWS, out of the parts of queueing.py."""

import math
import random
import statistics
import sys
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from queueing import Flush, Lock, Process, Simulation, Station
from visitors import CONNECTIONS, MIX

from apps.operations import pricing
from apps.operations.price_list import PriceList, price_list

STEPS = ("home", "rayon", "product", "search", "suggestions", "purchase")
PURCHASE_REQUESTS = 5
"""Of a purchase after the product's page: basket, details, summary, order, confirmation."""
ORDER_PLACE = 6
"""Of the request that writes the order, in a buyer's journey."""
WORKERS = (1, 2, 4)
THREADS = 4
PERCENTILE = 0.95
# A thread of Python or of MySQL gives way after about as long.
TURN = 0.001


@dataclass(frozen=True)
class Cost:
    """Of one request, in seconds."""

    python: float
    database: float
    queries: float
    flushes: float


def percentile(ordered: Sequence[float], share: float = PERCENTILE) -> float:
    """By nearest rank."""
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


# --- The model of what was measured -------------------------------------------------------------------------------
def costs_of(measured: dict[str, Any]) -> dict[str, Cost]:
    """The median of the repeats. A purchase's runs contain its product page, which is taken off."""
    found = {
        step: Cost(
            *(statistics.median(run[name] for run in runs) for name in ("python", "database", "queries", "flushes"))
        )
        for step, runs in measured["costs"].items()
    }
    share = PURCHASE_REQUESTS
    page, whole = found["product"], found["purchase"]
    found["purchase"] = Cost(
        *(
            max(0.0, ((share + 1) * getattr(whole, name) - getattr(page, name)) / share)
            for name in ("python", "database", "queries", "flushes")
        )
    )
    return found


class Host:
    """A machine with workers; its processors may also serve the database and the client."""

    def __init__(self, simulation: Simulation, cores: int, workers: int) -> None:
        self.simulation = simulation
        self.cores = Station(simulation, cores)
        self.gils = [Lock() for _ in range(workers)]
        self.pools = [Lock(THREADS) for _ in range(workers)]

    def worker(self, rng: random.Random) -> int:
        """The one that takes a new connection: any of those that compute nothing, else any."""
        free = [number for number, gil in enumerate(self.gils) if not gil.length]
        return rng.choice(free or range(len(self.gils)))

    def compute(self, seconds: float) -> Iterator[Any]:
        left = seconds
        while left > 0:
            yield self.cores.use(min(left, TURN))
            left -= TURN

    def serve(self, number: int, cost: Cost, store: "Store", *, row: Lock | None = None) -> Iterator[Any]:
        """One request by a worker: Python and queries in turn, and the flushes at its end, under the lock of a row."""
        gil, pool = self.gils[number], self.pools[number]
        queries = max(0, round(cost.queries))
        yield pool.take()
        held = False
        for turn in range(queries + 1):
            yield gil.take()
            yield from self.compute(cost.python / (queries + 1))
            gil.free()
            if turn == queries // 2 and row:
                yield row.take()
                held = True
            if turn < queries:
                yield store.latency
                yield from store.query(cost.database / queries)
        for _flush in range(store.flushes(cost)):
            yield store.flush.commit()
        if held and row:
            row.free()
        pool.free()


class Store:
    """The database: processors, the way to it, and its log."""

    def __init__(
        self, simulation: Simulation, cores: Station, *, latency: float, flush: float, rng: random.Random
    ) -> None:
        self.cores, self.latency, self.rng = cores, latency, rng
        self.flush = Flush(simulation, flush)

    def query(self, seconds: float) -> Iterator[Any]:
        yield self.cores.use(seconds)

    def flushes(self, cost: Cost) -> int:
        """A whole number whose mean is the measured one."""
        whole = math.floor(cost.flushes)
        return whole + (self.rng.random() < cost.flushes - whole)


def journey(rng: random.Random, mix: dict[str, float]) -> list[str]:
    kind = rng.choices(list(mix), list(mix.values()))[0]
    if kind == "browse":
        return ["home", "rayon", *["product"] * rng.randint(1, 3)]
    if kind == "search":
        return ["home", "suggestions", "search", "product"]
    return ["home", "rayon", "product", *["purchase"] * PURCHASE_REQUESTS]


@dataclass
class Predicted:
    rate: float
    p95: float


def closed(measured: dict[str, Any], workers: int, *, others: float, seconds: float = 40, seed: int = 1) -> Predicted:
    """The bench in the model: 8 connections without a pause, everything on one machine, of whose processors others
    take their share."""
    simulation, rng = Simulation(), random.Random(seed)  # noqa: S311
    host = Host(simulation, measured["cores"], workers)
    store = Store(simulation, host.cores, latency=0.00005, flush=measured["flush"], rng=rng)
    costs = costs_of(measured)
    client = statistics.median(run["client"] for runs in measured["mix"].values() for run in runs)
    client_gil, times = Lock(), []
    warm = seconds / 8

    def visitor() -> Process:
        while True:
            for step in journey(rng, MIX):
                began = simulation.now
                yield client_gil.take()
                yield from host.compute(client / 2)
                client_gil.free()
                yield from host.serve(host.worker(rng), costs[step], store)
                yield client_gil.take()
                yield from host.compute(client / 2)
                client_gil.free()
                if began >= warm:
                    times.append(simulation.now - began)

    def background() -> Process:
        while True:
            yield rng.expovariate(others * measured["cores"] / TURN)
            simulation.start(iter([host.cores.use(TURN)]))

    for _connection in range(CONNECTIONS):
        simulation.start(visitor())
    if others:
        simulation.start(background())
    simulation.run(seconds)
    return Predicted(len(times) / (seconds - warm), percentile(sorted(times)) * 1000)


# --- The model of a shop on AWS -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Setup:
    """What stands at AWS."""

    web: int
    database: str
    replicas: int
    workers: int


@dataclass
class Load:
    """What came out of one setup under one load."""

    setup: Setup
    orders: float
    requests: float = 0
    p95: float = 0
    order_p95: float = 0
    web_busy: float = 0
    database_busy: float = 0
    replica_busy: float = 0
    queue_p95: float = 0
    from_nginx: float = 0
    from_process: float = 0
    faults: list[str] = field(default_factory=list)


class Popular:
    """Numbers by Zipf's law: what everybody looks at, and what hardly anybody does."""

    def __init__(self, count: int, rng: random.Random) -> None:
        self._sums = list(accumulate(1 / rank for rank in range(1, count + 1)))
        self._rng = rng

    def one(self) -> int:
        return bisect(self._sums, self._rng.random() * self._sums[-1])


class Caches:
    """nginx of one host, and the processes behind it, as docs/architecture.md has them."""

    def __init__(self, workers: int) -> None:
        self.nginx: dict[Any, float] = {}
        self.asked_once: dict[Any, float] = {}
        self.processes: list[dict[Any, tuple[int, float]]] = [{} for _ in range(workers)]

    def in_nginx(self, key: Any, now: float, seconds: float) -> bool:
        if self.nginx.get(key, -1) > now:
            return True
        if key in self.asked_once:
            self.nginx[key] = now + seconds
        self.asked_once[key] = now
        return False

    def in_process(self, number: int, key: Any, now: float, revision: int) -> bool:
        stored = self.processes[number].get(key)
        if stored and stored[0] == revision and now - stored[1] < 60:
            return True
        self.processes[number][key] = (revision, now)
        return False


def open_load(
    measured: dict[str, Any], assumed: dict[str, Any], setup: Setup, orders: float, *, seconds: float, seed: int = 1
) -> Load:
    """Visitors come at random, so that `orders` an hour are bought, at the peak of that hour."""
    simulation, rng = Simulation(), random.Random(seed)  # noqa: S311
    traffic, aws = assumed["traffic"], assumed["aws"]
    costs = costs_of(measured)
    browse, search = MIX["browse"], MIX["search"]
    buyers = traffic["buyers_percent"]
    mix = {
        "browse": (100 - buyers) * browse / (browse + search),
        "search": (100 - buyers) * search / (browse + search),
        "buy": buyers,
    }
    arrivals = orders * traffic["peak"] / 3600 / (buyers / 100)
    hosts = [Host(simulation, aws["web_cores"], aws["web_cores"]) for _ in range(setup.web)]
    caches = [Caches(aws["web_cores"]) for _ in hosts]
    cores = assumed["database"][setup.database]["cores"]
    primary = Store(simulation, Station(simulation, cores), latency=aws["latency"], flush=aws["flush"], rng=rng)
    copies = [
        Store(simulation, Station(simulation, cores), latency=aws["latency"], flush=aws["flush"], rng=rng)
        for _ in range(setup.replicas)
    ]
    products, texts = Popular(traffic["products"], rng), Popular(traffic["search_texts"], rng)
    rows = {number: Lock() for number in range(traffic["products"])}
    tasks = Station(simulation, setup.workers * aws["tasks_at_once"])
    revision, warm, load = [1], seconds / 5, Load(setup, orders)
    times: list[float] = []
    order_times: list[float] = []
    waits: list[float] = []
    kinds = {"nginx": 0, "process": 0, "all": 0}

    def task() -> Process:
        began = simulation.now
        yield tasks.use(rng.expovariate(1 / aws["task"]))
        if began >= warm:
            waits.append(simulation.now - began)

    def request(step: str, row: Lock | None) -> Process:
        began = simulation.now
        number = rng.randrange(len(hosts))
        host, cache = hosts[number], caches[number]
        is_page = step != "purchase"
        popular = {"product": products, "search": texts, "suggestions": texts}.get(step)
        key = (step, popular.one() if popular else rng.randrange(traffic["rayons"]) if step == "rayon" else 0)
        kinds["all"] += 1
        if is_page and cache.in_nginx(key, simulation.now, traffic["nginx_seconds"]):
            kinds["nginx"] += 1
            yield from host.compute(aws["nginx"])
        else:
            worker = host.worker(rng)
            if is_page and cache.in_process(worker, key, simulation.now, revision[0]):
                kinds["process"] += 1
                yield from host.serve(worker, Cost(aws["cached_page"], 0, 0, 0), primary)
            else:
                store = rng.choice(copies) if copies and is_page else primary
                yield from host.serve(worker, costs[step], store, row=row)
        if began >= warm:
            times.append(simulation.now - began)
            if not is_page:
                order_times.append(simulation.now - began)

    def visitor() -> Process:
        steps = journey(rng, mix)
        bought = products.one() if rng.random() >= traffic["offer_share"] else 0
        for place, step in enumerate(steps):
            yield from request(step, rows[bought] if place == ORDER_PLACE else None)
            yield rng.expovariate(1 / traffic["think"])
        if "purchase" in steps:
            for _task in range(aws["tasks_per_order"]):
                simulation.start(task())
            if rng.random() < traffic["visible_change"]:
                revision[0] += 1

    def arrive() -> Process:
        while True:
            yield rng.expovariate(arrivals)
            simulation.start(visitor())

    simulation.start(arrive())
    simulation.run(seconds)
    span = seconds - warm
    load.requests = len(times) / span
    load.p95 = percentile(sorted(times)) if times else 0
    load.order_p95 = percentile(sorted(order_times)) if order_times else 0
    load.web_busy = sum(host.cores.busy for host in hosts) / (len(hosts) * aws["web_cores"]) / seconds
    load.database_busy = primary.cores.busy / cores / seconds
    load.replica_busy = sum(copy.cores.busy for copy in copies) / cores / len(copies) / seconds if copies else 0
    load.queue_p95 = percentile(sorted(waits)) if waits else 0
    load.from_nginx, load.from_process = kinds["nginx"] / kinds["all"], kinds["process"] / kinds["all"]
    load.faults = faults(load, assumed)
    return load


def faults(load: Load, assumed: dict[str, Any]) -> list[str]:
    """What is too much for this setup."""
    limits, kind = assumed["limits"], assumed["database"][load.setup.database]
    found = []
    if load.web_busy > limits["web_busy"]:
        found.append("processors of the web hosts")
    if max(load.database_busy, load.replica_busy) > kind["busy"]:
        found.append(
            "processors of the database" if load.database_busy > kind["busy"] else "processors of the replicas"
        )
    if load.queue_p95 > limits["queue_seconds"]:
        found.append("queue of e-mails")
    if not found and max(load.p95, load.order_p95) > limits["p95"]:
        found.append("answers")
    return found


def larger(setup: Setup, fault: str, assumed: dict[str, Any]) -> Setup:
    """The next larger setup where this is too much."""
    kinds = list(assumed["database"])
    if fault == "queue of e-mails":
        return replace(setup, workers=setup.workers + max(1, setup.workers // 2))
    if fault == "processors of the replicas":
        return replace(setup, replicas=setup.replicas + 1)
    if fault == "processors of the database":
        following = kinds.index(setup.database) + 1
        # A replica is taken before a class that costs twice as much.
        if assumed["database"][setup.database]["replicas_first"] and setup.replicas == 0:
            return replace(setup, replicas=1)
        if following < len(kinds):
            return replace(setup, database=kinds[following])
    return replace(setup, web=setup.web + max(1, setup.web // 3))


def sized(measured: dict[str, Any], assumed: dict[str, Any], orders: float) -> tuple[Load, list[Load]]:
    """The smallest setup that carries it, and those that were too small for it, the first of them today's demo's size
    upwards."""
    setup = Setup(web=2, database=next(iter(assumed["database"])), replicas=0, workers=2)
    tried: list[Load] = []
    # Enough orders to see their 95th percentile, and no more requests than a minute's work here.
    rate = orders * assumed["traffic"]["peak"] / 3600
    seconds = min(900.0, max(40.0, 60 / rate))
    while True:
        load = open_load(measured, assumed, setup, orders, seconds=seconds)
        if not load.faults or len(tried) > 24:
            return load, tried
        tried.append(load)
        setup = larger(setup, load.faults[0], assumed)


def bill(setup: Setup, assumed: dict[str, Any], orders: float) -> Decimal:
    """Dollars of a month with this setup standing all of it, by the repository's price list and, for what does not
    grow with it, the table of terraform/README.md."""
    prices = price_list("eu-west-3")
    if prices is None:
        sys.exit("There is no price list of eu-west-3.")
    aws, kind = assumed["aws"], assumed["database"][setup.database]
    quantities = [
        pricing.instance(aws["web_instance"], pricing.HOURS * setup.web),
        pricing.instance(aws["worker_instance"], pricing.HOURS * setup.workers),
        *pricing.database(kind["price_of"], aws["storage_gb"], multi_az=True),
        *pricing.database(kind["price_of"], aws["storage_gb"], multi_az=False) * setup.replicas,
        pricing.volume("gp3", (setup.web + setup.workers) * aws["disk_gb"]),
    ]
    dollars = Decimal(0)
    for name, count in quantities:
        amount = dollars_of(name, count, prices)
        dollars += amount * (kind["times"] if name == f"rds.{kind['price_of']}" else 1)
    month = orders * assumed["traffic"]["hours_in_a_month"]
    pages = Decimal(month / (assumed["traffic"]["buyers_percent"] / 100) * assumed["traffic"]["pages_of_a_visitor"])
    for name, pieces in (
        ("cloudfront.gb", pages * Decimal(aws["page_kilobytes"]) / 1_000_000),
        ("cloudfront.million_requests", pages * aws["requests_of_a_page"] / 1_000_000),
        ("waf.million_requests", pages * aws["requests_of_a_page"] / 1_000_000),
    ):
        amount = dollars_of(name, pieces, prices)
        dollars += amount
    return dollars + fixed_costs()


def dollars_of(name: str, pieces: Decimal | None, prices: PriceList) -> Decimal:
    dollars = pricing.price([(name, pieces)], prices).dollars
    if dollars is None:
        sys.exit(f"The price list has no {name}.")
    return dollars


def fixed_costs() -> Decimal:
    """What production costs beside its instances and its database, traffic included as far as the table has it."""
    found = Decimal(0)
    for line in (ROOT / "terraform" / "README.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        subjects = ("NAT", "Balancer", "Firewall", "Files", "Secrets", "Watching", "Backups", "Endpoints", "Edge")
        if len(cells) == 4 and cells[0] in subjects:
            found += Decimal(cells[3])
    return found
