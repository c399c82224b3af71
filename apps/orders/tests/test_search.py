"""Orders as staff are asked for them."""

from decimal import Decimal

import pytest
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.orders import services
from apps.orders.models import Order, OrderSearch
from apps.orders.personal_data import erase_guest_orders
from apps.orders.services import Contact, correct_contact, find_ids, index_orders, ship_order
from apps.orders.services.search import terms_of
from apps.orders.tests.factories import OrderFactory, OrderLineFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    order = OrderFactory(
        number="WM-S1GB-16WJ",
        recipient="Zoé Lefèvre-Œuf",
        company="Les Halles d’Été",
        email="zoe.lefevre@exemple.fr",
        phone="+33 6 12 34 56 78",
        postcode="69002",
        city="Lyon",
        items_total=Decimal("26.40"),
        delivery_total=Decimal("4.00"),
        total=Decimal("30.40"),
        tracking_number="6A12345678901",
    )
    OrderLineFactory(
        order=order, position=30_000, product_name="Tapenade à l’ancienne", sku="TAP-180", ean13="3560070139675"
    )
    OrderFactory(recipient="Jean-Paul Martin", email="jp@exemple.fr", number="WM-0000-0001")
    return order


@pytest.mark.parametrize(
    "text",
    [
        "WM-S1GB-16WJ",
        "wms1gb16wj",
        "S1GB-16WJ",
        "16WJ",
        "lefevre",
        "Zoé lefèvre",
        "LEFÈVRE-ŒUF",
        "oeuf zoe",
        "halles d’ete",
        "zoe.lefevre@exemple.fr",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "+33 (0)6 12 34 56 78",
        "0033612345678",
        "12 34 56 78",
        "tapenade",
        "Tapenade Lyon",
        "tap-180",
        "3560070139675",
        "30,40",
        "30.40 €",
        "30,4 euros",
        "6A1234567",
        "69002 lefevre",
    ],
)
def test_is_found(order, text):
    assert find_ids(text) == [order.pk]


@pytest.mark.parametrize("text", ["130,40", "0,40", "30 €", "lefevre martin", "%", "_", "06 12 34 56 79", "tapenades"])
def test_is_not_found(order, text):
    assert find_ids(text) == []


def test_a_hyphen_is_one_of_the_name(order):
    assert find_ids("jean-paul") == list(Order.objects.filter(email="jp@exemple.fr").values_list("pk", flat=True))


def test_what_is_corrected_shipped_or_erased_is_found_as_it_is_now(order):
    assert find_ids("lefevre") == [order.pk]
    contact = Contact.of(order)
    Order.objects.filter(pk=order.pk).update(status=Order.Status.PREPARING)
    by, now = StaffFactory(), timezone.now()
    changed = Contact(**{**{name: getattr(contact, name) for name in Contact.__dataclass_fields__}, "city": "Bron"})
    correct_contact(order=order, contact=changed, seen=contact.version, by=by, now=now)
    assert find_ids("bron") == [order.pk]
    ship_order(order=order, by=by, now=now, tracking_number="XY999")
    assert find_ids("xy999") == [order.pk]
    Order.objects.filter(pk=order.pk).update(status=Order.Status.DELIVERED, user=None)
    erase_guest_orders(email="zoe.lefevre@exemple.fr", now=now)
    assert find_ids("zoe.lefevre@exemple.fr") == []
    assert find_ids("0612345678") == []
    assert find_ids("tapenade") == [order.pk]


def test_a_row_that_a_search_has_inserted_meanwhile_is_overwritten(order):
    OrderSearch.objects.create(order=order, folded_text=" ce qui fut efface ")
    services.refresh_search([order.pk])
    assert find_ids("efface") == []
    assert find_ids("lefevre") == [order.pk]


def test_an_amount_of_thousands_of_digits_is_none(order):
    assert find_ids(f"{'9' * 5000} €") == []


def test_the_sweep_indexes_what_nobody_looked_for_once():
    OrderFactory.create_batch(3)
    assert (index_orders(), index_orders()) == (3, 0)
    assert OrderSearch.objects.count() == 3


def test_terms_are_as_many_as_words_and_no_more_than_eight():
    assert len(terms_of("a b c d e f g h i j")) == 8
    assert terms_of("   ") == []


def test_queries_do_not_grow(order, django_assert_num_queries):
    find_ids("x")
    with django_assert_num_queries(3):
        find_ids("lefevre")
    OrderFactory.create_batch(10)
    index_orders()
    with django_assert_num_queries(3):
        find_ids("lefevre")
    assert services.MOST_FOUND >= 1000
