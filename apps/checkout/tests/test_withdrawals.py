"""A withdrawal while its order is unpaid, prepared, or its customer erased."""

from functools import partial

import pytest
from django.utils import timezone

from apps.accounts.tests.factories import UserFactory
from apps.aftersales.models import Withdrawal
from apps.aftersales.services import WithdrawalRefused
from apps.aftersales.tests.test_declare import declare
from apps.catalogue.models import Stock
from apps.catalogue.tests.factories import VariantFactory
from apps.checkout import personal_data
from apps.checkout.services import check_books
from apps.checkout.tests.factories import placed_order
from apps.common.tests.races import race
from apps.orders.services import TransitionRefused, prepare_order
from apps.orders.tests.factories import OrderFactory
from apps.payments.models import Payment

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_unpaid_order_withdrawn_whole_is_cancelled_and_its_stock_released():
    variant = VariantFactory(on_hand=3)
    order = placed_order((variant, 2)).order
    assert Stock.objects.get(variant=variant).reserved == 2
    line = order.lines.get()
    first = declare(order, (line, 1))
    order.refresh_from_db()
    assert (order.status, first.status) == ("AWAITING_PAYMENT", "NOTHING_SENT")
    withdrawal = declare(order, (line, 1))
    order.refresh_from_db()
    assert (order.status, withdrawal.status) == ("CANCELLED", "NOTHING_DUE")
    assert Stock.objects.get(variant=variant).reserved == 0
    assert not Payment.objects.open().filter(order=order).exists()
    assert check_books() == []


@pytest.mark.mysql
def test_an_unpaid_order_is_withdrawn_or_prepared():
    """Paid on collection: the shop prepares it while its buyer changes their mind."""
    for _round in range(4):
        order = placed_order((VariantFactory(on_hand=3), 1), payment="on_collection").order
        withdrawn, prepared = race(
            partial(declare, order, (order.lines.get(), 1)),
            partial(prepare_order, order=order, by=None, now=timezone.now()),
        )
        assert isinstance(withdrawn, Withdrawal)
        assert not isinstance(prepared, Exception) or isinstance(prepared, TransitionRefused)
    assert check_books() == []


@pytest.mark.mysql
def test_a_withdrawal_while_the_account_is_erased_keeps_no_name():
    for _round in range(6):
        user, now = UserFactory(), timezone.now()
        order = OrderFactory(user=user, status="DELIVERED", paid_at=now, closed_at=now)
        withdrawn, erased = race(
            partial(declare, order, (order.lines.get(), 1)),
            partial(personal_data.erase_customer, user=user, now=now),
        )
        if isinstance(withdrawn, Withdrawal):
            assert isinstance(erased, personal_data.OpenOrders)
        else:
            assert isinstance(withdrawn, WithdrawalRefused), withdrawn
            assert erased is None
            assert not Withdrawal.objects.filter(order=order).exists()


def test_an_order_whose_customer_was_erased_takes_no_name_again():
    order = OrderFactory(status="DELIVERED", closed_at=timezone.now(), anonymised_at=timezone.now(), email="")
    with pytest.raises(WithdrawalRefused):
        declare(order, (order.lines.get(), 1))
    assert not Withdrawal.objects.exists()
