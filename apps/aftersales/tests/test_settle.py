"""From a declaration to its refund, and the reminder before it is late."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.aftersales import services
from apps.aftersales.models import Withdrawal
from apps.aftersales.retention import NAME_RETENTION, anonymise_withdrawals
from apps.aftersales.tests.factories import WithdrawalFactory
from apps.common.models import OutboxEmail
from apps.orders.services import TransitionRefused
from apps.payments.models import Payment, Refund
from apps.payments.services import refund
from apps.payments.tests.factories import PaymentFactory

pytestmark = pytest.mark.django_db(transaction=True)
Status = Withdrawal.Status
VERBS = {
    Status.PROOF_RECEIVED: services.receive_proof,
    Status.GOODS_RECEIVED: services.receive_goods,
    Status.REFUNDED: services.mark_refunded,
    Status.NOTHING_DUE: services.mark_nothing_due,
}


def withdrawal_as(status: str) -> Withdrawal:
    now = timezone.now()
    dates = {
        "GOODS_RECEIVED": {"goods_received_at": now},
        "PROOF_RECEIVED": {"proof_received_at": now},
        "REFUNDED": {"settled_at": now},
        "NOTHING_DUE": {"settled_at": now},
    }
    return WithdrawalFactory(status=status, **dates.get(status, {}))


def paid(withdrawal: Withdrawal) -> Payment:
    return PaymentFactory(order=withdrawal.order, status="CAPTURED", captured_at=timezone.now())


def give_back(payment: Payment, amount: str) -> Refund:
    return refund(payment=payment, amount=Decimal(amount), reason="", by=None, key=f"k-{amount}", now=timezone.now())


@pytest.mark.parametrize("to", VERBS)
@pytest.mark.parametrize("status", Status.values)
def test_each_verb_obeys_the_table_and_otherwise_changes_nothing(status, to):
    withdrawal, staff, now = withdrawal_as(status), StaffFactory(), timezone.now()
    payment = paid(withdrawal)
    give_back(payment, "29.90" if to == Status.NOTHING_DUE else "12.50")
    before = Withdrawal.objects.values().get()
    if to in Withdrawal.TRANSITIONS[Status(status)]:
        VERBS[to](withdrawal=withdrawal, by=staff, now=now)
        assert Withdrawal.objects.get().status == to
        assert withdrawal.order.events.last().actor == staff
    else:
        with pytest.raises(TransitionRefused):
            VERBS[to](withdrawal=withdrawal, by=staff, now=now)
        assert Withdrawal.objects.values().get() == before


def test_it_is_refunded_only_where_money_went_back_and_nothing_is_due_only_where_none_is_here():
    withdrawal, now = WithdrawalFactory(), timezone.now()
    payment = paid(withdrawal)
    for verb in (services.mark_refunded, services.mark_nothing_due):
        with pytest.raises(services.WithdrawalRefused):
            verb(withdrawal=withdrawal, by=None, now=now)
    give_back(payment, "12.50")
    assert services.mark_refunded(withdrawal=withdrawal, by=None, now=now).settled_at == now


def test_what_comes_back_late_is_due_at_once_and_in_time_not_before_the_fourteenth_day():
    declared = timezone.now()
    for days in (3, 20):
        withdrawal, came = WithdrawalFactory(declared_at=declared), declared + timedelta(days=days)
        moved = services.receive_goods(withdrawal=withdrawal, by=None, now=came)
        assert moved.refund_due_at == declared + timedelta(days=max(days, 14))


def reminded() -> list[tuple[int, str]]:
    return list(OutboxEmail.objects.filter(kind="withdrawal_reminder").values_list("object_id", "occasion"))


def test_the_team_is_reminded_once_before_the_fourteenth_day_with_a_moved_clock():
    colleague, _other = StaffFactory(is_superuser=True), StaffFactory()
    declared = timezone.now()
    withdrawal, _settled = WithdrawalFactory(declared_at=declared), withdrawal_as("REFUNDED")
    assert services.remind_team(now=declared + timedelta(days=10)) == 0
    for _repeat in range(2):
        services.remind_team(now=declared + timedelta(days=11))
    assert reminded() == [(withdrawal.pk, str(colleague.pk))]
    # The goods come after the reminder: what held the refund back is gone.
    services.receive_goods(withdrawal=withdrawal, by=None, now=declared + timedelta(days=20))
    assert services.remind_team(now=declared + timedelta(days=21)) == 1
    assert len(reminded()) == 2


def test_with_nobody_to_remind_it_waits_for_whoever_comes():
    withdrawal = WithdrawalFactory(declared_at=timezone.now() - timedelta(days=12))
    assert services.remind_team(now=timezone.now()) == 0
    StaffFactory(is_superuser=True)
    assert services.remind_team(now=timezone.now()) == 1
    assert reminded()[0][0] == withdrawal.pk


def test_names_go_five_years_after_the_end_and_the_amounts_stay():
    now = timezone.now()
    old = WithdrawalFactory(status="REFUNDED", settled_at=now - NAME_RETENTION - timedelta(days=1))
    recent, unsettled = withdrawal_as("REFUNDED"), WithdrawalFactory(declared_at=now - NAME_RETENTION * 2)
    assert anonymise_withdrawals(now=now) == 1
    assert anonymise_withdrawals(now=now) == 0
    old.refresh_from_db()
    assert (old.name, old.email, old.items_total) == ("", "", Decimal("12.50"))
    assert all(Withdrawal.objects.get(pk=each.pk).name for each in (recent, unsettled))
