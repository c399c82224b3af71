"""What a former shop knew of somebody: part of what is collected and erased, and never brought back by its file."""

from decimal import Decimal

import pytest
from allauth.account.models import EmailAddress

from apps.accounts.models import User
from apps.accounts.tests.factories import UserFactory
from apps.checkout.personal_data import collect_customer, collect_person, erase_customer, erase_person
from apps.imports.models import ImportedCustomer
from apps.imports.tests import history
from apps.imports.tests.history import NOW, brought
from apps.orders.models import PastOrder
from apps.orders.personal_data import past_orders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.either_database]


def test_an_account_sees_them_only_once_its_address_is_proved():
    brought(history.SHOPIFY_ORDERS)
    user = UserFactory(email="zoe@exemple.fr")
    email_row = EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    assert not past_orders(user).exists()
    assert collect_customer(user=user, now=NOW)["past_orders"] == []
    EmailAddress.objects.filter(pk=email_row.pk).update(verified=True)
    assert [order.number for order in past_orders(user)] == ["#1001"]
    assert [order["number"] for order in collect_customer(user=user, now=NOW)["past_orders"]] == ["#1001"]


def test_staff_find_and_erase_them_and_the_file_brings_nobody_back():
    brought(history.SHOPIFY_ORDERS)
    staff = UserFactory(is_staff=True)
    assert [each["number"] for each in collect_person(email="ZOE@exemple.fr", by=staff, now=NOW).past_orders] == [
        "#1001"
    ]
    erase_person(email="zoe@exemple.fr", by=staff, now=NOW)
    order = PastOrder.objects.get(number="#1001")
    assert (order.email, order.name, order.phone, order.delivered_to) == ("", "", "", "")
    assert order.total == Decimal("35.70")
    assert brought(history.SHOPIFY_ORDERS).report["created"] == 0
    assert not PastOrder.objects.filter(email="zoe@exemple.fr").exists()


def test_a_customer_who_leaves_takes_them_along():
    brought(history.SHOPIFY_ORDERS)
    user = UserFactory(email="zoe@exemple.fr")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    erase_customer(user=user, now=NOW)
    assert not PastOrder.objects.filter(email="zoe@exemple.fr").exists()


def test_whoever_was_erased_does_not_come_back_with_the_file():
    brought(history.SHOPIFY_CUSTOMERS)
    erase_person(email="zoe@exemple.fr", by=UserFactory(is_staff=True), now=NOW)
    row = brought(history.SHOPIFY_CUSTOMERS)
    assert (row.report["created"], row.report["erased"]) == (0, 1)
    assert not User.objects.filter(email="zoe@exemple.fr").exists()
    assert ImportedCustomer.objects.count() == 2
