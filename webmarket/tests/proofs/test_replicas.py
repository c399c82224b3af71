"""Pages from a read replica, with two real MySQL servers: replication stopped, delayed and broken, the replica hung and
gone.

The replica alone calls the product « Ici la réplique », so that each page says which server it was read from.
"""

import http.client
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple

import pytest
from django.conf import settings

from apps.common.replicas import CHECK_SECONDS, FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, MAX_AGE
from webmarket.tests.proofs.hosts import Host, environment, running, wait_for
from webmarket.tests.proofs.mysql_pair import Member, pair

pytestmark = pytest.mark.proof
MARK = "Ici la réplique"
PATH = "/produit/figues/"
# What nginx and a CDN keep of it is no part of the process's promise (apps/storefront/page_cache.py).
PROMISED_SECONDS = 1.0
# For the pages themselves, on a machine that does other things too.
MARGIN_SECONDS = 1.0
# A process that has found it gone several times asks again after its longest pause.
RECOVERED_SECONDS = LONGEST_PAUSE_SECONDS + 10


class Page(NamedTuple):
    status: int
    body: str
    seconds: float

    @property
    def is_from_replica(self) -> bool:
        return MARK in self.body

    @property
    def price(self) -> Decimal:
        found = re.search(r"(\d+),(\d\d)\s*€", self.body)
        assert found, self.body[:500]
        return Decimal(f"{found[1]}.{found[2]}")


