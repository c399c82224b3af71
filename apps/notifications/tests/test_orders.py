"""E-mails about an order: complete, in its language, with its state when they are sent."""

import pytest
from django.utils import timezone

from apps.notifications.orders import compose, compose_link
from apps.orders.emails import OrderEmail
from apps.orders.tests.factories import OrderEmailFactory, OrderFactory, OrderLineFactory

pytestmark = pytest.mark.django_db
# Sent by a change of the order; LINK is sent on request.
NEWS = [kind for kind in OrderEmail if kind != OrderEmail.LINK]


def test_a_message_sent_again_keeps_its_message_id():
    email = OrderEmailFactory()
    first, second = compose(email), compose(email)
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    assert compose(OrderEmailFactory()).extra_headers["Message-ID"] != first.extra_headers["Message-ID"]
    assert first.extra_headers["Auto-Submitted"] == "auto-generated"
    assert first.reply_to


def test_nobody_is_notified_of_an_order_whose_customer_was_erased():
    order = OrderFactory(email="")
    assert compose(OrderEmailFactory(order=order)) is None
    assert compose_link(OrderEmailFactory(order=order, kind=OrderEmail.LINK)) is None


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", NEWS)
def test_every_kind_is_complete_in_every_language(kind, language):
    order = OrderFactory(language=language, tracking_number="6A1234567890", tracking_url="https://example.org/suivi")
    message = compose(OrderEmailFactory(order=order, kind=kind))
    html = message.alternatives[0].content
    page = {"fr": "/suivi/", "en": "/en/order/"}[language]
    assert order.number in message.subject
    assert "\n" not in message.subject
    for body in (message.body, html):
        assert order.number in body
        assert f"{page}{order.access_token}/" in body
        assert "{{" not in body
        assert "None" not in body
    assert "<script" not in html
    assert "src=" not in html


def test_the_first_message_carries_the_contract():
    order = OrderFactory()
    placed = compose(OrderEmailFactory(order=order, kind=OrderEmail.PLACED))
    for body in (placed.body, placed.alternatives[0].content):
        for part in (
            "Miel de lavande",
            "29,90\u00a0€",
            "FR76 0000",
            "14 jours",
            "formulaire de rétractation",
            "/livraison-et-retours/",
            "/conditions-generales/2026-11/",
            "2026-11",
            "RCS Lyon",
            "Médiateur",
        ):
            assert part in body
    confirmed = compose(OrderEmailFactory(order=order, kind=OrderEmail.CONFIRMED))
    assert "formulaire de rétractation" not in confirmed.body


def test_a_confirmation_that_comes_first_carries_the_contract():
    confirmed = compose(OrderEmailFactory(kind=OrderEmail.CONFIRMED))
    assert "formulaire de rétractation" in confirmed.body


@pytest.mark.parametrize(
    ("language", "notice"), [("fr", "Produit périssable\u202f: pas de droit"), ("en", "Perishable product: no right")]
)
@pytest.mark.parametrize("kind", [OrderEmail.PLACED, OrderEmail.CONFIRMED])
def test_what_cannot_be_sent_back_is_named_at_its_line(language, notice, kind):
    order = OrderFactory(language=language, lines=[])
    OrderLineFactory(order=order, withdrawal_exception="PERISHABLE")
    OrderLineFactory(order=order)
    message = compose(OrderEmailFactory(order=order, kind=kind))
    for body in (message.body, message.alternatives[0].content):
        assert body.count(notice) == 1
        assert body.count("art. L221-28, ") == 1


def test_names_typed_by_people_are_escaped_in_html_alone():
    order = OrderFactory(recipient="<b>Zoé & Cie</b>")
    message = compose(OrderEmailFactory(order=order))
    assert "<b>Zoé & Cie</b>" in message.body
    assert "<b>Zoé" not in message.alternatives[0].content


def test_money_in_the_order_language():
    english = compose(OrderEmailFactory(order=OrderFactory(language="en")))
    assert "€29.90" in english.body


@pytest.mark.parametrize("language", ["fr", "en"])
def test_messages_lead_to_the_invoice_once_it_is_due(language):
    waiting, paid = OrderFactory(language=language), OrderFactory(language=language, paid_at=timezone.now())
    for order, is_due in ((waiting, False), (paid, True)):
        message = compose(OrderEmailFactory(order=order, kind=OrderEmail.CONFIRMED))
        page = {"fr": "facture", "en": "invoice"}[language]
        for body in (message.body, message.alternatives[0].content):
            assert (f"{order.access_token}/{page}/" in body) == is_due
