from itertools import pairwise

import pytest
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.orders import services
from apps.orders.emails import OrderEmail, emails_about
from apps.orders.models import Order
from apps.orders.services.fulfil import WrongDelivery
from apps.orders.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db
Status = Order.Status
VERBS = {
    Status.PREPARING: services.prepare_order,
    Status.READY: services.order_ready,
    Status.SHIPPED: services.ship_order,
    Status.DELIVERED: services.deliver_order,
    Status.CANCELLED: services.cancel_order,
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("status", Status.values)
def test_each_verb_obeys_the_table_and_otherwise_changes_nothing(status, verb):
    order = OrderFactory(status=status, delivery_kind="IN_STORE" if verb == Status.READY else "HOME")
    staff = StaffFactory()
    if verb in Order.TRANSITIONS[Status(status)]:
        VERBS[verb](order=order, by=staff, now=timezone.now())
        event = order.events.get()
        assert (event.from_status, event.to_status, event.actor) == (status, verb, staff)
    else:
        with pytest.raises(services.TransitionRefused):
            VERBS[verb](order=order, by=staff, now=timezone.now())
        assert not order.events.exists()
        assert not emails_about(order).exists()
    order.refresh_from_db()
    assert order.status == (verb if verb in Order.TRANSITIONS[Status(status)] else status)


def test_an_order_is_sent_or_collected_as_was_agreed():
    sent, collected = OrderFactory(status="PREPARING"), OrderFactory(status="PREPARING", delivery_kind="IN_STORE")
    with pytest.raises(WrongDelivery):
        services.order_ready(order=sent, by=None, now=timezone.now())
    with pytest.raises(WrongDelivery):
        services.ship_order(order=collected, by=None, now=timezone.now())


def test_the_customer_is_notified_of_each_step_once():
    order, now = OrderFactory(status="CONFIRMED"), timezone.now()
    services.prepare_order(order=order, by=None, now=now)
    services.ship_order(order=order, by=None, now=now)
    services.deliver_order(order=order, by=None, now=now)
    assert list(emails_about(order).values_list("kind", flat=True)) == [OrderEmail.SHIPPED]
    steps = list(order.events.order_by("pk"))
    assert all(before.to_status == after.from_status for before, after in pairwise(steps))


def test_a_stale_copy_cannot_undo_what_happened_since():
    order, now = OrderFactory(status="PREPARING"), timezone.now()
    stale = Order.objects.get(pk=order.pk)
    services.ship_order(order=order, by=None, now=now)
    with pytest.raises(services.TransitionRefused) as refusal:
        services.cancel_order(order=stale, by=None, now=now)
    assert refusal.value.details == {"status": "SHIPPED", "to": "CANCELLED"}
