"""Shoppers who click, turn back and pay at the same moment, through HTTP, on a real MySQL server."""

import time
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from apps.catalogue.models import Stock
from apps.catalogue.tests.factories import VariantFactory
from apps.checkout.services import check_books
from apps.checkout.tests.factories import placed_order
from apps.common.tests.races import of_kind, race
from apps.orders.models import Order
from apps.payments.models import Payment
from apps.payments.tests.banks import Card

pytestmark = [pytest.mark.mysql, pytest.mark.django_db(transaction=True)]
CLICKS = 6


def post(address, fields, *, wait: float = 0.0):
    time.sleep(wait)
    return Client().post(address, fields, follow=False)


def test_six_clicks_at_once_with_a_slow_bank_are_all_led_to_the_paid_order(with_bank):
    bank = with_bank(Card)
    for round_ in range(12):
        bank.sessions.clear()
        bank.slow = 0.01 * (round_ % 4)
        order = placed_order((VariantFactory(on_hand=3), 1), payment="card").order
        page = reverse("storefront:payment", args=[order.access_token])
        fields = {"method": "card", "instrument": "tok"}
        answers = race(*[partial(post, page, fields, wait=0.015 * click) for click in range(CLICKS)])
        assert of_kind(answers, Exception) == []
        thanks = reverse("storefront:confirmation", args=[order.access_token])
        # A click whose attempt the bank is still about may see the payment page, which then leads on.
        assert {answer.status_code for answer in answers} == {303}
        assert {answer["Location"] for answer in answers} <= {thanks, page}
        assert Client().get(page)["Location"] == reverse("storefront:order", args=[order.access_token])
        order.refresh_from_db()
        assert order.status == Order.Status.CONFIRMED
        assert Payment.objects.captured().filter(order=order).count() == 1
        assert len(bank.sessions) == 1
    assert check_books() == []
    assert set(Stock.objects.values_list("on_hand", "reserved")) == {(2, 0)}
