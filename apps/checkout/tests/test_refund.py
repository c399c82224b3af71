from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.catalogue.tests.factories import VariantFactory
from apps.checkout import services
from apps.checkout.tests.factories import placed_order
from apps.common.models import OutboxEmail
from apps.demo.bank import ACCEPTED, CHALLENGED
from apps.demo.models import DemoCharge
from apps.orders.emails import OrderEmail
from apps.orders.models import Order
from apps.orders.services import TransitionRefused, prepare_order, ship_order
from apps.payments import services as payments
from apps.payments.models import Payment, Refund

pytestmark = pytest.mark.django_db


def paid_by_card(*lines, card=ACCEPTED):
    placed = placed_order(*lines, payment="demo_card")
    return payments.start_payment(payment=placed.payment, instrument=card, return_url="", now=timezone.now()).payment


def refund(payment, amount, key="k"):
    return payments.refund(
        payment=payment, amount=Decimal(amount), reason="geste", by=StaffFactory(), key=key, now=timezone.now()
    )


def test_part_by_part_up_to_what_was_paid():
    payment = paid_by_card((VariantFactory(price=Decimal("20")), 2))
    refund(payment, "10.00", "a")
    refund(payment, "30.00", "b")
    for amount in ("4.91", "0", "-1"):
        with pytest.raises(payments.RefundRefused):
            refund(payment, amount, "c")
    refund(payment, "4.90", "d")
    payment.refresh_from_db()
    assert (payment.refunded, payment.refundable) == (Decimal("44.90"), 0)
    assert DemoCharge.objects.get().refunded == Decimal("44.90")
    emails = OutboxEmail.objects.filter(kind=OrderEmail.REFUNDED)
    assert sorted(emails.values_list("occasion", flat=True)) == ["a", "b", "d"]
    assert services.check_books() == []


def test_the_same_key_refunds_once():
    payment = paid_by_card()
    assert refund(payment, "5.00") == refund(payment, "5.00")
    payment.refresh_from_db()
    assert payment.refunded == Decimal("5.00")
    with pytest.raises(payments.RefundRefused):
        refund(payment, "6.00")


def test_money_that_never_came_cannot_go_back():
    with pytest.raises(payments.RefundRefused):
        refund(placed_order().payment, "1.00")


def test_what_the_bank_refuses_is_not_counted_as_refunded():
    payment = paid_by_card()
    DemoCharge.objects.update(status="CANCELLED")
    assert refund(payment, "5.00").status == Refund.Status.FAILED
    payment.refresh_from_db()
    assert payment.refunded == 0
    assert payment.order.events.filter(note__contains="refusé").exists()


def test_a_transfer_is_sent_back_by_hand():
    placed = placed_order()
    payment = payments.receive_payment(order=placed.order, by=None, now=timezone.now())
    requested = refund(payment, "5.00")
    assert requested.status == Refund.Status.REQUESTED
    for _repeat in range(2):
        assert payments.settle_refund(refund=requested, by=None, now=timezone.now()).status == Refund.Status.DONE
    assert services.check_books() == []


def test_a_refund_whose_answer_was_lost_is_finished_by_the_sweep():
    payment = paid_by_card()
    Refund.objects.create(payment=payment, key="k", amount=Decimal("5.00"))
    Payment.objects.filter(pk=payment.pk).update(refunded=Decimal("5.00"))
    payments.reconcile_payments(now=timezone.now() + timedelta(minutes=3))
    assert Refund.objects.get().status == Refund.Status.DONE
    assert services.check_books() == []


def test_cancelling_a_paid_order_restocks_and_gives_everything_back():
    variant = VariantFactory(on_hand=5)
    payment = paid_by_card((variant, 2))
    refund(payment, "5.00")
    order = services.cancel_and_refund(order=payment.order, by=StaffFactory(), now=timezone.now(), note="rupture")
    variant.stock.refresh_from_db()
    assert order.status == Order.Status.CANCELLED
    assert (variant.stock.on_hand, variant.stock.reserved) == (5, 0)
    assert DemoCharge.objects.get().refunded == payment.amount
    assert services.check_books() == []


def test_cancelling_an_unpaid_order_releases_and_closes_the_attempt():
    variant = VariantFactory(on_hand=5)
    payment = paid_by_card((variant, 2), card=CHALLENGED)
    services.cancel_and_refund(order=payment.order, by=None, now=timezone.now())
    payment.refresh_from_db()
    variant.stock.refresh_from_db()
    assert payment.status == Payment.Status.CANCELLED
    assert DemoCharge.objects.get().status == "CANCELLED"
    assert (variant.stock.on_hand, variant.stock.reserved) == (5, 0)
    assert services.check_books() == []


def test_a_shipped_order_is_not_cancelled():
    payment = paid_by_card()
    now = timezone.now()
    prepare_order(order=payment.order, by=None, now=now)
    shipped = ship_order(order=payment.order, by=None, now=now, tracking_number="6A1")
    with pytest.raises(TransitionRefused):
        services.cancel_and_refund(order=shipped, by=None, now=now)
    assert not Refund.objects.exists()
    shipped.refresh_from_db()
    assert (shipped.status, shipped.tracking_number) == (Order.Status.SHIPPED, "6A1")
    assert services.check_books() == []


def test_money_for_a_cancelled_order_is_owed_back():
    placed = placed_order()
    services.cancel_and_refund(order=placed.order, by=None, now=timezone.now())
    payments.receive_payment(order=placed.order, by=None, now=timezone.now())
    assert Refund.objects.get().amount == placed.order.total
    placed.order.refresh_from_db()
    assert placed.order.status == Order.Status.CANCELLED
    assert services.check_books() == []
