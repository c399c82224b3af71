"""A process that dies between two writes leaves nothing half-written, and what it began is finished later."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.basket.models import Basket
from apps.catalogue.tests.factories import VariantFactory
from apps.checkout import services
from apps.checkout.tests.factories import order_now, placed_order, ready_basket
from apps.common.models import OutboxEmail
from apps.common.tests.deaths import Death, dies_before_write
from apps.demo.bank import ACCEPTED
from apps.demo.models import DemoCharge
from apps.orders.models import Order
from apps.orders.services import expire_unpaid, order_ready, prepare_order
from apps.payments import services as payments
from apps.payments.models import Payment, Refund

pytestmark = pytest.mark.django_db


def deaths(prepare, action):
    """For each write of `action`: prepare a new situation, kill the process before that write, yield the situation."""
    for number in range(60):
        situation = prepare()
        try:
            with dies_before_write(number):
                action(situation)
        except Death:
            yield situation
        else:
            assert number > 3
            return
    raise AssertionError("it always dies")


@pytest.mark.parametrize("payment", ["bank_transfer", "on_collection"])
def test_placing_an_order_is_whole_or_nothing(payment):
    variant = VariantFactory(on_hand=900)

    def prepare():
        return ready_basket((variant, 2), (VariantFactory(), 1), payment=payment)

    for basket in deaths(prepare, order_now):
        basket.refresh_from_db()
        variant.stock.refresh_from_db()
        assert basket.status == Basket.Status.OPEN
        assert (variant.stock.on_hand, variant.stock.reserved) == (900, 0)
        assert not Order.objects.exists()
        assert not Payment.objects.exists()
        assert not OutboxEmail.objects.exists()
        basket.delete()
    assert Order.objects.count() == 1
    assert services.check_books() == []


def pay(placed):
    payments.start_payment(payment=placed.payment, instrument=ACCEPTED, return_url="/", now=timezone.now())


def test_a_payment_is_finished_by_the_sweep_or_by_trying_again():
    variant = VariantFactory(on_hand=900)
    for placed in deaths(lambda: placed_order((variant, 1), payment="demo_card"), pay):
        assert services.check_books() == []
        payments.reconcile_payments(now=timezone.now() + timedelta(minutes=3))
        placed.order.refresh_from_db()
        if placed.order.status == Order.Status.AWAITING_PAYMENT:
            assert not DemoCharge.objects.filter(key=placed.payment.key).exists()
            pay(placed)
            placed.order.refresh_from_db()
        assert placed.order.status == Order.Status.CONFIRMED
        assert DemoCharge.objects.get(key=placed.payment.key).status == "CAPTURED"
        assert services.check_books() == []


def paid():
    placed = placed_order((VariantFactory(), 1), payment="demo_card")
    pay(placed)
    return placed


def cancel(placed):
    services.cancel_and_refund(order=placed.order, by=None, now=timezone.now())


def test_a_cancellation_gives_all_the_money_back_or_did_not_happen():
    for placed in deaths(paid, cancel):
        placed.order.refresh_from_db()
        assert services.check_books() == []
        if placed.order.status == Order.Status.CONFIRMED:
            assert not Refund.objects.filter(payment=placed.payment).exists()
            cancel(placed)
        payments.reconcile_payments(now=timezone.now() + timedelta(minutes=3))
        charge = DemoCharge.objects.get(key=placed.payment.key)
        assert charge.refunded == charge.amount
        assert Refund.objects.get(payment=placed.payment).status == Refund.Status.DONE
        assert services.check_books() == []


def test_an_expiry_is_whole_or_comes_again():
    late = timezone.now() + timedelta(minutes=40)
    variant = VariantFactory(on_hand=900)

    def expire(_placed):
        expire_unpaid(now=late)

    for placed in deaths(lambda: placed_order((variant, 1), payment="demo_card"), expire):
        placed.order.refresh_from_db()
        assert placed.order.status == Order.Status.AWAITING_PAYMENT
        assert services.check_books() == []
        expire(placed)
        assert services.check_books() == []
    variant.stock.refresh_from_db()
    assert (variant.stock.on_hand, variant.stock.reserved) == (900, 0)


def test_handing_over_is_delivered_and_paid_or_neither():
    def prepare():
        order = placed_order(payment="on_collection").order
        prepare_order(order=order, by=None, now=timezone.now())
        return order_ready(order=order, by=None, now=timezone.now())

    for order in deaths(prepare, lambda order: services.hand_over(order=order, by=None, now=timezone.now())):
        order.refresh_from_db()
        assert (order.status, order.paid_at) == (Order.Status.READY, None)
        assert services.check_books() == []
