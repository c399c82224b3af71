"""Reads from a read replica: which, while which is fit, and what happens when it fails.

The replica is a second connection: on SQLite to a copy of the file that nothing is replicated to, on MySQL to the same
database. Two servers, with replication stopped, delayed and broken: webmarket/tests/proofs/test_replicas.py.
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError, connection, connections
from django.db import transaction as transactions
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from apps.accounts.models import User
from apps.basket.models import Basket
from apps.catalogue import revision
from apps.catalogue.models import Product
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.services.prices import set_price
from apps.catalogue.services.revision import bump_revision
from apps.catalogue.tests.factories import VariantFactory
from apps.common import replicas
from apps.common.models import CacheEntry, Rate
from apps.operations.planned import lease

pytestmark = pytest.mark.django_db(transaction=True)
ALIASES = ("replica1", "replica1_long", "replica2")
AGE: dict[str, timedelta | DatabaseError | None] = {}


def heartbeat(*, using: str) -> timedelta | None:
    age = AGE[using]
    if isinstance(age, Exception):
        raise age
    return age


@pytest.fixture
def configured(settings) -> Iterator[None]:
    settings.REPLICAS = ["replica1"]
    settings.DATABASE_ROUTERS = ["apps.common.replicas.Router"]
    settings.REPLICA_HEARTBEAT = f"{__name__}.heartbeat"
    AGE["replica1"] = timedelta()
    replicas.watch(connection=connection)
    for alias in ALIASES:
        connections[alias] = connection.copy(alias)
    yield
    for alias in ALIASES:
        connections[alias].close()
        del connections[alias]
    connection.execute_wrappers.remove(replicas._note_writes)
    replicas._replicas.clear()
    revision._arrived.clear()


@pytest.fixture
def replica(configured, tmp_path: Path) -> str:
    """A copy of what is in the database now, under the alias that is returned."""
    other = connections["replica1"]
    if connection.vendor == "sqlite":
        other.settings_dict["NAME"] = str(tmp_path / "replica.sqlite3")
        connection.cursor().execute("VACUUM INTO %s", [other.settings_dict["NAME"]])
    return "replica1"


@pytest.fixture
def variant():
    variant = VariantFactory(price=Decimal("4.40"), product__slug_fr="figues")
    refresh_listing(product_ids=[variant.product_id])
    return variant


def sees(model: type = Product) -> str:
    return replicas.read(lambda: model.objects.all().db)


@pytest.mark.either_database
class TestWhichReads:
    def test_without_read_everything_is_the_primarys(self, configured):
        assert Product.objects.all().db == "default"
        assert sees() == "replica1"

    @pytest.mark.parametrize("model", [Basket, User, CacheEntry, Rate])
    def test_what_is_not_the_catalogues_is_the_primarys(self, configured, model):
        assert sees(model) == "default"

    def test_a_transaction_reads_the_primary(self, configured):
        def work() -> str:
            with transactions.atomic():
                return Product.objects.all().db

        assert replicas.read(work) == "default"

    def test_rows_of_a_replica_are_written_to_the_primary(self, configured):
        product = Product()
        product._state.db = "replica1"
        router = replicas.Router()
        assert router.db_for_write(Product, instance=product) == "default"
        assert router.db_for_read(Product, instance=product) == "default"

    def test_without_replicas_nothing_is_asked(self, settings):
        settings.REPLICA_HEARTBEAT = "nowhere.to_be_found"
        assert sees() == "default"


def test_after_a_write_the_primary_is_read(configured):
    def work() -> list[str]:
        before = Product.objects.all().db
        bump_revision()
        return [before, Product.objects.all().db]

    assert replicas.read(work) == ["replica1", "default"]
    assert replicas.read(work, is_long=True) == ["replica1_long", "replica1_long"]


@pytest.mark.either_database
class TestWhenItIsFit:
    @pytest.mark.parametrize("age", [timedelta(seconds=5.1), timedelta(days=9000), None])
    def test_a_late_one_is_not_read(self, configured, age):
        AGE["replica1"] = age
        assert sees() == "default"

    def test_it_is_asked_once_a_second_and_left_when_late(self, configured, monkeypatch):
        assert sees() == "replica1"
        AGE["replica1"] = timedelta(seconds=6)
        assert sees() == "replica1"
        monkeypatch.setattr(replicas, "CHECK_SECONDS", 0)
        assert sees() == "default"
        AGE["replica1"] = timedelta(seconds=4)
        assert sees() == "replica1"

    def test_one_that_does_not_answer_is_left_for_a_pause_that_doubles(self, configured, monkeypatch):
        AGE["replica1"] = OperationalError(2003, "Can't connect")
        now = [1000.0]
        monkeypatch.setattr(replicas.time, "monotonic", lambda: now[0])
        assert sees() == "default"
        AGE["replica1"] = timedelta()
        now[0] += replicas.FIRST_PAUSE_SECONDS - 0.1
        assert sees() == "default"
        AGE["replica1"] = OperationalError(2003, "Can't connect")
        now[0] += 0.2
        assert sees() == "default"
        AGE["replica1"] = timedelta()
        now[0] += replicas.FIRST_PAUSE_SECONDS * 2 - 0.1
        assert sees() == "default"
        now[0] += 0.2
        assert sees() == "replica1"

    def test_another_takes_its_place(self, configured, settings):
        settings.REPLICAS = ["replica1", "replica2"]
        AGE.update(replica1=None, replica2=timedelta())
        assert sees() == "replica2"
        AGE.update(replica1=timedelta(), replica2=None)
        replicas._replicas.clear()
        assert sees() == "replica1"


@pytest.mark.either_database
class TestWhenItFails:
    @pytest.mark.parametrize(
        ("error", "is_left"),
        [
            (OperationalError(2013, "Lost connection"), True),
            (OperationalError(1053, "Server shutdown in progress"), True),
            (InterfaceError(0, ""), True),
            (OperationalError(1267, "Illegal mix of collations"), False),
            (ProgrammingError(1146, "Table does not exist"), False),
        ],
    )
    def test_the_work_is_done_again_on_the_primary(self, configured, error, is_left):
        asked = []

        def work() -> str:
            asked.append(Product.objects.all().db)
            if asked[-1] == "replica1":
                raise error
            return "answer"

        assert replicas.read(work) == "answer"
        assert asked == ["replica1", "default"]
        assert sees() == ("default" if is_left else "replica1")

    def test_the_primarys_error_is_raised(self, configured):
        def work() -> None:
            raise ProgrammingError("wrong everywhere")

        with pytest.raises(ProgrammingError):
            replicas.read(work)

    def test_other_errors_are_the_works(self, configured):
        asked = []

        def work() -> None:
            asked.append(1)
            raise ValueError("of the work")

        with pytest.raises(ValueError, match="of the work"):
            replicas.read(work)
        assert asked == [1]


class TestPages:
    def test_read_it_all_from_the_replica(self, variant, replica, client, settings):
        settings.PAGE_CACHE = False
        for path in ("/produit/figues/", "/recherche/?q=produit", "/api/products", "/api/products/figues"):
            with CaptureQueriesContext(connections[replica]) as there, CaptureQueriesContext(connection) as here:
                assert client.get(path).status_code == 200
            tables = [query["sql"] for query in here if "catalogue_" in query["sql"]]
            assert [sql for sql in tables if "catalogue_catalogueRevision".lower() not in sql.lower()] == []
            assert len(there) > 1, path

    def test_a_basket_reads_nothing_there(self, variant, replica, client):
        client.get("/produit/figues/")
        with CaptureQueriesContext(connections[replica]) as there:
            client.post(
                "/panier/ajouter/", {"sku": variant.sku, "quantity": 1}, headers={"sec-fetch-site": "same-origin"}
            )
            client.get("/panier/")
            client.get("/commande/")
            client.get("/compte/connexion/")
            client.get("/api/commentaires?sectionId=x")
        assert list(there) == []

    def test_where_the_revision_has_not_arrived_the_primary_is_read(self, variant, replica, client, settings):
        """On SQLite the copy never has it, on MySQL at once: the price is the new one on both."""
        assert "4,40" in client.get("/produit/figues/").text
        set_price(variant=variant, amount=Decimal("5.55"), now=timezone.now())
        assert "5,55" in client.get("/produit/figues/").text
        assert "5,55" in client.get("/recherche/?q=produit").text
        assert client.get("/api/products/figues").json()["offers"][0]["price"] == "5.55"

    def test_a_page_that_fails_there_comes_from_the_primary(self, variant, replica, client, settings):
        settings.PAGE_CACHE = False
        assert client.get("/produit/figues/").status_code == 200

        refused = []

        def gone(*_arguments):
            refused.append(1)
            raise OperationalError(2013, "Lost connection to server during query")

        connections[replica].execute_wrappers.append(gone)
        revision._arrived[replica] = (float("inf"), revision.current())
        for _visitor in range(2):
            assert "4,40" in client.get("/produit/figues/").text
        assert len(refused) == 1


def test_the_heartbeat_is_the_schedulers_lease_by_the_primarys_clock(replica):
    assert lease.age(using="default") is None
    now = lease.database_now()
    lease.hold(holder="a", now=now - timedelta(seconds=3))
    assert timedelta(seconds=3) <= lease.age(using="default") < timedelta(seconds=60)
    lease.hold(holder="a", now=now)
    assert lease.age(using="default") < timedelta(seconds=60)
    lease.release(holder="a")
    assert lease.age(using="default") > timedelta(days=365)


def test_numbers_of_the_revision_grow_though_a_clock_is_behind(monkeypatch):
    bump_revision()
    before = revision.current()
    monkeypatch.setattr("apps.catalogue.services.revision.time.time_ns", lambda: before - 10**9)
    numbers = []
    for _ in range(3):
        bump_revision()
        numbers.append(revision.current())
    assert [before, *numbers] == sorted({before, *numbers})


@pytest.mark.either_database
def test_replicas_are_read_by_shared_pages_and_the_catalogue_of_the_api_alone():
    shared, others = set(), set()
    for callback in callbacks(get_resolver()):
        if view := getattr(callback, "view_class", None):
            if any(getattr(getattr(view, name, None), "reads_replica", False) for name in view.http_method_names):
                others.add(view.__name__)
        elif getattr(callback, "reads_replica", False):
            assert callback.is_shared_page
            shared.add(callback.__name__)
    assert others == {"Products", "OneProduct", "Categories"}
    assert {"home", "category", "product", "search", "suggestions"} <= shared


def callbacks(resolver: URLResolver) -> Iterator:
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            yield each.callback
        else:
            yield from callbacks(each)