class Shop:
    def __init__(self, port: int, primary: Member, replica: Member, prices: subprocess.Popen) -> None:
        self.port, self.primary, self.replica, self._prices = port, primary, replica, prices

    def get(self, path: str = PATH, **headers: str) -> Page:
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return Page(answer.status, body, time.monotonic() - began)

    def set_price(self, amount: str) -> float:
        """Returns when it was committed."""
        assert self._prices.stdin
        assert self._prices.stdout
        self._prices.stdin.write(f"{amount}\n")
        self._prices.stdin.flush()
        word, moment = self._prices.stdout.readline().split()
        assert word == "done"
        return float(moment)

    def wait_for_replica(self) -> float:
        return self.wait_for_all("pages come from the replica", lambda page: page.is_from_replica, RECOVERED_SECONDS)

    def wait_for_all(self, what: str, is_so: Callable[[Page], bool], seconds: float) -> float:
        """Wait until it is so of both processes: one alone does not answer so many in a row. Returns the seconds."""
        return wait_for(what, lambda: all(is_so(self.get()) for _ in range(16)), seconds=seconds, every=0.02)

    def wait_for_new_price(self, amount: str) -> None:
        """From the primary, by both processes, as soon as without replicas."""
        self.set_price(amount)
        wanted = Decimal(amount)
        took = self.wait_for_all(
            f"{amount} from the primary", lambda page: page.price == wanted and not page.is_from_replica, 5
        )
        assert took < PROMISED_SECONDS + MARGIN_SECONDS

    def lag(self) -> dict:
        (status,) = self.replica.do("SHOW REPLICA STATUS")
        return status


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Iterator[Shop]:
    """The shop under gunicorn, without its page cache, with a scheduler; one product."""
    folder = tmp_path_factory.mktemp("replicas")
    port = free_port()
    with pair() as (primary, replica):
        variables = environment(
            {},
            DATABASE_URL=primary.url,
            DATABASE_REPLICA_URLS=replica.url,
            CELERY_BROKER_URL="memory://",
            PAGE_CACHE="false",
            WEB_CONCURRENCY="2",
            PORT=str(port),
            EMAIL_URL="dummymail://",
        )
        migrate = [sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"]
        subprocess.run(migrate, env=variables, check=True, cwd=settings.BASE_DIR)
        prices = subprocess.Popen(
            [sys.executable, "-m", "webmarket.tests.proofs.set_prices"],
            env=variables,
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        host = Host("shop", variables, folder)
        with running(host):
            assert prices.stdout
            assert prices.stdout.readline() == "ready\n"
            host.start_gunicorn()
            host.start("beat", "--loglevel=WARNING", f"--schedule={folder}/beat", "--pidfile=")
            found = "SELECT 1 FROM catalogue_product WHERE slug_fr = 'figues'"
            wait_for("the product is replicated", lambda: replica.do(found), seconds=60)
            replica.only_here(f"UPDATE catalogue_product SET name_fr = '{MARK}'")  # noqa: S608
            replica.only_here(f"UPDATE catalogue_productcard SET name_fr = '{MARK}'")  # noqa: S608
            wait_for(host.log_tail, lambda: _answers(port), seconds=60)
            try:
                yield Shop(port, primary, replica, prices)
            finally:
                print(host.log_tail())
        prices.kill()
        prices.wait()


@pytest.fixture(autouse=True)
def replicating(shop: Shop) -> Iterator[None]:
    shop.wait_for_replica()
    yield
    shop.replica.do("STOP REPLICA")
    shop.replica.do("CHANGE REPLICATION SOURCE TO SOURCE_DELAY = 0")
    shop.replica.do("START REPLICA")


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_shared_pages_and_the_catalogue_of_the_api_come_from_the_replica(shop):
    for path in ("/recherche/?q=figues", "/api/products/figues", "/api/products"):
        page = shop.get(path)
        assert page.status == 200
        assert page.is_from_replica, (path, re.sub(r"\s+", " ", page.body)[-6000:])


def test_the_basket_the_checkout_and_the_account_come_from_the_primary(shop):
    added = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=20)
    form = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    added.request("POST", "/panier/ajouter/", "sku=FIGUES&quantity=1", form)
    answer = added.getresponse()
    assert answer.status in (302, 303), answer.read()
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    for path in ("/panier/", "/commande/"):
        page = shop.get(path, Cookie=cookie)
        assert page.status == 200
        assert "Figues" in page.body
        assert not page.is_from_replica, path
    for path in ("/compte/connexion/", "/admin/login/"):
        assert not shop.get(path).is_from_replica


def test_while_replication_is_stopped_pages_are_new_and_the_replica_is_left(shop):
    shop.replica.do("STOP REPLICA")
    shop.wait_for_new_price("2.20")
    shop.replica.do("START REPLICA")
    shop.wait_for_replica()
    assert shop.get().price == Decimal("2.20")


def test_a_replica_that_stopped_is_left_though_nothing_is_changed(shop):
    shop.replica.do("STOP REPLICA")
    took = shop.wait_for_all("the primary's pages", lambda page: not page.is_from_replica, 20)
    assert took < MAX_AGE.total_seconds() + CHECK_SECONDS + MARGIN_SECONDS


def test_while_replication_is_delayed_no_page_is_older_than_promised(shop):
    shop.replica.do("STOP REPLICA")
    shop.replica.do("CHANGE REPLICATION SOURCE TO SOURCE_DELAY = 3")
    shop.replica.do("START REPLICA")
    changes: dict[Decimal, float] = {}
    ages: list[float] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            began = time.monotonic()
            price = shop.get().price
            committed = dict(changes)
            newer = [moment for amount, moment in committed.items() if amount > price and moment < began]
            ages.append(began - min(newer) if newer else 0)

    readers = [threading.Thread(target=read) for _ in range(4)]
    changes[Decimal("3.00")] = shop.set_price("3.00")
    for reader in readers:
        reader.start()
    for cents in range(1, 40):
        amount = Decimal("3.00") + Decimal(cents) / 100
        changes[amount] = shop.set_price(str(amount))
        time.sleep(0.25)
    stop.set()
    for reader in readers:
        reader.join()
    print(f"{len(ages)} pages, the oldest {max(ages):.2f} s behind")
    assert len(ages) > 100
    assert max(ages) < PROMISED_SECONDS + MARGIN_SECONDS


def test_when_replication_breaks_pages_come_from_the_primary(shop):
    row = "INSERT INTO catalogue_brand (id, name, slug) VALUES (999999, 'x', 'x')"
    shop.replica.only_here(row)
    shop.primary.do(row)
    wait_for("it is broken", lambda: shop.lag()["Last_SQL_Errno"] == 1062, seconds=10)
    shop.wait_for_new_price("4.40")
    shop.replica.only_here("DELETE FROM catalogue_brand WHERE id = 999999")
    shop.replica.do("START REPLICA")
    shop.wait_for_replica()


def test_a_replica_that_hangs_costs_one_wait_and_no_page(shop):
    shop.replica.freeze()
    try:
        pages = [shop.get() for _ in range(30)]
    finally:
        shop.replica.thaw()
    assert {page.status for page in pages} == {200}
    assert max(page.seconds for page in pages) < 8
    # Two processes, and one thread of each that asks at the moment.
    assert sum(page.seconds > 1 for page in pages) <= 4
    assert not pages[-1].is_from_replica
    time.sleep(FIRST_PAUSE_SECONDS)


def test_a_replica_that_dies_costs_no_page(shop):
    pages: list[Page] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            pages.append(shop.get())

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    time.sleep(1)
    before = len(pages)
    shop.replica.kill()
    time.sleep(3)
    stop.set()
    for reader in readers:
        reader.join()
    assert sum(page.is_from_replica for page in pages[:before]) > before / 2
    assert len(pages) > before + 20
    assert {page.status for page in pages} == {200}
    assert not pages[-1].is_from_replica
    shop.wait_for_new_price("6.60")
    wait_for("its port is free", lambda: not shop.replica.pid, seconds=10)
    shop.replica.start(fast=True)
    shop.wait_for_replica()
    assert shop.get().price == Decimal("6.60")
