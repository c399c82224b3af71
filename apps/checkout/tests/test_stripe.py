"""Orders paid through Stripe, whatever is lost on the way; each test adds up both sides' books at its end."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
import requests
from django.db import connection
from django.utils import timezone

from apps.accounts.tests.factories import UserFactory
from apps.catalogue.models import Stock
from apps.catalogue.tests.factories import VariantFactory
from apps.checkout import services
from apps.checkout.services import OrderStands, check_books
from apps.checkout.tests.factories import placed_order
from apps.common.money import from_cents
from apps.common.tests.races import of_kind, race
from apps.orders.emails import OrderEmail, emails_about
from apps.orders.models import Order, OrderEvent
from apps.orders.services import expire_unpaid, prepare_order
from apps.payments import services as payments
from apps.payments.models import Payment, Refund, WebhookEvent
from apps.payments.money import money_of
from apps.payments.tests.fixtures import with_stripe  # noqa: F401
from apps.payments.tests.stripe_api import ACCEPTED, DEBIT, DECLINED, OBJECTS, StripeApi

# Real transactions: a call of Stripe inside one fails the test.
pytestmark = pytest.mark.django_db(transaction=True)
SESSIONS = "/v1/checkout/sessions"
BACK = "https://boutique.example/retour/"


@pytest.fixture
def api(with_stripe, monkeypatch) -> StripeApi:  # noqa: F811
    send = requests.Session.send

    def outside_transactions(*args, **kwargs):
        assert not connection.in_atomic_block, "Stripe is asked inside a transaction"
        return send(*args, **kwargs)

    monkeypatch.setattr(requests.Session, "send", outside_transactions)
    return with_stripe


@pytest.fixture(autouse=True)
def books(request, api):
    """After each test: our rows, Stripe's objects and the stock agree."""
    yield
    assert check_books() == []
    taken = {
        each["id"]: from_cents(each["amount_received"]) for each in api.intents.values() if each["amount_received"]
    }
    assert dict(Payment.objects.captured().values_list("reference", "amount")) == taken
    given = {each["id"]: from_cents(each["amount"]) for each in api.refunds.values()}
    ours = Refund.objects.exclude(reference="").filter(payment__gateway="stripe")
    assert dict(ours.values_list("reference", "amount")) == given
    for payment in Payment.objects.filter(gateway="stripe"):
        back = sum(
            from_cents(each["amount"]) for each in api.refunds.values() if each["payment_intent"] == payment.reference
        )
        assert payment.refunded == back


@pytest.fixture
def placed(api):
    return placed_order((VariantFactory(on_hand=5), 2), payment="stripe")


def pay(placed, instrument: str = "", now=None):
    return payments.start_payment(
        payment=placed.payment, return_url=BACK, instrument=instrument, now=now or timezone.now()
    )


def hear(api, kind, about, *, number=0, now=None):
    headers, body = api.message(kind, about, number=number)
    payments.handle_webhook(gateway_code="stripe", headers=headers, body=body, now=now or timezone.now())


def status(placed) -> str:
    placed.order.refresh_from_db()
    return placed.order.status


def together(*runners):
    """Threads where the database has them; one after the other on SQLite."""
    return race(*runners) if connection.vendor == "mysql" else [runner() for runner in runners]


def later(**delta):
    return timezone.now() + timedelta(**delta)


def test_paid_on_the_page_and_heard_of_by_its_message(placed, api):
    assert pay(placed).redirect_url == api.only_session()["url"]
    hear(api, "checkout.session.completed", api.pay())
    assert status(placed) == Order.Status.CONFIRMED
    assert placed.order.payments.get().reference == api.only_session()["payment_intent"]


def test_a_card_on_our_page_is_charged_at_once(placed, api):
    assert pay(placed, ACCEPTED).payment.status == Payment.Status.CAPTURED
    assert status(placed) == Order.Status.CONFIRMED


def test_a_refused_card_may_be_followed_by_another(placed, api):
    refused = pay(placed, DECLINED).payment
    assert (refused.status, "solde" in refused.decline_reason) == (Payment.Status.DECLINED, True)
    again = services.retry_payment(order=placed.order, now=timezone.now())
    assert pay(again, ACCEPTED).payment.status == Payment.Status.CAPTURED
    assert status(placed) == Order.Status.CONFIRMED


def test_the_answer_is_lost_and_the_message_comes_first(placed, api):
    api.losing = [SESSIONS, SESSIONS]
    with pytest.raises(payments.PaymentUnavailable):
        pay(placed)
    hear(api, "checkout.session.completed", api.pay())
    assert status(placed) == Order.Status.CONFIRMED
    # By the reference in the message: nothing had to be searched.
    assert not [path for method, path, _sent in api.calls if (method, path) == ("GET", SESSIONS)]


