"""The simulation behind docs/capacity.md gives what theory knows, and sizes what it is asked for."""

import random
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).resolve().parents[1] / "bench"
MODULES = ("capacity_model", "queueing", "visitors", "buyers", "run", "plots", "svg", "nginx")


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(BENCH))
    import capacity_model

    yield capacity_model
    for name in MODULES:
        sys.modules.pop(name, None)


def measured(**cost: float) -> dict:
    one = {"python": 0.004, "database": 0.0005, "queries": 5, "flushes": 0, "client": 0.0002, "others": 0, **cost}
    steps = ("home", "rayon", "product", "search", "suggestions", "purchase")
    return {"cores": 2, "flush": 0.002, "costs": {step: [one] for step in steps}, "mix": {"1": [one]}}


def test_one_server_waits_as_long_as_theory_says(model):
    """M/M/1 at 70 %: the mean time in the system is 1 / (1 - 0.7) services."""
    simulation, rng, times = model.Simulation(), random.Random(1), []
    server = model.Station(simulation, 1)

    def customer():
        began = simulation.now
        yield server.use(rng.expovariate(1.0))
        times.append(simulation.now - began)

    def arrive():
        while True:
            yield rng.expovariate(0.7)
            simulation.start(customer())

    simulation.start(arrive())
    simulation.run(40_000)
    assert sum(times) / len(times) == pytest.approx(1 / 0.3, rel=0.1)
    assert server.busy / 40_000 == pytest.approx(0.7, rel=0.05)


def test_one_flush_serves_all_who_wait_for_it(model):
    simulation, ended = model.Simulation(), []
    flush = model.Flush(simulation, 1.0)

    def writer(start: float):
        yield start
        yield flush.commit()
        ended.append(round(simulation.now, 6))

    for start in (0.0, 0.2, 0.5, 0.9):
        simulation.start(writer(start))
    simulation.run(10)
    assert ended == [1.0, 2.0, 2.0, 2.0]
    assert flush.count == 2


def test_a_worker_computes_one_request_at_a_time_and_two_use_both_cores(model):
    one, two, four = (
        model.closed(measured(database=0.0, client=0.0), number, others=0, seconds=8) for number in (1, 2, 4)
    )
    assert one.rate == pytest.approx(250, rel=0.03)
    assert two.rate == pytest.approx(500, rel=0.05)
    assert four.rate == pytest.approx(500, rel=0.05)
    assert one.p95 > two.p95


def test_what_others_take_is_not_there(model):
    assert model.closed(measured(), 2, others=0.5, seconds=8).rate == pytest.approx(
        model.closed(measured(), 2, others=0, seconds=8).rate / 2, rel=0.1
    )


def test_a_purchase_costs_what_its_runs_cost_without_the_product_page(model):
    found = measured()
    found["costs"]["product"] = [{**found["costs"]["home"][0], "python": 0.002, "queries": 4}]
    found["costs"]["purchase"] = [{**found["costs"]["home"][0], "python": 0.007, "queries": 9}]
    cost = model.costs_of(found)["purchase"]
    assert cost.python == pytest.approx((6 * 0.007 - 0.002) / 5)
    assert cost.queries == pytest.approx((6 * 9 - 4) / 5)


def test_more_orders_need_more_and_cost_more(model):
    assumed = tomllib.loads((BENCH / "capacity.toml").read_text())
    assumed["traffic"] |= {"products": 50, "buyers_percent": 20, "think": 0.1}
    assumed["limits"]["web_busy"] = 0.1
    few = model.open_load(measured(), assumed, model.Setup(2, "db.t4g.small", 0, 2), 30, seconds=60)
    many = model.open_load(measured(), assumed, model.Setup(2, "db.t4g.small", 0, 2), 60_000, seconds=10)
    assert few.faults == []
    assert few.web_busy < many.web_busy
    assert many.faults[0] == "processors of the web hosts"
    setup = model.Setup(2, "db.m7g.large", 0, 2)
    assert model.larger(setup, "processors of the database", assumed) == model.Setup(2, "db.m7g.large", 1, 2)
    assert model.bill(model.Setup(4, "db.m7g.large", 1, 2), assumed, 300) > model.bill(setup, assumed, 300)
