"""Races between a purchase and an erasure, a stock count or an import, on a real MySQL server."""

from functools import partial

import pytest
from django.utils import timezone

from apps.accounts.tests.factories import UserFactory
from apps.basket.models import Basket
from apps.catalogue.models import Stock, StockMovement
from apps.catalogue.services.stock import StockMoved, correct_stock, count_stocks
from apps.catalogue.tests.factories import VariantFactory
from apps.checkout import personal_data, services
from apps.checkout.tests.factories import ready_basket
from apps.checkout.tests.test_races import figures, place
from apps.common.tests.races import race
from apps.orders.models import Order

pytestmark = [pytest.mark.mysql, pytest.mark.django_db(transaction=True)]


def customers_request(variant, user):
    basket = ready_basket((variant, 1))
    Basket.objects.filter(pk=basket.pk).update(user=user)
    basket.refresh_from_db()
    return partial(place(basket), user=user)


def test_an_account_erased_while_it_orders_has_either_its_order_or_its_end():
    for _round in range(8):
        variant, user = VariantFactory(on_hand=10), UserFactory()
        erase = partial(personal_data.erase_customer, user=user, now=timezone.now())
        placed, erased = race(customers_request(variant, user), erase)
        user.refresh_from_db()
        if isinstance(placed, services.PlacedOrder):
            assert isinstance(erased, personal_data.OpenOrders)
            assert user.erased_at is None
            assert Order.objects.get(user=user).pk == placed.order.pk
        else:
            assert isinstance(placed, services.BasketClosed), placed
            assert erased is None
            assert user.erased_at
            assert not Order.objects.filter(user=user).exists()
    assert services.check_books() == []


@pytest.mark.parametrize("counted", ["by_hand", "imported"])
def test_a_sale_during_a_count_is_in_the_books(counted):
    for _round in range(8):
        variant = VariantFactory(on_hand=10)
        now = timezone.now()
        if counted == "by_hand":
            count = partial(
                correct_stock,
                variant=variant,
                on_hand=12,
                expected=10,
                reason=StockMovement.Reason.CORRECTION,
                note="",
                author=None,
                now=now,
            )
        else:
            count = partial(count_stocks, counts={variant.pk: 12}, author=None, now=now)
        basket = ready_basket((variant, 3), payment="on_collection")
        placed, counting = race(place(basket), count)
        assert isinstance(placed, services.PlacedOrder)
        on_hand, reserved = figures(variant)
        assert reserved == 0
        if isinstance(counting, StockMoved):
            assert on_hand == 7
        elif counted == "by_hand":
            assert on_hand == 9
        else:
            assert on_hand in (9, 12)
        assert Stock.objects.get(variant=variant).movements.filter(reason="SALE").count() == 1
    assert services.check_books() == []