@pytest.mark.parametrize("instrument", ["", ACCEPTED])
def test_the_answer_is_lost_and_no_message_ever_comes(placed, api, instrument):
    path = "/v1/payment_intents" if instrument else SESSIONS
    api.losing = [path, path]
    with pytest.raises(payments.PaymentUnavailable):
        pay(placed, instrument)
    if not instrument:
        api.pay()
    payments.reconcile_payments(now=later(minutes=5))
    assert status(placed) == Order.Status.CONFIRMED


def test_the_answer_is_lost_and_the_shopper_clicks_again(placed, api):
    api.losing = [SESSIONS, SESSIONS]
    with pytest.raises(payments.PaymentUnavailable):
        pay(placed)
    assert pay(placed).redirect_url == api.only_session()["url"]


def test_messages_come_twice_late_in_any_order_and_about_strangers(placed, api):
    pay(placed)
    session = api.pay()
    intent = api.intent_of(session)
    for number, (kind, about) in enumerate(
        [
            ("payment_intent.succeeded", {**intent, "status": "succeeded"}),
            ("checkout.session.completed", session),
            ("payment_intent.created", {**intent, "status": "requires_payment_method"}),
            ("charge.succeeded", OBJECTS["charge"] | {"payment_intent": intent["id"]}),
            ("charge.succeeded", OBJECTS["charge"] | {"payment_intent": "pi_of_another_shop"}),
            ("checkout.session.completed", {**session, "client_reference_id": "another"}),
            ("customer.created", {"object": "customer", "id": "cus_1"}),
        ],
        start=100,
    ):
        for _time in range(2):
            hear(api, kind, about, number=number, now=later(days=number - 100))
    assert status(placed) == Order.Status.CONFIRMED
    assert OrderEvent.objects.filter(to_status=Order.Status.CONFIRMED).count() == 1
    assert WebhookEvent.objects.exclude(processed_at=None).count() == 7


def test_a_double_click_opens_one_page(placed, api):
    api.slow = 0.05
    results = together(*[partial(pay, placed)] * 4)
    answers = of_kind(results, payments.Progress)
    assert answers
    assert {each.redirect_url for each in answers} == {api.only_session()["url"]}
    api.pay()
    payments.reconcile_payments(now=later(minutes=5))
    assert status(placed) == Order.Status.CONFIRMED


def test_a_double_click_charges_one_card(placed, api):
    api.slow = 0.05
    together(*[partial(pay, placed, ACCEPTED)] * 4)
    payments.reconcile_payments(now=later(minutes=5))
    assert status(placed) == Order.Status.CONFIRMED
    assert len(api.intents) == 1


def test_the_message_the_return_and_the_sweep_confirm_once(placed, api):
    pay(placed)
    headers, body = api.message("checkout.session.completed", api.pay())
    now = timezone.now()
    message = partial(payments.handle_webhook, gateway_code="stripe", headers=headers, body=body, now=now)
    back = partial(payments.refresh_payment, payment=placed.payment, now=now)
    sweep = partial(payments.reconcile_payments, now=later(minutes=5))
    assert of_kind(together(message, message, back, back, sweep, sweep), Exception) == []
    assert status(placed) == Order.Status.CONFIRMED
    assert emails_about(placed.order).filter(kind=OrderEmail.CONFIRMED).count() == 1


def test_the_hold_ends_and_the_page_is_closed(placed, api):
    pay(placed)
    late = later(minutes=31)
    assert expire_unpaid(now=late) == 1
    payments.reconcile_payments(now=late + timedelta(minutes=5))
    assert api.pay(api.only_session())["status"] == "expired"
    assert placed.order.payments.get().status == Payment.Status.CANCELLED


def test_paid_while_the_hold_ends_sells_or_lets_the_money_go(placed, api):
    pay(placed)
    api.pay()
    late = later(minutes=31)
    together(
        partial(expire_unpaid, now=late),
        partial(payments.refresh_payment, payment=placed.payment, now=timezone.now()),
    )
    payments.reconcile_payments(now=late + timedelta(minutes=5))
    [intent] = api.intents.values()
    assert (status(placed), intent["status"]) in (("CONFIRMED", "succeeded"), ("EXPIRED", "canceled"))


def test_another_means_closes_the_page(placed, api):
    pay(placed)
    services.retry_payment(order=placed.order, payment_method="bank_transfer", now=timezone.now())
    assert api.pay(api.only_session())["status"] == "expired"
    assert status(placed) == Order.Status.AWAITING_PAYMENT


