"""State machine (hypothesis): any sequence of shopper, bank, staff and time events leaves the data consistent."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test

from apps.catalogue.models import Stock
from apps.catalogue.services.stock import correct_stock
from apps.catalogue.tests.factories import VariantFactory
from apps.checkout import services
from apps.checkout.tests.factories import order_now, ready_basket
from apps.common.errors import DomainError
from apps.common.money import CENT, round_cents
from apps.common.tests.examples import examples
from apps.common.tests.transactions import rolled_back
from apps.demo.bank import ACCEPTED, CHALLENGED, DECLINED, DemoCard, sign, webhook_body
from apps.demo.models import DemoCharge
from apps.invoicing.services import issue_missing
from apps.orders import services as orders
from apps.payments import services as payments
from apps.payments.gateways.base import DisputeReport, DisputeState, Movement
from apps.payments.models import Payment, Refund


class Shop(RuleBasedStateMachine):
    placed = Bundle("placed")

    def __init__(self):
        super().__init__()
        self.rolled_back = rolled_back()
        self.rolled_back.__enter__()
        self.now = timezone.now()
        self.disputes: list[DisputeReport] = []
        self.variants = [VariantFactory(on_hand=n, price=Decimal("7.77")) for n in (2, 6)]

    def teardown(self):
        self.rolled_back.__exit__(None, None, None)

    def attempt(self, action, **arguments):
        """Calls the service; a DomainError is accepted, any other exception fails the test."""
        try:
            return action(now=self.now, **arguments)
        except DomainError:
            return None

    @rule(
        target=placed,
        first=st.integers(0, 2),
        second=st.integers(0, 3),
        payment=st.sampled_from(["demo_card", "demo_card", "bank_transfer", "on_collection"]),
    )
    def place(self, first, second, payment):
        wanted = [(variant, n) for variant, n in zip(self.variants, (first, second), strict=True) if n]
        result = wanted and self.attempt(order_now, basket=ready_basket(*wanted, payment=payment))
        return result.order if result else multiple()

    @rule(order=placed, card=st.sampled_from([ACCEPTED, CHALLENGED, DECLINED]))
    def pay(self, order, card):
        payment = order.payments.first()
        if payment.gateway == "demo_card":
            self.attempt(payments.start_payment, payment=payment, instrument=card, return_url="/")

    @rule(order=placed, accepted=st.booleans(), notified=st.booleans())
    def answer_the_bank(self, order, accepted, notified):
        charge = DemoCharge.objects.filter(key=order.payments.first().key).first()
        if charge:
            DemoCard().answer_challenge(reference=charge.reference, accepted=accepted)
            charge.refresh_from_db()
            if notified:
                body = webhook_body(charge)
                headers = {"X-Demo-Signature": sign(body)}
                self.attempt(payments.handle_webhook, gateway_code="demo_card", headers=headers, body=body)

    @rule(order=placed)
    def the_bank_captures_by_itself(self, order):
        keys = order.payments.values_list("key", flat=True)
        DemoCharge.objects.filter(key__in=list(keys), status="AUTHORISED").update(status="CAPTURED")

    @rule(order=placed, method=st.sampled_from(["", "bank_transfer", "demo_card", "on_collection"]))
    def try_another_way(self, order, method):
        self.attempt(services.retry_payment, order=order, payment_method=method)

    @rule(order=placed)
    def receive_a_transfer(self, order):
        self.attempt(payments.receive_payment, order=order, by=None)

    @rule(order=placed)
    def cancel(self, order):
        self.attempt(services.cancel_and_refund, order=order, by=None)

    @rule(order=placed, verb=st.sampled_from(["prepare_order", "ship_order", "order_ready"]))
    def work_on(self, order, verb):
        self.attempt(getattr(orders, verb), order=order, by=None)

    @rule(order=placed)
    def hand_over(self, order):
        self.attempt(services.hand_over, order=order, by=None)

    @rule(order=placed, amount=st.decimals("0.01", "40", places=2), key=st.sampled_from("abc"))
    def refund(self, order, amount, key):
        payment = order.payments.first()
        self.attempt(payments.refund, payment=payment, amount=amount, reason="", by=None, key=f"{key}{payment.pk}")

    @rule(order=placed, percent=st.integers(1, 100))
    def contest(self, order, percent):
        """The bank takes back part of a payment, whatever of it was refunded."""
        payment = order.payments.captured().exclude(reference=None).first()
        if payment:
            number, amount = len(self.disputes), max(CENT, round_cents(payment.amount * percent / 100))
            report = DisputeReport(
                reference=f"dp_{number}",
                payment=payment.reference,
                state=DisputeState.NEEDS_RESPONSE,
                is_inquiry=False,
                amount=amount,
                reason="general",
                opened_at=self.now,
                answer_by=None,
                movements=[Movement(f"txn_{number}", -amount, CENT, self.now)],
            )
            self.disputes.append(report)
            self.attempt(payments.record_dispute, gateway_code=payment.gateway, report=report)

    @rule(which=st.integers(0, 2), won=st.booleans())
    def the_bank_decides(self, which, won):
        if which < len(self.disputes):
            report = self.disputes[which]
            [taken, *_given] = report.movements
            given = [Movement(f"{taken.reference}_back", -taken.amount, CENT, self.now)] if won else []
            state = DisputeState.WON if won else DisputeState.LOST
            report = replace(report, state=state, movements=[taken, *given])
            gateway = Payment.objects.get(reference=report.payment).gateway
            self.attempt(payments.record_dispute, gateway_code=gateway, report=report)

    @rule()
    def settle_by_hand(self):
        refund = Refund.objects.filter(status=Refund.Status.REQUESTED).first()
        if refund:
            self.attempt(payments.settle_refund, refund=refund, by=None)

    @rule(minutes=st.sampled_from([1, 5, 31, 60 * 24 * 8]))
    def time_passes(self, minutes):
        """Documents are issued each minute: none is a day late."""
        issue_missing(now=self.now, everything=True)
        self.now += timedelta(minutes=minutes)

    @rule()
    def orders_expire(self):
        orders.expire_unpaid(now=self.now)

    @rule()
    def the_sweep_asks(self):
        payments.reconcile_payments(now=self.now)

    @rule(on_hand=st.integers(0, 9), which=st.integers(0, 1))
    def staff_count(self, on_hand, which):
        self.attempt(
            correct_stock,
            variant=self.variants[which],
            on_hand=on_hand,
            reason="CORRECTION",
            note="",
            author=None,
        )

    @invariant()
    def the_books_agree(self):
        assert services.check_books() == []

    @invariant()
    def nothing_is_promised_that_is_not_there(self):
        assert all(stock.available >= 0 for stock in Stock.objects.all())

    @invariant()
    def the_bank_never_gives_back_more_than_it_took(self):
        assert all(charge.refunded <= charge.amount for charge in DemoCharge.objects.all())


@pytest.mark.django_db
def test_any_sequence_leaves_the_books_right():
    run_state_machine_as_test(
        Shop,
        settings=settings(
            max_examples=examples(10),
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
