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
from apps.common.formats import day
from apps.common.models import OutboxEmail
from apps.common.money import from_cents
from apps.common.tests.races import of_kind, race
from apps.invoicing import cash_book
from apps.invoicing.models import Document
from apps.invoicing.services import issue_missing
from apps.orders.emails import OrderEmail, emails_about
from apps.orders.models import Order, OrderEvent
from apps.orders.services import expire_unpaid, prepare_order
from apps.payments import services as payments
from apps.payments.emails import PaymentEmail
from apps.payments.gateways.stripe import Stripe
from apps.payments.models import Dispute, Payment, Payout, PayoutLine, Refund, WebhookEvent
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


@pytest.fixture
def paid(placed, api) -> Payment:
    return pay(placed, ACCEPTED).payment


@pytest.fixture
def colleague():
    return UserFactory(is_staff=True, is_superuser=True)


def intent_of(api, payment) -> dict:
    return api.intents[payment.reference]


def mails(kind: PaymentEmail) -> int:
    return OutboxEmail.objects.filter(kind=kind).count()


def notes(word: str) -> list[str]:
    return list(OrderEvent.objects.filter(note__icontains=word).order_by("pk").values_list("note", flat=True))


def cash() -> dict[str, Decimal]:
    """Balances of the journal of money, whose entries are all balanced."""
    today = timezone.localdate()
    sums = cash_book.balances(today - timedelta(days=400), today + timedelta(days=400))
    assert sum(sums.values()) == 0
    return {account: amount for account, amount in sums.items() if amount}


