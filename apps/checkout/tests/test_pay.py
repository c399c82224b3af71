"""Paying a placed order, through the gateways' interface."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.catalogue.tests.factories import VariantFactory
from apps.checkout import services
from apps.checkout.tests.factories import placed_order
from apps.demo.bank import ACCEPTED, CHALLENGED, DECLINED, DemoCard, sign, webhook_body
from apps.demo.models import DemoCharge
from apps.orders.models import Order
from apps.orders.services import expire_unpaid
from apps.payments import services as payments
from apps.payments.gateways.base import PaymentRequest
from apps.payments.models import Payment, Refund, WebhookEvent

pytestmark = pytest.mark.django_db


def pay(payment, number=ACCEPTED, now=None):
    return payments.start_payment(payment=payment, instrument=number, return_url="/retour/", now=now or timezone.now())


def send_webhook(charge):
    body = webhook_body(charge)
    payments.handle_webhook(
        gateway_code="demo_card", headers={"X-Demo-Signature": sign(body)}, body=body, now=timezone.now()
    )


def test_an_accepted_card_confirms_the_order_and_sells_the_stock():
    variant = VariantFactory(on_hand=4)
    placed = placed_order((variant, 3), payment="demo_card")
    assert placed.next_step == services.NextStep.PAY
    assert pay(placed.payment).payment.status == Payment.Status.CAPTURED
    placed.order.refresh_from_db()
    variant.stock.refresh_from_db()
    assert placed.order.status == Order.Status.CONFIRMED
    assert placed.order.paid_at
    assert (variant.stock.on_hand, variant.stock.reserved) == (1, 0)
    assert services.check_books() == []


def test_paying_twice_takes_the_money_once():
    payment = placed_order(payment="demo_card").payment
    pay(payment)
    assert pay(payment).payment.status == Payment.Status.CAPTURED
    assert DemoCharge.objects.count() == 1


def test_an_order_paid_is_logged_once_and_after_the_commit(django_capture_on_commit_callbacks, caplog):
    placed = placed_order(payment="demo_card")
    caplog.set_level("INFO")
    with django_capture_on_commit_callbacks() as callbacks:
        pay(placed.payment)
    assert "order_paid" not in caplog.text
    for callback in callbacks:
        callback()
    with django_capture_on_commit_callbacks(execute=True):
        pay(placed.payment)
    assert caplog.text.count("order_paid") == 1


def test_a_declined_card_can_be_followed_by_another():
    placed = placed_order(payment="demo_card")
    declined = pay(placed.payment, DECLINED).payment
    assert (declined.status, bool(declined.decline_reason)) == (Payment.Status.DECLINED, True)
    again = services.retry_payment(order=placed.order, now=timezone.now())
    assert again.payment != declined
    assert services.retry_payment(order=placed.order, now=timezone.now()).payment == again.payment
    assert pay(again.payment).payment.status == Payment.Status.CAPTURED
    assert services.check_books() == []


def test_a_challenge_sends_the_shopper_to_the_bank_and_its_message_confirms():
    placed = placed_order(payment="demo_card")
    progress = pay(placed.payment, CHALLENGED)
    charge = DemoCharge.objects.get()
    assert charge.reference in progress.redirect_url
    assert payments.refresh_payment(payment=progress.payment, now=timezone.now()).redirect_url
    DemoCard().answer_challenge(reference=charge.reference, accepted=True)
    charge.refresh_from_db()
    for _repeat in range(3):
        send_webhook(charge)
    placed.order.refresh_from_db()
    assert placed.order.status == Order.Status.CONFIRMED
    assert WebhookEvent.objects.get().processed_at
    assert services.check_books() == []


def test_messages_in_the_wrong_order_do_no_harm():
    placed = placed_order(payment="demo_card")
    pay(placed.payment, CHALLENGED)
    charge = DemoCharge.objects.get()
    DemoCard().answer_challenge(reference=charge.reference, accepted=True)
    send_webhook(DemoCharge(key=charge.key, reference=charge.reference, status="CAPTURED"))
    send_webhook(DemoCharge(key=charge.key, reference=charge.reference, status="CHALLENGED"))
    placed.order.refresh_from_db()
    assert placed.order.status == Order.Status.CONFIRMED


def test_a_refused_challenge_leaves_the_order_waiting():
    placed = placed_order(payment="demo_card")
    pay(placed.payment, CHALLENGED)
    DemoCard().answer_challenge(reference=DemoCharge.objects.get().reference, accepted=False)
    refused = payments.refresh_payment(payment=placed.payment, now=timezone.now()).payment
    assert refused.status == Payment.Status.DECLINED
    placed.order.refresh_from_db()
    assert placed.order.status == Order.Status.AWAITING_PAYMENT


def test_an_answer_lost_by_a_dying_process_is_found_by_the_sweep():
    placed = placed_order(payment="demo_card")
    DemoCard().authorise(
        PaymentRequest(
            key=placed.payment.key,
            amount=placed.payment.amount,
            order_number=placed.order.number,
            language="fr",
            return_url="",
            instrument=ACCEPTED,
        )
    )
    assert payments.reconcile_payments(now=timezone.now()) == 0
    assert payments.reconcile_payments(now=timezone.now() + timedelta(minutes=3)) == 1
    placed.order.refresh_from_db()
    assert placed.order.status == Order.Status.CONFIRMED
    assert services.check_books() == []


def test_an_expired_order_takes_no_card_and_its_attempt_is_closed():
    variant = VariantFactory(on_hand=1)
    placed = placed_order((variant, 1), payment="demo_card")
    late = timezone.now() + timedelta(minutes=31)
    with pytest.raises(payments.OrderNotPayable):
        pay(placed.payment, now=late)
    assert expire_unpaid(now=late) == 1
    assert expire_unpaid(now=late) == 0
    payments.reconcile_payments(now=late)
    placed.payment.refresh_from_db()
    variant.stock.refresh_from_db()
    assert placed.payment.status == Payment.Status.CANCELLED
    assert (variant.stock.on_hand, variant.stock.reserved) == (1, 0)
    assert services.check_books() == []


def challenged_then_expired(variant):
    placed = placed_order((variant, 1), payment="demo_card")
    pay(placed.payment, CHALLENGED)
    charge = DemoCharge.objects.get(key=placed.payment.key)
    expire_unpaid(now=timezone.now() + timedelta(minutes=31))
    return placed, charge


def test_authorised_after_expiry_takes_no_money():
    placed, charge = challenged_then_expired(VariantFactory(on_hand=1))
    DemoCard().answer_challenge(reference=charge.reference, accepted=True)
    payments.refresh_payment(payment=placed.payment, now=timezone.now())
    charge.refresh_from_db()
    assert charge.status == "CANCELLED"
    assert services.check_books() == []


def test_captured_after_expiry_confirms_while_the_pieces_are_there():
    variant = VariantFactory(on_hand=1)
    placed, charge = challenged_then_expired(variant)
    DemoCharge.objects.filter(pk=charge.pk).update(status="CAPTURED")
    payments.refresh_payment(payment=placed.payment, now=timezone.now())
    placed.order.refresh_from_db()
    variant.stock.refresh_from_db()
    assert placed.order.status == Order.Status.CONFIRMED
    assert (variant.stock.on_hand, variant.stock.reserved) == (0, 0)
    assert services.check_books() == []


def test_captured_after_expiry_goes_back_when_the_pieces_are_gone():
    variant = VariantFactory(on_hand=1)
    placed, charge = challenged_then_expired(variant)
    placed_order((variant, 1))
    DemoCharge.objects.filter(pk=charge.pk).update(status="CAPTURED")
    payments.refresh_payment(payment=placed.payment, now=timezone.now())
    placed.order.refresh_from_db()
    charge.refresh_from_db()
    assert placed.order.status == Order.Status.EXPIRED
    assert charge.refunded == charge.amount
    assert Refund.objects.get().status == Refund.Status.DONE
    assert "remboursé" in placed.order.events.exclude(note="").first().note
    assert services.check_books() == []


def test_staff_record_a_transfer_and_a_repeat_changes_nothing():
    placed = placed_order()
    for _repeat in range(2):
        payments.receive_payment(order=placed.order, by=None, now=timezone.now())
    placed.order.refresh_from_db()
    assert placed.order.status == Order.Status.CONFIRMED
    assert placed.order.events.count() == 2
    assert services.check_books() == []


def test_the_shopper_may_change_from_card_to_transfer():
    placed = placed_order(payment="demo_card")
    pay(placed.payment, CHALLENGED)
    changed = services.retry_payment(order=placed.order, payment_method="bank_transfer", now=timezone.now())
    placed.payment.refresh_from_db()
    assert placed.payment.status == Payment.Status.CANCELLED
    assert (changed.payment.gateway, changed.order.payment_method) == ("bank_transfer", "bank_transfer")
    assert changed.order.hold_expires_at == changed.order.placed_at + timedelta(days=7)
    with pytest.raises(payments.OrderNotPayable):
        services.retry_payment(order=placed.order, payment_method="on_collection", now=timezone.now())


def test_days_after_ordering_by_transfer_there_is_still_time_to_pay_by_card():
    placed = placed_order()
    promised = placed.order.hold_expires_at
    later = placed.order.placed_at + timedelta(days=2)
    changed = services.retry_payment(order=placed.order, payment_method="demo_card", now=later)
    assert changed.order.hold_expires_at == later + timedelta(minutes=30)
    pay(changed.payment, ACCEPTED, now=later + timedelta(minutes=5))
    changed.order.refresh_from_db()
    assert changed.order.status == Order.Status.CONFIRMED
    assert changed.order.hold_expires_at <= promised
    assert services.check_books() == []


def test_changing_the_means_of_payment_makes_no_hold_longer_than_promised():
    placed = placed_order()
    promised = placed.order.hold_expires_at
    almost = promised - timedelta(minutes=5)
    by_card = services.retry_payment(order=placed.order, payment_method="demo_card", now=almost)
    assert by_card.order.hold_expires_at == promised
    back = services.retry_payment(order=placed.order, payment_method="bank_transfer", now=almost)
    assert back.order.hold_expires_at == promised


def test_handing_over_collects_what_is_due():
    from apps.orders.services import order_ready, prepare_order

    placed = placed_order(payment="on_collection")
    now = timezone.now()
    prepare_order(order=placed.order, by=None, now=now)
    order_ready(order=placed.order, by=None, now=now)
    order = services.hand_over(order=placed.order, by=None, now=now)
    assert (order.status, order.paid_at) == (Order.Status.DELIVERED, now)
    assert order.payments.get().status == Payment.Status.CAPTURED
    assert services.check_books() == []
