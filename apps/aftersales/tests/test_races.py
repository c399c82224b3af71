"""Two browsers at once, on a real MySQL server."""

import uuid
from functools import partial

import pytest
from django.db.models import Sum
from django.utils import timezone

from apps.aftersales import services
from apps.aftersales.models import Withdrawal, WithdrawalLine
from apps.aftersales.tests.test_declare import declare, delivered
from apps.common.tests.races import of_kind, race
from apps.orders.services import TransitionRefused

pytestmark = [pytest.mark.mysql, pytest.mark.django_db(transaction=True)]


def test_two_browsers_withdraw_the_same_pieces_once():
    for _round in range(6):
        order = delivered()
        line = order.lines.get()
        results = race(*[partial(declare, order, (line, 2)) for _browser in range(4)])
        assert len(of_kind(results, Withdrawal)) == 1
        assert len(of_kind(results, services.WithdrawalRefused)) == 3
        assert WithdrawalLine.objects.filter(order_line=line).aggregate(n=Sum("quantity"))["n"] == 2


def test_a_double_click_declares_once():
    for _round in range(6):
        order, key = delivered(), uuid.uuid4()
        line = order.lines.get()
        first, second = race(*[partial(declare, order, (line, 1), key=key) for _click in range(2)])
        assert first == second == Withdrawal.objects.get(order=order)


def test_goods_are_received_once():
    order = delivered()
    withdrawal = declare(order, (order.lines.get(), 1))
    moved = race(
        *[
            partial(services.receive_goods, withdrawal=withdrawal, by=None, now=timezone.now())
            for _colleague in range(3)
        ]
    )
    assert len(of_kind(moved, Withdrawal)) == 1
    assert len(of_kind(moved, TransitionRefused)) == 2