class TestDisputes:
    def test_is_recorded_once_whatever_order_its_messages_have(self, paid, api, colleague):
        theirs = api.contest(intent_of(api, paid))
        # What messages say is not believed: how it stands is asked for.
        for number, kind in enumerate(["funds_withdrawn", "updated", "created", "created", "updated"], start=200):
            hear(api, f"charge.dispute.{kind}", {**theirs, "status": "won"}, number=number)
        [dispute] = Dispute.objects.all()
        assert (dispute.status, dispute.amount, dispute.withdrawn) == ("NEEDS_RESPONSE", paid.amount, paid.amount)
        paid.refresh_from_db()
        assert (paid.disputed, paid.refundable) == (paid.amount, 0)
        assert money_of(paid.order).outstanding == 0
        [note] = notes("litige")
        assert day(dispute.answer_by) in note
        assert mails(PaymentEmail.DISPUTE) == 1

    def test_an_older_answer_that_comes_later_changes_nothing(self, paid, api):
        theirs = api.contest(intent_of(api, paid))
        older = Stripe().dispute(reference=theirs["id"])
        api.decide(theirs, "won")
        hear(api, "charge.dispute.closed", theirs, now=later(minutes=5))
        payments.record_dispute(gateway_code="stripe", report=older, now=timezone.now())
        dispute = Dispute.objects.get()
        assert (dispute.status, dispute.withdrawn) == ("WON", 0)
        assert dispute.movements.count() == 2

    def test_is_found_when_no_message_ever_comes(self, paid, api, colleague):
        api.contest(intent_of(api, paid), 1000)
        api.contest({"id": "pi_of_another_shop"}, 1000)
        assert [payments.fetch_disputes(now=timezone.now()) for _time in range(2)] == [1, 1]
        assert Dispute.objects.get().amount == Decimal("10")
        assert mails(PaymentEmail.DISPUTE) == 1
        # Long ago, and still open: asked for by its reference.
        theirs = next(each for each in api.disputes.values() if each["payment_intent"] == paid.reference)
        api.decide(theirs, "lost")
        assert payments.fetch_disputes(now=later(days=60)) == 1
        assert Dispute.objects.get().status == "LOST"

    def test_messages_about_strangers_are_believed_and_about_nothing(self, paid, api):
        hear(api, "charge.dispute.created", api.contest({"id": "pi_of_another_shop"}, 1000))
        hear(api, "charge.dispute.created", OBJECTS["dispute"] | {"id": "dp_unknown", "payment_intent": paid.reference})
        assert not Dispute.objects.exists()
        assert not WebhookEvent.objects.filter(processed_at=None).exists()

    def test_comes_before_the_shop_knows_that_it_was_paid(self, placed, api):
        pay(placed)
        session = api.pay(method=DEBIT)
        api.settle(api.intent_of(session))
        theirs = api.contest(api.intent_of(session))
        hear(api, "charge.dispute.created", theirs)
        assert not Dispute.objects.exists()
        payments.reconcile_payments(now=later(minutes=5))
        assert payments.fetch_disputes(now=later(minutes=6)) == 1
        assert Dispute.objects.get().withdrawn == placed.order.total

    def test_lost_is_money_that_went(self, paid, api, colleague):
        theirs = api.contest(intent_of(api, paid), 1000)
        hear(api, "charge.dispute.created", theirs)
        assert cash() == {"411000": -paid.amount, "416000": 10, "511500": paid.amount - 10}
        api.decide(theirs, "lost")
        for _time in range(2):
            hear(api, "charge.dispute.closed", theirs)
        assert cash() == {"411000": -paid.amount, "511500": paid.amount - 10, "654000": 10}
        with pytest.raises(payments.RefundRefused):
            payments.refund(payment=paid, amount=paid.amount, reason="", by=None, key="all", now=timezone.now())
        assert mails(PaymentEmail.DISPUTE) == 2
        # The bank changes its mind: what was a loss is less.
        api.decide(theirs, "won")
        hear(api, "charge.dispute.funds_reinstated", theirs, now=later(days=3))
        assert cash() == {"411000": -paid.amount, "511500": paid.amount}

    def test_won_gives_the_money_again(self, paid, api):
        theirs = api.contest(intent_of(api, paid))
        hear(api, "charge.dispute.created", theirs)
        api.decide(theirs, "won")
        hear(api, "charge.dispute.closed", theirs)
        paid.refresh_from_db()
        assert (paid.disputed, paid.refundable) == (0, paid.amount)
        assert cash() == {"411000": -paid.amount, "511500": paid.amount}
        assert len(notes("gagné")) == 1

    def test_won_after_the_order_was_cancelled_is_its_customers(self, paid, api):
        theirs = api.contest(intent_of(api, paid))
        hear(api, "charge.dispute.created", theirs)
        services.cancel_and_refund(order=paid.order, by=None, now=timezone.now())
        assert not Refund.objects.exists()
        assert "contestés" in " ".join(money_of(paid.order).news_of_the_end(may_stand=False))
        api.decide(theirs, "won")
        for _time in range(2):
            hear(api, "charge.dispute.closed", theirs)
        refund = Refund.objects.get()
        assert (refund.status, refund.amount) == (Refund.Status.DONE, paid.amount)

    def test_an_inquiry_moves_nothing_until_it_becomes_a_dispute(self, paid, api, colleague):
        theirs = api.contest(intent_of(api, paid), status="warning_needs_response")
        hear(api, "charge.dispute.created", theirs)
        dispute = Dispute.objects.get()
        assert (dispute.is_inquiry, dispute.withdrawn) == (True, 0)
        theirs["status"] = "needs_response"
        api.withdraw(theirs)
        hear(api, "charge.dispute.funds_withdrawn", theirs)
        dispute.refresh_from_db()
        assert (dispute.is_inquiry, dispute.withdrawn) == (False, paid.amount)
        assert mails(PaymentEmail.DISPUTE) == 2

    def test_a_refund_of_disputed_money_is_refused_by_the_bank(self, paid, api):
        theirs = api.contest(intent_of(api, paid))
        # The shop does not know yet.
        refund = payments.refund(payment=paid, amount=Decimal("5"), reason="", by=None, key="r1", now=timezone.now())
        assert refund.status == Refund.Status.FAILED
        assert "charge_disputed" in notes("refusé")[0]
        hear(api, "charge.dispute.created", theirs)

    def test_a_silent_stripe_sends_its_message_again(self, paid, api):
        headers, body = api.message("charge.dispute.created", api.contest(intent_of(api, paid)))
        message = partial(
            payments.handle_webhook, gateway_code="stripe", headers=headers, body=body, now=timezone.now()
        )
        api.silent = True
        with pytest.raises(payments.PaymentUnavailable):
            message()
        assert payments.fetch_disputes(now=timezone.now()) == 0
        api.silent = False
        message()
        assert Dispute.objects.count() == 1

    def test_heard_of_by_many_at_once_is_one(self, paid, api, colleague):
        headers, body = api.message("charge.dispute.created", api.contest(intent_of(api, paid)))
        now = timezone.now()
        message = partial(payments.handle_webhook, gateway_code="stripe", headers=headers, body=body, now=now)
        sweep = partial(payments.fetch_disputes, now=now)
        assert of_kind(together(message, sweep, message, sweep), Exception) == []
        assert Dispute.objects.get().movements.count() == 1
        assert (len(notes("litige")), mails(PaymentEmail.DISPUTE)) == (1, 1)

    def test_the_team_is_reminded_once_before_the_last_day(self, paid, api, colleague):
        theirs = api.contest(intent_of(api, paid))
        hear(api, "charge.dispute.created", theirs)
        assert [payments.remind_of_disputes(now=later(days=age)) for age in (1, 7, 7, 8, 10)] == [0, 1, 0, 0, 0]
        assert mails(PaymentEmail.DISPUTE_REMINDER) == 1