def test_given_up_before_the_request_arrives_is_never_charged(placed, api):
    """The shopper has changed to a transfer in another tab while the first request was still on its way."""
    api.silent = True
    with pytest.raises(payments.PaymentUnavailable):
        pay(placed, ACCEPTED)
    api.silent = False
    services.retry_payment(order=placed.order, payment_method="bank_transfer", now=timezone.now())
    from apps.payments.gateways.base import PaymentRequest
    from apps.payments.gateways.stripe import Stripe

    request = PaymentRequest(
        key=placed.payment.key,
        amount=placed.order.total,
        order_number=placed.order.number,
        language="fr",
        return_url=BACK,
        instrument=ACCEPTED,
    )
    assert Stripe().authorise(request).state == "CANCELLED"
    assert api.intents == {}


class TestADebit:
    @pytest.fixture
    def debited(self, placed, api):
        pay(placed)
        hear(api, "checkout.session.completed", api.pay(method=DEBIT))
        return placed

    def settle(self, api, *, accepted):
        [intent] = api.intents.values()
        api.settle(intent, accepted=accepted)
        kind = "succeeded" if accepted else "failed"
        hear(api, f"checkout.session.async_payment_{kind}", api.only_session(), now=later(days=6))

    def test_holds_the_stock_for_as_long_as_it_takes(self, debited, api):
        assert expire_unpaid(now=later(days=22)) == 0
        assert status(debited) == Order.Status.AWAITING_PAYMENT
        assert emails_about(debited.order).filter(kind=OrderEmail.PROCESSING).count() == 1
        assert money_of(debited.order).processing
        self.settle(api, accepted=True)
        assert status(debited) == Order.Status.CONFIRMED

    def test_refused_at_last_leaves_time_to_pay_again(self, debited, api):
        self.settle(api, accepted=False)
        assert status(debited) == Order.Status.AWAITING_PAYMENT
        assert emails_about(debited.order).filter(kind=OrderEmail.PAYMENT_FAILED).count() == 1
        again = services.retry_payment(order=debited.order, now=later(days=7))
        assert pay(again, ACCEPTED, now=later(days=7)).payment.status == Payment.Status.CAPTURED
        assert expire_unpaid(now=later(days=10)) == 0

    def test_refused_and_not_paid_again_ends_the_order(self, debited, api):
        self.settle(api, accepted=False)
        assert expire_unpaid(now=later(days=10)) == 1

    def test_is_not_asked_about_every_minute(self, debited, api):
        before = len(api.calls)
        for minute in range(5, 60, 5):
            payments.reconcile_payments(now=later(minutes=minute))
        assert len(api.calls) == before
        payments.reconcile_payments(now=later(minutes=65))
        assert len(api.calls) == before + 1

    def test_cannot_be_called_back_by_changing_the_order(self, debited, api):
        with pytest.raises(OrderStands, match="exécute"):
            services.modify_order(order=debited.order, key=None, user=None, with_details=False, now=timezone.now())
        placed = services.retry_payment(order=debited.order, payment_method="bank_transfer", now=timezone.now())
        assert placed.payment.status == Payment.Status.PROCESSING

    def test_that_arrives_after_the_order_was_cancelled_goes_back(self, debited, api):
        services.cancel_and_refund(order=debited.order, by=UserFactory(), now=timezone.now())
        assert debited.order.payments.get().status == Payment.Status.PROCESSING
        self.settle(api, accepted=True)
        [refund] = Refund.objects.all()
        # A debit is given back over days too.
        assert refund.status == Refund.Status.REQUESTED
        [theirs] = api.refunds.values()
        theirs["status"] = "succeeded"
        payments.reconcile_payments(now=later(days=8))
        refund.refresh_from_db()
        assert (refund.status, refund.amount) == (Refund.Status.DONE, debited.order.total)


