"""What is known of somebody who withdrew from an order: handed over, erased once nothing is due any more."""

from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory, UserFactory
from apps.aftersales.models import Withdrawal
from apps.aftersales.tests.factories import WithdrawalFactory
from apps.checkout import personal_data
from apps.orders.tests.factories import OrderFactory
from apps.payments.models import Dispute
from apps.payments.tests.factories import DisputeFactory

pytestmark = pytest.mark.django_db(transaction=True)


def withdrawn(**fields) -> Withdrawal:
    now = timezone.now()
    return WithdrawalFactory(order=OrderFactory(status="DELIVERED", paid_at=now, closed_at=now, **fields))


def settle() -> None:
    Withdrawal.objects.update(status="REFUNDED", settled_at=timezone.now())


def nothing_personal_left() -> bool:
    return not Withdrawal.objects.exclude(name="", email="").exists()


def test_a_customer_takes_it_along_and_is_erased_once_it_is_refunded():
    user, now = UserFactory(), timezone.now()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    withdrawal, _other = withdrawn(user=user), withdrawn()
    [found] = personal_data.collect_customer(user=user, now=now)["withdrawals"]
    assert (found["order"], found["lines"][0]["quantity"]) == (withdrawal.order.number, 1)
    with pytest.raises(personal_data.OpenOrders) as refused:
        personal_data.erase_customer(user=user, now=now)
    assert refused.value.details["numbers"] == [withdrawal.order.number]
    settle()
    personal_data.erase_customer(user=user, now=now)
    withdrawal.refresh_from_db()
    assert (withdrawal.name, withdrawal.email, withdrawal.items_total > 0) == ("", "", True)
    assert Withdrawal.objects.exclude(name="").count() == 1


@pytest.mark.parametrize("asked_with", ["camille@exemple.fr", "autre@exemple.fr"])
def test_a_guest_is_found_by_the_order_s_address_and_by_the_acknowledgement_s(asked_with):
    staff, now = StaffFactory(), timezone.now()
    withdrawal = withdrawn()
    Withdrawal.objects.update(email="autre@exemple.fr")
    assert len(personal_data.collect_person(email=asked_with, by=staff, now=now).withdrawals) == 1
    with pytest.raises(personal_data.OpenOrders) as refused:
        personal_data.erase_person(email=asked_with, by=staff, now=now)
    assert refused.value.details["numbers"] == [withdrawal.order.number]
    settle()
    personal_data.erase_person(email=asked_with, by=staff, now=now)
    assert nothing_personal_left()
    assert not personal_data.collect_person(email=asked_with, by=staff, now=now).withdrawals


def test_whoever_disputes_a_payment_is_erased_once_it_is_decided():
    user, now = UserFactory(), timezone.now()
    order = OrderFactory(status="DELIVERED", paid_at=now, closed_at=now, user=user)
    guest = OrderFactory(status="DELIVERED", paid_at=now, closed_at=now)
    for each in (order, guest):
        DisputeFactory(payment__order=each)
    staff = StaffFactory()
    for erase, number in (
        (partial(personal_data.erase_customer, user=user, now=now), order.number),
        (partial(personal_data.erase_person, email=guest.email, by=staff, now=now), guest.number),
    ):
        with pytest.raises(personal_data.OpenOrders) as refused:
            erase()
        assert refused.value.details["numbers"] == [number]
    Dispute.objects.update(status="LOST")
    personal_data.erase_customer(user=user, now=now)
    personal_data.erase_person(email=guest.email, by=staff, now=now)