class TestRefundsInTheDashboard:
    def test_is_recorded_with_its_credit_note_and_the_team_reads_of_it(self, paid, api, colleague):
        issue_missing(now=timezone.now(), everything=True)
        api.refund_in_the_dashboard(intent_of(api, paid), 700)
        charge = OBJECTS["charge"] | {"payment_intent": paid.reference}
        for _time in range(2):
            hear(api, "charge.refunded", charge)
        refund = Refund.objects.get()
        assert (refund.status, refund.amount, refund.is_from_provider) == ("DONE", Decimal("7"), True)
        assert money_of(paid.order).returned == Decimal("7")
        assert mails(PaymentEmail.REFUND_ELSEWHERE) == 1
        assert emails_about(paid.order).filter(kind=OrderEmail.REFUNDED).count() == 1
        issue_missing(now=timezone.now(), everything=True)
        assert Document.objects.credit_notes().get().gross == Decimal("7")

    def test_is_found_when_no_message_ever_comes(self, paid, api):
        api.refund_in_the_dashboard(intent_of(api, paid), 700)
        assert [payments.fetch_refunds(now=timezone.now()) for _time in range(2)] == [1, 0]

    def test_heard_of_by_many_at_once_is_one(self, paid, api):
        theirs = api.refund_in_the_dashboard(intent_of(api, paid), 700)
        headers, body = api.message("refund.created", theirs)
        now = timezone.now()
        message = partial(payments.handle_webhook, gateway_code="stripe", headers=headers, body=body, now=now)
        sweep = partial(payments.fetch_refunds, now=now)
        assert of_kind(together(message, sweep, message, sweep), Exception) == []
        assert Refund.objects.get().amount == Decimal("7")

    def test_ours_is_not_taken_for_another(self, paid, api):
        payments.refund(payment=paid, amount=Decimal("5"), reason="", by=None, key="r1", now=timezone.now())
        [theirs] = api.refunds.values()
        hear(api, "refund.created", theirs)
        hear(api, "charge.refunded", OBJECTS["charge"] | {"payment_intent": paid.reference})
        assert payments.fetch_refunds(now=timezone.now()) == 0
        assert Refund.objects.count() == 1

    def test_one_that_takes_days_is_not_repeated(self, paid, api):
        theirs = api.refund_in_the_dashboard(intent_of(api, paid), 700)
        theirs["status"] = "pending"
        hear(api, "refund.created", theirs)
        assert Refund.objects.get().status == Refund.Status.REQUESTED
        payments.reconcile_payments(now=later(hours=1))
        assert len(api.refunds) == 1
        theirs["status"] = "succeeded"
        payments.reconcile_payments(now=later(hours=20))
        assert Refund.objects.get().status == Refund.Status.DONE

    def test_makes_again_what_a_bank_had_sent_back(self, paid, api):
        payments.refund(payment=paid, amount=paid.amount, reason="", by=None, key="r1", now=timezone.now())
        [ours] = api.refunds.values()
        ours["status"] = "failed"
        hear(api, "refund.failed", ours)
        again = api.refund_in_the_dashboard(intent_of(api, paid), int(paid.amount * 100))
        for _time in range(2):
            hear(api, "refund.created", again)
        refund = Refund.objects.get()
        assert (refund.is_sent_back, refund.is_done) == (False, True)
        # The account's books hold both; the shop's hold what the customer has.
        del api.refunds[again["id"]]

    def test_takes_the_place_of_ours_that_was_still_on_its_way(self, paid, api):
        api.silent = True
        payments.refund(payment=paid, amount=paid.amount, reason="", by=None, key="r1", now=timezone.now())
        api.silent = False
        api.refund_in_the_dashboard(intent_of(api, paid), int(paid.amount * 100))
        assert payments.fetch_refunds(now=timezone.now()) == 1
        assert sorted(Refund.objects.values_list("status", flat=True)) == ["DONE", "FAILED"]

    def test_of_another_shop_is_none_of_ours(self, placed, api):
        api.intents["pi_9"] = {**OBJECTS["payment_intent"], "id": "pi_9", "status": "succeeded", "amount_received": 900}
        api.refund_in_the_dashboard(api.intents["pi_9"], 100)
        assert payments.fetch_refunds(now=timezone.now()) == 0
        api.refunds.clear()
        api.intents.clear()


