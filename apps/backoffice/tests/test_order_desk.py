from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.order_desk import VERBS, offered_verbs
from apps.backoffice.services.groups import sync_groups
from apps.catalogue.models import Stock
from apps.catalogue.tests.factories import VariantFactory
from apps.checkout.tests.factories import placed_order
from apps.common.tests.races import meanwhile
from apps.orders.models import Order
from apps.orders.services import expire_unpaid
from apps.orders.tests.factories import OrderFactory
from apps.payments.models import Payment, Refund
from apps.payments.tests.factories import PaymentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    sync_groups()
    user = StaffFactory()
    user.groups.add(Group.objects.get(name="Commandes"))
    client.force_login(user)
    return user


def press(client, order, verb, **data):
    return client.post(reverse("admin:orders_order_verb", args=[order.pk, verb]), data, follow=True)


def test_walks_an_order_from_transfer_to_shipping(client, staff):
    variant = VariantFactory(on_hand=3)
    order = placed_order((variant, 2)).order
    for verb, status in [("paid", "CONFIRMED"), ("prepare", "PREPARING")]:
        press(client, order, verb)
        order.refresh_from_db()
        assert order.status == status
    press(client, order, "ship", tracking_number="6A123", tracking_url="https://suivi.exemple/6A123")
    order.refresh_from_db()
    assert (order.status, order.tracking_number) == ("SHIPPED", "6A123")
    assert Stock.objects.get(variant=variant).on_hand == 1
    assert [event.actor for event in order.events.all() if event.to_status == "SHIPPED"] == [staff]


def test_refuses_what_the_transition_table_refuses_and_changes_nothing(client, staff):
    order = placed_order().order
    response = press(client, order, "prepare")
    order.refresh_from_db()
    assert order.status == Order.Status.AWAITING_PAYMENT
    assert "ne peut pas devenir" in response.content.decode()


def test_offers_only_verbs_that_the_order_accepts(staff):
    order = placed_order().order
    assert [verb.name for verb in offered_verbs(order, staff)] == ["paid", "contact", "note", "cancel"]


def test_cancels_a_paid_order_and_gives_stock_and_money_back(client, staff):
    variant = VariantFactory(on_hand=5)
    order = placed_order((variant, 2)).order
    press(client, order, "paid")
    press(client, order, "cancel", note="Le client a changé d’avis")
    order.refresh_from_db()
    assert order.status == Order.Status.CANCELLED
    assert Stock.objects.get(variant=variant).on_hand == 5
    assert Refund.objects.get(payment__order=order).amount == order.total


def test_a_double_click_on_refund_refunds_once(client, staff):
    order = placed_order().order
    press(client, order, "paid")
    for _ in range(2):
        press(client, order, "refund", amount="1.50", reason="Pot fêlé", key="desk-one")
    assert Refund.objects.filter(payment__order=order).count() == 1


@pytest.mark.parametrize("amount", ["1.50", None], ids=["part", "all"])
def test_a_second_click_while_the_first_refunds_gets_the_same_answer(client, staff, amount):
    order = placed_order().order
    press(client, order, "paid")
    amount = amount or str(order.total)
    also = Client()
    also.force_login(staff)
    fields = {"amount": amount, "reason": "Pot fêlé", "key": "desk-one"}
    # The second request has just found no refund of this key, nor of the order.
    with meanwhile(lambda: press(also, order, "refund", **fields), after="payments_refund"):
        response = press(client, order, "refund", **fields)
    assert response.status_code == 200
    assert Refund.objects.get().amount == Decimal(amount)


def test_a_second_click_refunds_the_payment_that_the_first_did(client, staff):
    """Paid twice: once the first click has used up one payment, the desk would offer the other."""
    order = placed_order().order
    press(client, order, "paid")
    PaymentFactory(order=order, status=Payment.Status.CAPTURED, amount=order.total)
    fields = {"amount": str(order.total), "reason": "Payée deux fois", "key": "desk-one"}
    also = Client()
    also.force_login(staff)
    with meanwhile(lambda: press(also, order, "refund", **fields), after="payments_refund"):
        response = press(client, order, "refund", **fields)
    assert response.status_code == 200
    assert Refund.objects.count() == 1


def test_more_than_was_paid_is_refused_with_what_may_be_given_back(client, staff):
    order = placed_order().order
    press(client, order, "paid")
    response = press(client, order, "refund", amount="9999", reason="Erreur", key="desk-two")
    assert response.status_code == 422
    assert not Refund.objects.exists()


@pytest.mark.parametrize("group", ["Catalogue", "Assistance"])
def test_other_groups_cannot_press_any_verb(client, group):
    sync_groups()
    user = StaffFactory()
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    order = placed_order().order
    for verb in VERBS:
        assert press(client, order, verb, note="x").status_code in (403, 404)
    order.refresh_from_db()
    assert order.status == Order.Status.AWAITING_PAYMENT


def test_shows_an_order_that_nobody_has_tried_to_pay(client, staff):
    order = OrderFactory()
    client.force_login(staff)
    answer = client.get(reverse("admin:orders_order_change", args=[order.pk]))
    assert answer.status_code == 200


def test_an_unknown_verb_is_not_found(client, staff):
    assert press(client, placed_order().order, "explode").status_code == 404


def test_opening_a_verb_changes_nothing(client, staff):
    order = placed_order().order
    assert client.get(reverse("admin:orders_order_verb", args=[order.pk, "paid"])).status_code == 200
    order.refresh_from_db()
    assert order.paid_at is None


def test_prepares_a_selection_and_names_what_it_could_not(client, staff):
    ready, waiting = placed_order().order, placed_order().order
    press(client, ready, "paid")
    data = {"action": "prepare_selected", "_selected_action": [ready.pk, waiting.pk]}
    page = client.post(reverse("admin:orders_order_changelist"), data, follow=True).content.decode()
    ready.refresh_from_db()
    assert ready.status == Order.Status.PREPARING
    assert waiting.number in page


@pytest.mark.parametrize(("pieces", "status"), [(2, "CONFIRMED"), (1, "EXPIRED")])
def test_a_transfer_that_comes_late_confirms_or_is_owed_back(client, staff, pieces, status):
    variant = VariantFactory(on_hand=2)
    order = placed_order((variant, 2)).order
    expire_unpaid(now=timezone.now() + timedelta(days=8))
    Stock.objects.filter(variant=variant).update(on_hand=pieces)
    press(client, order, "paid")
    order.refresh_from_db()
    assert order.status == status
    assert Refund.objects.filter(payment__order=order).exists() == (status == "EXPIRED")
    assert "paid" not in [verb.name for verb in offered_verbs(order, staff)]
