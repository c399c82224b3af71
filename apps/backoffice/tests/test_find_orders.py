"""Finding orders in the back office, and the periods of its list."""

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.admin.order_filters import PERIODS
from apps.backoffice.services.groups import sync_groups
from apps.orders.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db
LIST = "admin:orders_order_changelist"


@pytest.fixture
def staff(client):
    sync_groups()
    user = StaffFactory()
    user.groups.add(Group.objects.get(name="Commandes"))
    client.force_login(user)
    return user


def found(client, **query: str) -> set[str]:
    return {order.recipient for order in client.get(reverse(LIST), query).context["cl"].result_list}


def test_is_found_by_what_was_bought_and_by_whom(client, staff):
    OrderFactory(recipient="Zoé Lefèvre")
    OrderFactory(recipient="Jean Petit", lines=[])
    assert found(client, q="lefevre miel") == {"Zoé Lefèvre"}
    assert found(client, q="29,90 €") == {"Zoé Lefèvre", "Jean Petit"}
    assert found(client, q="inconnu") == set()


def test_queries_of_a_search_do_not_grow(client, staff, django_assert_max_num_queries):
    OrderFactory.create_batch(30)
    client.get(reverse(LIST), {"q": "miel"})
    with django_assert_max_num_queries(12):
        client.get(reverse(LIST), {"q": "miel"})


@pytest.mark.parametrize(
    ("code", "first", "after"),
    [
        ("aujourdhui", date(2026, 1, 1), date(2026, 1, 2)),
        ("hier", date(2025, 12, 31), date(2026, 1, 1)),
        ("7-jours", date(2025, 12, 26), date(2026, 1, 2)),
        ("mois", date(2026, 1, 1), date(2026, 1, 2)),
        ("mois-dernier", date(2025, 12, 1), date(2026, 1, 1)),
        ("annee", date(2026, 1, 1), date(2026, 1, 2)),
        ("annee-derniere", date(2025, 1, 1), date(2026, 1, 1)),
    ],
)
def test_periods(code, first, after):
    assert PERIODS[code][1](date(2026, 1, 1)) == (first, after)


def test_days_are_those_of_paris(client, staff):
    OrderFactory(recipient="Avant minuit", placed_at=datetime(2025, 12, 31, 22, 59, tzinfo=UTC))
    OrderFactory(recipient="Après minuit", placed_at=datetime(2025, 12, 31, 23, 1, tzinfo=UTC))
    assert found(client, periode="annee-derniere") == {"Avant minuit"}


def test_paid_or_not(client, staff):
    OrderFactory(recipient="Payée", paid_at=datetime(2026, 11, 20, tzinfo=UTC))
    OrderFactory(recipient="Pas encore")
    assert found(client, payee="oui") == {"Payée"}
    assert found(client, payee="non") == {"Pas encore"}
    assert found(client, payee="peut-être") == {"Payée", "Pas encore"}