class TestPayouts:
    def reconcile(self, now=None):
        return payments.reconcile_payouts(now=now or timezone.now())

    def test_each_line_is_matched_and_fees_are_in_the_books(self, paid, api):
        other = pay(placed_order((VariantFactory(on_hand=5), 1), payment="stripe"), ACCEPTED).payment
        payments.refund(payment=other, amount=Decimal("5"), reason="", by=None, key="r1", now=timezone.now())
        api.refund_in_the_dashboard(intent_of(api, paid), 300)
        payments.fetch_refunds(now=timezone.now())
        hear(api, "charge.dispute.created", api.contest(intent_of(api, paid), 1000))
        theirs = api.pay_out()
        first = self.reconcile()
        assert (first.new, first.lines, first.unexplained_count, first.unequal) == (1, 5, 0, [])
        payout = Payout.objects.get()
        fees = sum(from_cents(line["fee"]) for line in api.lines.values())
        assert (payout.amount, payout.fees) == (from_cents(theirs["amount"]), fees)
        again = self.reconcile(later(days=1))
        assert (again.payouts, again.new, again.lines, PayoutLine.objects.count()) == (1, 0, 0, 5)
        # Nothing is left with the provider.
        assert cash() == {
            "411000": -(paid.amount + other.amount - 8),
            "416000": 10,
            "512000": payout.amount,
            "627000": fees,
        }

    def test_what_does_not_match_is_named(self, paid, api):
        api._line(1500, 10, source={"id": "ch_x", "object": "charge"}, sort="charge", category="charge")
        api._line(
            -200, 0, source={"id": "po_x", "object": "reserve"}, sort="reserve_hold", category="risk_reserved_funds"
        )
        for line in api.lines.values():
            if line["source"]["payment_intent"] == paid.reference:
                line.update(amount=line["amount"] + 100, net=line["net"] + 100)
        api.pay_out()
        found = self.reconcile()
        assert sorted((each.kind, each.match) for each in found.unexplained) == [
            ("OTHER", "UNKNOWN"),
            ("PAYMENT", "OTHER_AMOUNT"),
            ("PAYMENT", "UNKNOWN"),
        ]
        assert found.unequal == []

    def test_a_payout_that_is_not_the_sum_of_its_lines_is_a_fault(self, paid, api):
        api.pay_out()["amount"] += 1
        assert [each.reference for each in self.reconcile().unequal] == list(api.payouts)
        assert check_books() == [f"payout {next(iter(api.payouts))}: its lines do not add up to it"]
        PayoutLine.objects.all().delete()
        Payout.objects.all().delete()

    def test_a_refund_that_is_found_later_explains_its_line(self, paid, api):
        api.refund_in_the_dashboard(intent_of(api, paid), 300)
        api.pay_out()
        assert self.reconcile().unexplained_count == 1
        payments.fetch_refunds(now=timezone.now())
        assert self.reconcile().unexplained_count == 0

    def test_one_that_the_bank_refuses_comes_back(self, paid, api):
        theirs = api.pay_out()
        self.reconcile()
        theirs["status"] = "failed"
        self.reconcile(later(days=2))
        assert Payout.objects.get().status == Payout.Status.FAILED
        assert "512000" not in cash()

    def test_lines_that_are_not_there_yet_are_fetched_later(self, paid, api):
        theirs = api.pay_out("pending")
        theirs["reconciliation_status"] = "in_progress"
        assert (self.reconcile().lines, Payout.objects.get().itemised_at) == (0, None)
        assert "512000" not in cash()
        theirs.update(status="paid", reconciliation_status="completed")
        assert self.reconcile(later(days=1)).lines == 1

    def test_a_payment_that_no_payout_holds_is_named(self, paid, api):
        api.pay_out()
        self.reconcile()
        missing = pay(placed_order((VariantFactory(on_hand=5), 1), payment="stripe"), ACCEPTED).payment
        assert self.reconcile().missing == []
        assert self.reconcile(later(days=41)).missing == [missing]

    def test_without_lines_nothing_is_missing(self, paid, api):
        """Payouts that people order by hand."""
        api.pay_out().update(automatic=False, reconciliation_status="not_applicable")
        self.reconcile()
        pay(placed_order((VariantFactory(on_hand=5), 1), payment="stripe"), ACCEPTED)
        assert self.reconcile(later(days=41)).missing == []

    def test_a_silent_stripe_loses_nothing(self, paid, api):
        api.pay_out()
        api.silent = True
        with pytest.raises(payments.PaymentUnavailable):
            self.reconcile()
        api.silent = False
        assert self.reconcile().lines == 1

    def test_two_runs_at_once_write_each_line_once(self, paid, api):
        api.pay_out()
        assert of_kind(together(*[self.reconcile] * 3), Exception) == []
        assert (Payout.objects.count(), PayoutLine.objects.count()) == (1, 1)
