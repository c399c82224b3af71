"""The bench sees who spends the processor's time, and buys again in a shop that earlier runs have bought empty."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).resolve().parents[1] / "bench"
MODULES = ("run", "fill", "plots", "svg", "nginx")


@pytest.fixture(autouse=True)
def _bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(BENCH))
    sys.modules.pop("run", None)
    yield
    for name in MODULES:
        sys.modules.pop(name, None)


@pytest.fixture
def run() -> ModuleType:
    import run

    return run


@pytest.mark.django_db
def test_what_earlier_runs_have_bought_is_restocked(monkeypatch):
    import fill

    from apps.catalogue.models import Stock, StockMovement
    from apps.catalogue.tests.factories import VariantFactory

    pieces = {item.code: item.pieces for item in fill.inventions(200)}
    sold_out, never = (next(code for code in pieces if bool(pieces[code]) is bool_) for bool_ in (True, False))
    plenty = next(code for code in pieces if pieces[code] and code != sold_out)
    bought, empty, full = (
        VariantFactory(sku=f"{code}-0", on_hand=on_hand).pk
        for code, on_hand in ((sold_out, 30), (never, 0), (plenty, pieces[plenty]))
    )
    Stock.objects.filter(pk=bought).update(reserved=30)
    assert fill.restock(200) == 1
    assert Stock.objects.get(pk=bought).available == pieces[sold_out]
    assert (Stock.objects.get(pk=empty).on_hand, Stock.objects.get(pk=full).on_hand) == (0, pieces[plenty])
    last = StockMovement.objects.filter(stock=bought).latest("pk")
    assert (last.reason, last.on_hand_after) == (StockMovement.Reason.RECEIPT, 30 + pieces[sold_out])
    assert fill.restock(200) == 0


def test_the_database_server_is_the_mysqld_that_listens_there(run, tmp_path, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert set(run.listeners(port)) == {str(os.fstat(listening.fileno()).st_ino)}
        # This process listens at the port, but it is no mysqld.
        assert run.DatabaseServer.of(f"mysql://root@127.0.0.1:{port}/shop").pid == 0
        comm = Path(f"/proc/{os.getpid()}/comm")
        name = comm.read_text()
        try:
            comm.write_text("mysqld")
            server = run.DatabaseServer.of(f"mysql://root@127.0.0.1:{port}/shop")
        finally:
            comm.write_text(name.strip())
    assert server.pid == os.getpid()
    assert server.cpu_seconds() > 0
    assert run.DatabaseServer.of("sqlite:////tmp/shop.sqlite3").cpu_seconds() == 0


def test_each_side_is_charged_its_own_time(run):
    class Counting:
        def __init__(self, *seconds: float) -> None:
            self.seconds = iter(seconds)

        def cpu_seconds(self) -> float:
            return next(self.seconds)

    sides = run.Sides(Counting(10, 13), Counting(100, 101))
    answered = sides.each(1000, rate=42.0)
    assert (answered.rate, answered.worker, answered.database) == (42.0, 3.0, 1.0)
    assert answered.client >= 0


def test_the_table_says_what_a_request_costs_each_side(run):
    measured = run.Measured()
    for turn in (1.0, 2.0, 3.0):
        measured.add(run.Answered(rate=100 * turn, worker=turn, database=turn / 10, client=turn / 100))
    assert run.costs(measured) == ["2.00", "0.20", "0.02"]
    on_sqlite = run.Measured()
    on_sqlite.add(run.Answered(rate=1, worker=1, database=0, client=0.1))
    assert run.costs(on_sqlite) == ["1.00", "", "0.10"]
