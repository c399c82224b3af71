from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.tests.factories import UserFactory
from apps.basket.models import Basket
from apps.basket.tasks import purge_baskets
from apps.basket.tests.factories import BasketFactory, CheckoutDetailsFactory

pytestmark = pytest.mark.django_db


def aged(days, **fields):
    basket = BasketFactory(**fields)
    CheckoutDetailsFactory(basket=basket)
    Basket.objects.filter(pk=basket.pk).update(updated_at=timezone.now() - timedelta(days=days))
    return basket


def test_deletes_what_nobody_comes_back_to():
    remaining = [
        aged(80),
        aged(300, user=UserFactory()),
        aged(5, status=Basket.Status.ORDERED),
    ]
    aged(91)
    aged(400, user=UserFactory())
    aged(8, status=Basket.Status.ORDERED)
    aged(8, status=Basket.Status.MERGED)
    assert purge_baskets() == 4
    assert list(Basket.objects.order_by("pk")) == remaining
