"""Every state of an order, with every state of its money: which sentences its pages and e-mails may say."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.common.outbox import compose
from apps.orders.emails import OrderEmail as Kind
from apps.orders.models import Order
from apps.orders.tests.factories import OrderEmailFactory, OrderFactory
from apps.payments.models import Payment, Refund
from apps.payments.tests.banks import ByMail
from apps.payments.tests.factories import PaymentFactory

pytestmark = pytest.mark.django_db
Status, Paid = Order.Status, Payment.Status
THANKS = "Merci pour votre commande"
NOTHING_TAKEN = "Rien n’a été débité"
IN_DOUBT = "Nous ne savons pas encore si votre banque a débité"
NOTHING_CAME = "Nous n’avons reçu aucun règlement"
WILL_REFUND, REFUNDED = "Nous vous remboursons", "Nous vous avons remboursé"
REVIEW = "Donner votre avis"
UNPAID = "Elle n’est pas encore payée"
CERTAIN = list(Order.CERTAIN)
# What became of the money: state of the payment, whether the bank was asked, state of a refund of all of it.
MONEY = {
    "never asked": (Paid.PENDING, False, None),
    "silent": (Paid.PENDING, True, None),
    "challenged": (Paid.CHALLENGED, True, None),
    "authorised": (Paid.AUTHORISED, True, None),
    "declined": (Paid.DECLINED, True, None),
    "cancelled": (Paid.CANCELLED, True, None),
    "captured": (Paid.CAPTURED, True, None),
    "refund asked": (Paid.CAPTURED, True, Refund.Status.REQUESTED),
    "refunded": (Paid.CAPTURED, True, Refund.Status.DONE),
    "refund failed": (Paid.CAPTURED, True, Refund.Status.FAILED),
}


def an_order(status, money, method="demo_card"):
    state, asked, refund = MONEY[money]
    now = timezone.now()
    order = OrderFactory(
        status=status,
        payment_method=method,
        hold_expires_at=now + timedelta(minutes=20) if status == Status.AWAITING_PAYMENT else None,
        paid_at=now if state == Paid.CAPTURED and status in CERTAIN else None,
        closed_at=now if status in (Status.CANCELLED, Status.EXPIRED, Status.DELIVERED) else None,
        delivery_from_date=now.date() + timedelta(days=2),
        delivery_to_date=now.date() + timedelta(days=4),
    )
    payment = PaymentFactory(
        order=order, gateway=method, status=state, amount=order.total, started_at=now if asked else None
    )
    if refund:
        payment.refunded = 0 if refund == Refund.Status.FAILED else order.total
        payment.save()
        Refund.objects.create(payment=payment, key=f"r{payment.pk}", amount=order.total, status=refund)
    return order


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def pages(client, order) -> dict[str, str]:
    names = ("order", "confirmation")
    return {
        name: plain(client.get(reverse(f"storefront:{name}", args=[order.access_token])).content.decode())
        for name in names
    }


def email_texts(order, kind) -> list[str]:
    message = compose(OrderEmailFactory(order=order, kind=kind))
    return [plain(message.subject + message.body), plain(message.subject + message.alternatives[0].content)]


def check_money(text: str, status, money: str) -> None:
    """Of an order that ended, exactly what is known."""
    in_doubt = money in ("silent", "challenged", "authorised")
    nothing = money in ("never asked", "declined", "cancelled")
    assert (NOTHING_TAKEN in text) == nothing
    assert (IN_DOUBT in text) == in_doubt
    assert (WILL_REFUND in text) == (money == "refund asked")
    assert (REFUNDED in text) == (money == "refunded")
    assert ("Nous vous devons" in text) == (money in ("captured", "refund failed"))


@pytest.mark.parametrize("money", MONEY)
@pytest.mark.parametrize("status", Status.values)
def test_the_pages(client, status, money):
    order = an_order(status, money)
    html_by_page = pages(client, order)
    stands = status in CERTAIN and money not in ("refund asked", "refunded")
    assert (f"<h1>{THANKS}</h1>" in html_by_page["confirmation"]) == stands
    for text in html_by_page.values():
        assert (f"/paiement/{order.access_token}/" in text) == (status == Status.AWAITING_PAYMENT)
        assert ("racheter/" in text) == (status in (Status.CANCELLED, Status.EXPIRED)) or status in CERTAIN
        if status in (Status.CANCELLED, Status.EXPIRED):
            check_money(text, status, money)
        else:
            assert NOTHING_TAKEN not in text
            assert IN_DOUBT not in text
            assert "annulée :" not in text


@pytest.mark.parametrize("money", MONEY)
@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("kind", [Kind.PLACED, Kind.CONFIRMED, Kind.CANCELLED, Kind.EXPIRED])
@pytest.mark.either_database
def test_the_letters_even_when_they_leave_late(kind, status, money):
    order = an_order(status, money)
    waits = status == Status.AWAITING_PAYMENT
    for text in email_texts(order, kind):
        assert (UNPAID in text) == (waits and kind in (Kind.PLACED, Kind.CONFIRMED))
        assert (f"/paiement/{order.access_token}/" in text) == (waits and kind in (Kind.PLACED, Kind.CONFIRMED))
        if status in (Status.CANCELLED, Status.EXPIRED):
            check_money(text, status, money)
            assert "entre le" not in text
        else:
            assert NOTHING_TAKEN not in text


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.EXPIRED])
@pytest.mark.parametrize("money", ["never asked", "cancelled"])
def test_of_a_transfer_nobody_says_that_nothing_was_sent(client, status, money):
    order = an_order(status, money, method="bank_transfer")
    texts = [*pages(client, order).values(), *email_texts(order, Kind.CANCELLED), *email_texts(order, Kind.EXPIRED)]
    for text in texts:
        assert NOTHING_CAME in text
        assert NOTHING_TAKEN not in text
    assert "IBAN" not in email_texts(order, Kind.PLACED)[0]


def test_of_a_transfer_that_a_card_replaced_neither(client):
    """It may have been sent before the card was chosen."""
    order = an_order(Status.EXPIRED, "cancelled", method="bank_transfer")
    PaymentFactory(order=order, gateway="demo_card", status=Paid.DECLINED, started_at=timezone.now())
    Order.objects.update(payment_method="demo_card")
    order.refresh_from_db()
    for text in [*pages(client, order).values(), *email_texts(order, Kind.EXPIRED)]:
        assert NOTHING_CAME in text
        assert NOTHING_TAKEN not in text


def test_late_money_may_still_confirm_what_expired_but_not_what_was_cancelled(client):
    for status, may_stand in [(Status.EXPIRED, True), (Status.CANCELLED, False)]:
        order = an_order(status, "silent")
        for text in [*pages(client, order).values(), *email_texts(order, Kind.PLACED)]:
            assert ("votre commande sera confirmée s’il nous reste" in text) == may_stand


def test_letters_that_leave_late_say_what_is_so_now():
    """A mail server that was away takes them a day later."""
    [text, html] = email_texts(an_order(Status.CONFIRMED, "captured"), Kind.EXPIRED)
    for part in (text, html):
        assert "est arrivé après son échéance" in part
        assert "remis en vente" not in part
        assert "commander à nouveau" not in part
    for status in (Status.SHIPPED, Status.DELIVERED, Status.CANCELLED):
        for part in email_texts(an_order(status, "captured"), Kind.CONFIRMED):
            assert "est confirmée" in part
            assert "nous la préparons" not in part


@pytest.mark.parametrize(
    ("method", "travels"), [("demo_card", True), ("bank_transfer", True), ("on_collection", False)]
)
def test_no_account_is_credited_by_what_a_till_gives_back(method, travels):
    order = an_order(Status.DELIVERED, "refunded", method=method)
    refund = Refund.objects.get(payment__order=order)
    notice = OrderEmailFactory(order=order, kind=Kind.REFUNDED, occasion=refund.key)
    message = compose(notice)
    for text in (message.body, message.alternatives[0].content):
        assert "Nous avons remboursé" in text
        assert ("arrive sur votre compte" in text) == travels


def test_the_account_s_page_of_an_order_promises_no_more(customer_client, customer):
    order = an_order(Status.AWAITING_PAYMENT, "never asked", method="bank_transfer")
    Order.objects.update(user=customer)
    html = plain(customer_client.get(reverse("storefront:account_order", args=[order.number])).content.decode())
    assert "réception de votre paiement" in html
    assert "entre le" not in html
    assert "modifier/" in html
    assert "IBAN" in html
    assert "Commander à nouveau" not in html


@pytest.mark.parametrize("kind", ["HOME", "PICKUP_POINT", "IN_STORE"])
def test_no_date_is_promised_before_a_transfer_arrives(client, kind):
    order = an_order(Status.AWAITING_PAYMENT, "never asked", method="bank_transfer")
    Order.objects.update(delivery_kind=kind)
    order.refresh_from_db()
    for text in [*pages(client, order).values(), *email_texts(order, Kind.PLACED)]:
        assert "après la réception de votre paiement" in text or "dès la réception de votre paiement" in text
        assert "entre le" not in text
        assert "dès le" not in text


def test_who_sends_money_otherwise_is_told_how_and_of_no_transfer(client, with_bank):
    """Of another gateway by hand, pages and e-mails know only what it says of itself."""
    with_bank(ByMail)
    order = an_order(Status.AWAITING_PAYMENT, "never asked", method="by_post")
    for text in [*pages(client, order).values(), *email_texts(order, Kind.PLACED)]:
        for part in ("Au nom de", "Boutique des Halles", order.number, "après la réception de votre paiement"):
            assert part in text
        assert not re.search(r"\bvirement|IBAN|entre le", text.partition("<footer")[0])


@pytest.mark.parametrize("status", Status.values)
def test_a_review_is_asked_for_once_it_has_left(client, status):
    from apps.catalogue.tests.factories import VariantFactory

    order = an_order(status, "captured")
    order.lines.update(variant=VariantFactory())
    html = pages(client, order)["order"]
    assert (REVIEW in html) == (status in (Status.SHIPPED, Status.DELIVERED))


def test_an_order_whose_time_is_up_does_not_wait_any_more(client):
    order = an_order(Status.AWAITING_PAYMENT, "never asked")
    Order.objects.update(hold_expires_at=timezone.now() - timedelta(seconds=1))
    order.refresh_from_db()
    html = pages(client, order)
    assert "<h1>Le délai de paiement est passé</h1>" in html["confirmation"]
    for text in [*html.values(), *email_texts(order, Kind.PLACED)]:
        assert f"/paiement/{order.access_token}/" not in text
