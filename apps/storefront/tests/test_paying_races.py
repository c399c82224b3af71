"""Concurrent payments, modifications and returns, through HTTP, on MySQL."""

import time
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.basket.models import Basket, BasketLine
from apps.catalogue.models import Stock
from apps.catalogue.tests.factories import VariantFactory
from apps.checkout.services import check_books
from apps.checkout.tests.factories import placed_order
from apps.common.tests.races import of_kind, race
from apps.orders.emails import OrderEmail, emails_about
from apps.orders.models import Order
from apps.orders.services import expire_unpaid
from apps.payments.models import Payment
from apps.payments.tests.banks import Card

pytestmark = [pytest.mark.mysql, pytest.mark.django_db(transaction=True)]
CLICKS = 6


def submit(url, fields, *, wait: float = 0.0):
    time.sleep(wait)
    return Client().post(url, fields, follow=False)


def test_six_clicks_at_once_with_a_slow_bank_are_all_led_to_the_paid_order(with_bank):
    bank = with_bank(Card)
    for round_ in range(12):
        bank.sessions.clear()
        bank.slow = 0.01 * (round_ % 4)
        order = placed_order((VariantFactory(on_hand=3), 1), payment="card").order
        page = reverse("storefront:payment", args=[order.access_token])
        fields = {"method": "card", "instrument": "tok"}
        answers = race(*[partial(submit, page, fields, wait=0.015 * click) for click in range(CLICKS)])
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


def test_giving_up_and_paying_at_once_the_money_wins_or_never_came(with_bank):
    bank = with_bank(Card)
    outcomes = set()
    for round_ in range(16):
        bank.slow = 0.005 * (round_ % 3)
        variant = VariantFactory(on_hand=2)
        order = placed_order((variant, 2), payment="card").order
        pay_page = reverse("storefront:payment", args=[order.access_token])
        fields = {"method": "card", "instrument": "tok"}
        give_up = reverse("storefront:modify_order", args=[order.access_token])
        answers = race(
            partial(submit, pay_page, fields),
            partial(submit, give_up, {}, wait=0.003 * round_),
            partial(submit, pay_page, fields, wait=0.004 * round_),
            partial(submit, give_up, {}, wait=0.003 * round_),
        )
        assert of_kind(answers, Exception) == []
        assert {answer.status_code for answer in answers} == {303}
        order.refresh_from_db()
        outcomes.add(order.status)
        pieces = Stock.objects.values_list("on_hand", "reserved").get(variant=variant)
        in_baskets = list(BasketLine.objects.filter(basket__status="OPEN", variant=variant).values_list("quantity"))
        taken = [each for each in bank.sessions.values() if each.request.order_number == order.number]
        if order.status == Order.Status.CONFIRMED:
            assert (pieces, in_baskets) == ((0, 0), [])
            assert [each.state for each in taken].count("CAPTURED") == 1
        else:
            assert (order.status, pieces, in_baskets) == (Order.Status.CANCELLED, (2, 0), [(2,)])
            assert "CAPTURED" not in [each.state for each in taken]
        assert check_books() == []
    assert outcomes <= {Order.Status.CONFIRMED, Order.Status.CANCELLED}


def test_giving_up_and_expiring_at_once_brings_the_lines_back_once():
    for _round in range(8):
        variant = VariantFactory(on_hand=2)
        order = placed_order((variant, 2), payment="demo_card").order
        late = timezone.now() + timedelta(minutes=31)
        give_up = partial(submit, reverse("storefront:modify_order", args=[order.access_token]), {})
        expire = partial(expire_unpaid, now=late)
        results = race(give_up, expire, give_up, expire)
        assert of_kind(results, Exception) == []
        order.refresh_from_db()
        assert order.status in (Order.Status.CANCELLED, Order.Status.EXPIRED)
        assert Stock.objects.values_list("on_hand", "reserved").get(variant=variant) == (2, 0)
        lines = BasketLine.objects.filter(basket__status="OPEN", variant=variant)
        assert [line.quantity for line in lines] == [2]
        assert check_books() == []


def test_giving_up_eight_times_at_once_makes_one_basket():
    variant = VariantFactory(on_hand=5)
    order = placed_order((variant, 2), payment="demo_card").order
    answers = race(*[partial(submit, reverse("storefront:modify_order", args=[order.access_token]), {})] * 8)
    assert {answer["Location"] for answer in answers} == {reverse("storefront:basket")}
    [key] = {answer.cookies["panier"].value for answer in answers}
    assert Basket.objects.get(key=key).lines.get().quantity == 2
    assert emails_about(order).filter(kind=OrderEmail.CANCELLED).count() == 1
    assert check_books() == []
