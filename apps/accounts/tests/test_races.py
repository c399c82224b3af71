"""Concurrent changes of one address book; each test fails without the lock on the account's row."""

import pytest
from django.utils import timezone

from apps.accounts import services
from apps.accounts.models import Address
from apps.accounts.tests.factories import AddressFactory, UserFactory
from apps.common.tests.races import of_kind, race

pytestmark = [pytest.mark.mysql, pytest.mark.django_db(transaction=True)]


def test_addresses_added_at_once_leave_one_default():
    user = UserFactory()

    def add():
        services.save_address(user=user, address=AddressFactory.build(user=user), now=timezone.now())

    assert not of_kind(race(*[add] * 6), Exception)
    assert Address.objects.of(user).count() == 6
    assert Address.objects.of(user).filter(is_default=True).count() == 1


def test_an_address_book_never_exceeds_its_size():
    user = UserFactory()
    AddressFactory.create_batch(services.MAX_ADDRESSES - 1, user=user)

    def add():
        services.save_address(user=user, address=AddressFactory.build(user=user), now=timezone.now())

    assert len(of_kind(race(*[add] * 6), services.TooManyAddresses)) == 5
    assert Address.objects.of(user).count() == services.MAX_ADDRESSES


def test_addresses_deleted_at_once_leave_one_default():
    user = UserFactory()
    first, *others = AddressFactory.create_batch(4, user=user)
    Address.objects.filter(pk=first.pk).update(is_default=True)
    doomed = [first, *others[:2]]

    def delete(address):
        return lambda: services.delete_address(user=user, address_id=address.pk, now=timezone.now())

    assert race(*map(delete, doomed)) == [True, True, True]
    assert Address.objects.of(user).filter(is_default=True).count() == 1
