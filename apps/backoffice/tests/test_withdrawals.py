"""Withdrawals in the back office: what is due until when, and the marks of staff."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.aftersales.models import Withdrawal
from apps.aftersales.tests.factories import WithdrawalFactory
from apps.backoffice.services.groups import sync_groups
from apps.payments.tests.factories import PaymentFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff(client):
    sync_groups()
    user = StaffFactory()
    user.groups.add(Group.objects.get(name="Commandes"))
    client.force_login(user)
    return user


def press(client, withdrawal, verb):
    return client.post(reverse("admin:aftersales_withdrawal_verb", args=[withdrawal.pk, verb]), follow=True)


def page(client, withdrawal) -> str:
    return client.get(reverse("admin:aftersales_withdrawal_change", args=[withdrawal.pk])).content.decode()


def test_from_the_return_over_the_refund_to_the_end(client, staff):
    withdrawal = WithdrawalFactory()
    PaymentFactory(order=withdrawal.order, status="CAPTURED", captured_at=timezone.now())
    assert "12,50" in page(client, withdrawal)
    press(client, withdrawal, "goods")
    assert "aucun remboursement" in press(client, withdrawal, "refunded").content.decode()
    refund = reverse("admin:orders_order_verb", args=[withdrawal.order_id, "refund"])
    assert refund in page(client, withdrawal)
    proposed = client.get(refund).context["form"].initial
    assert proposed["amount"] == Decimal("12.50")
    client.post(refund, proposed)
    press(client, withdrawal, "refunded")
    assert Withdrawal.objects.get().status == "REFUNDED"
    assert client.get(refund).context["form"].initial["amount"] == Decimal("17.40")
    assert refund not in page(client, withdrawal)
    press(client, withdrawal, "goods")
    assert Withdrawal.objects.get().status == "REFUNDED"


def test_the_order_s_own_page_shows_it_to_who_might_send_the_goods(client, staff):
    withdrawal, other = WithdrawalFactory(), WithdrawalFactory()
    text = client.get(reverse("admin:orders_order_change", args=[withdrawal.order_id])).content.decode()
    for visible, each in ((True, withdrawal), (False, other)):
        assert (reverse("admin:aftersales_withdrawal_change", args=[each.pk]) in text) is visible
    history = client.get(reverse("admin:aftersales_withdrawal_history", args=[withdrawal.pk]))
    assert history.url.startswith(reverse("admin:orders_order_change", args=[withdrawal.order_id]))


def test_what_is_not_offered_is_refused_and_a_look_marks_nothing(client, staff):
    withdrawal = WithdrawalFactory()
    client.get(reverse("admin:aftersales_withdrawal_verb", args=[withdrawal.pk, "goods"]))
    assert press(client, withdrawal, "elsewhere").status_code == 404
    assert Withdrawal.objects.get().status == "AWAITING_GOODS"


def test_the_list_costs_the_same_with_thirty_and_shows_what_is_still_due(client, staff, django_assert_max_num_queries):
    url = reverse("admin:aftersales_withdrawal_changelist")
    settled = WithdrawalFactory(status="REFUNDED", settled_at=timezone.now(), name="Ancienne")
    for count in (3, 30):
        WithdrawalFactory.create_batch(count)
        with django_assert_max_num_queries(8):
            text = client.get(url, {"open": "1"}).content.decode()
    assert settled.name not in text
    assert settled.name in client.get(url).content.decode()