class TestChargedAtDispatch:
    @pytest.fixture
    def confirmed(self, settings, placed, api):
        settings.CARD_CAPTURE = "dispatch"
        assert pay(placed, ACCEPTED).payment.status == Payment.Status.AUTHORISED
        assert status(placed) == Order.Status.CONFIRMED
        assert placed.order.paid_at is None
        return placed

    def ship(self, placed, now=None):
        now = now or timezone.now()
        placed.order.refresh_from_db()
        if placed.order.status == Order.Status.CONFIRMED:
            prepare_order(order=placed.order, by=None, now=now)
            placed.order.refresh_from_db()
        return services.ship(order=placed.order, by=None, now=now)

    def test_the_money_is_taken_when_the_goods_leave(self, confirmed, api):
        assert money_of(confirmed.order).authorised == confirmed.order.total
        assert check_books() == []
        self.ship(confirmed)
        assert status(confirmed) == Order.Status.SHIPPED
        assert confirmed.order.paid_at is not None

    def test_nothing_leaves_without_its_money(self, confirmed, api):
        [intent] = api.intents.values()
        api.lapse(intent)
        for _time in range(2):
            with pytest.raises(payments.CaptureRefused):
                self.ship(confirmed)
        assert status(confirmed) == Order.Status.PREPARING
        assert check_books() == [f"order {confirmed.order.number}: confirmed without its money"]
        services.cancel_and_refund(order=confirmed.order, by=None, now=timezone.now())

    def test_a_silent_stripe_keeps_the_goods_here(self, confirmed, api):
        api.silent = True
        with pytest.raises(payments.PaymentUnavailable):
            self.ship(confirmed)
        api.silent = False
        self.ship(confirmed)

    def test_it_is_taken_before_it_would_lapse(self, confirmed, api):
        payments.reconcile_payments(now=later(days=3))
        assert confirmed.order.payments.get().status == Payment.Status.AUTHORISED
        payments.reconcile_payments(now=later(days=5))
        assert confirmed.order.payments.get().status == Payment.Status.CAPTURED

    def test_a_cancelled_order_lets_it_go(self, confirmed, api):
        services.cancel_and_refund(order=confirmed.order, by=None, now=timezone.now())
        [intent] = api.intents.values()
        assert intent["status"] == "canceled"

    def test_shipped_and_cancelled_at_once_charges_what_leaves_alone(self, confirmed, api):
        prepare_order(order=confirmed.order, by=None, now=timezone.now())
        together(
            partial(_quietly, self.ship, confirmed),
            partial(_quietly, services.cancel_and_refund, order=confirmed.order, by=None, now=timezone.now()),
        )
        payments.reconcile_payments(now=later(hours=2))
        [intent] = api.intents.values()
        refunded = sum(each["amount"] for each in api.refunds.values())
        charged = intent["amount_received"] - refunded
        assert bool(charged) == (status(confirmed) == Order.Status.SHIPPED)


def _quietly(call, *args, **kwargs):
    from apps.common.errors import DomainError

    try:
        return call(*args, **kwargs)
    except DomainError as error:
        return error


class TestRefunds:
    @pytest.fixture
    def paid(self, placed, api) -> Payment:
        return pay(placed, ACCEPTED).payment

    def give_back(self, payment, amount, key):
        return payments.refund(payment=payment, amount=Decimal(amount), reason="", by=None, key=key, now=timezone.now())

    def test_in_parts_until_nothing_is_left(self, paid, api):
        self.give_back(paid, "10.00", "r1")
        self.give_back(paid, paid.amount - Decimal("10.00"), "r2")
        with pytest.raises(payments.RefundRefused):
            self.give_back(paid, "0.01", "r3")
        assert len(api.refunds) == 2

    def test_asked_for_twice_is_made_once(self, paid, api):
        together(*[partial(self.give_back, paid, "10.00", "r1")] * 4)
        payments.reconcile_payments(now=later(minutes=5))
        assert len(api.refunds) == 1

    def test_asked_for_by_many_never_exceeds_what_was_paid(self, paid, api):
        together(*[partial(_quietly, self.give_back, paid, paid.amount, f"r{n}") for n in range(4)])
        payments.reconcile_payments(now=later(minutes=5))
        assert sum(each["amount"] for each in api.refunds.values()) == int(paid.amount * 100)

    def test_a_lost_answer_is_asked_for_again(self, paid, api):
        api.losing = ["/v1/refunds"] * 2
        assert self.give_back(paid, "10.00", "r1").status == Refund.Status.REQUESTED
        api.losing = []
        payments.reconcile_payments(now=later(minutes=5))
        assert Refund.objects.get().status == Refund.Status.DONE

    def test_what_a_bank_sends_back_is_made_by_other_means(self, paid, api):
        self.give_back(paid, "10.00", "r1")
        [theirs] = api.refunds.values()
        theirs.update(status="failed", failure_reason="expired_or_canceled_card")
        for _time in range(2):
            hear(api, "refund.failed", theirs)
        refund = Refund.objects.get()
        assert (refund.status, refund.is_sent_back) == (Refund.Status.DONE, True)
        assert money_of(paid.order).returning == Decimal("10.00")
        note = OrderEvent.objects.filter(note__contains="renvoyé le remboursement")
        assert note.count() == 1
        payments.settle_refund(refund=refund, by=None, now=later(minutes=1))
        hear(api, "refund.updated", theirs)
        refund.refresh_from_db()
        assert not refund.is_sent_back
        assert money_of(paid.order).returned == Decimal("10.00")

    def test_cancelling_gives_back_all_of_it_once(self, paid, api):
        for _time in range(2):
            _quietly(services.cancel_and_refund, order=paid.order, by=None, now=timezone.now())
        assert sum(each["amount"] for each in api.refunds.values()) == int(paid.amount * 100)
        assert Stock.objects.values_list("on_hand", "reserved").get() == (5, 0)
