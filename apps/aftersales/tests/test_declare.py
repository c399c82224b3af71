"""A declaration: its pieces, the refund, the notifications."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.aftersales import services
from apps.aftersales.models import Withdrawal, WithdrawalLine
from apps.aftersales.offer import offered_lines
from apps.aftersales.tests.factories import WithdrawalFactory
from apps.catalogue.models.withdrawal import WithdrawalException
from apps.catalogue.tests.factories import VariantFactory
from apps.common.models import OutboxEmail
from apps.delivery.tests.factories import DeliveryMethodFactory
from apps.orders.models import Order
from apps.orders.tests.factories import OrderFactory, OrderLineFactory
from apps.payments.tests.factories import PaymentFactory

pytestmark = pytest.mark.django_db(transaction=True)
Status = Withdrawal.Status
# With nobody in the team; the acknowledgement is sent among them.
QUERIES = 18


def delivered(**fields) -> Order:
    now = timezone.now()
    return OrderFactory(**{"status": "DELIVERED", "paid_at": now, "closed_at": now, **fields})


def declare(order, *pieces, key=None, now=None, **fields) -> Withdrawal:
    return services.declare_withdrawal(
        order=order,
        key=key or uuid.uuid4(),
        pieces={line.pk: count for line, count in pieces},
        **{"name": "Camille Martin", "email": "camille@exemple.fr", "language": "fr", **fields},
        now=now or timezone.now(),
    )


def refusal(order, *pieces, **fields) -> services.WithdrawalRefused:
    before = WithdrawalLine.objects.count(), OutboxEmail.objects.count(), order.events.count()
    with pytest.raises((services.WithdrawalRefused, services.WithdrawalOver)) as refused:
        declare(order, *pieces, **fields)
    assert before == (WithdrawalLine.objects.count(), OutboxEmail.objects.count(), order.events.count())
    return refused.value


def test_owes_the_price_of_the_goods_within_fourteen_days_and_tells_everybody():
    colleague, _other = StaffFactory(is_superuser=True), StaffFactory()
    order, now = delivered(), timezone.now()
    withdrawal = declare(order, (order.lines.get(), 1), now=now)
    assert (withdrawal.items_total, withdrawal.delivery_total) == (Decimal("12.50"), Decimal("0.00"))
    assert (withdrawal.status, withdrawal.refund_due_at) == (Status.AWAITING_GOODS, now + timedelta(days=14))
    emails = set(OutboxEmail.objects.values_list("kind", "object_id", "occasion"))
    assert emails == {
        ("withdrawal_acknowledgement", withdrawal.pk, ""),
        ("withdrawal_team", withdrawal.pk, str(colleague.pk)),
    }
    assert "1 × Miel de lavande" in order.events.get().note


def test_the_whole_order_brings_back_its_delivery_also_in_two_declarations():
    order = delivered()
    line = order.lines.get()
    assert declare(order, (line, 1)).delivery_total == 0
    assert declare(order, (line, 1)).delivery_total == order.delivery_total
    assert services.check_withdrawals() == []


def test_a_dearer_delivery_than_the_standard_one_comes_back_as_the_standard():
    DeliveryMethodFactory(code="standard", brackets={30000: "3.10"})
    DeliveryMethodFactory(code="express", brackets={30000: "4.90"})
    order = delivered(lines=[])
    line = OrderLineFactory(order=order, variant=VariantFactory())
    assert declare(order, (line, 2)).delivery_total == Decimal("3.10")


@pytest.mark.parametrize(
    ("status", "first"),
    [("CONFIRMED", "NOTHING_SENT"), ("READY", "NOTHING_SENT"), ("SHIPPED", "AWAITING_GOODS")],
)
def test_before_the_delivery_there_may_be_nothing_to_send_back(status, first):
    order = delivered(status=status, closed_at=None)
    assert declare(order, (order.lines.get(), 2)).status == first


def test_a_repeat_of_the_form_makes_nothing_twice_also_after_the_period():
    order, key = delivered(), uuid.uuid4()
    line = order.lines.get()
    first = declare(order, (line, 1), key=key)
    later = timezone.now() + timedelta(days=60)
    assert declare(order, (line, 1), key=key, now=later) == first
    assert WithdrawalLine.objects.count() == OutboxEmail.objects.count() == order.events.count() == 1


def test_the_same_form_key_with_another_order_is_another_declaration():
    key = uuid.uuid4()
    orders = [delivered(), delivered()]
    declared = [declare(order, (order.lines.get(), 1), key=key) for order in orders]
    assert [each.order for each in declared] == orders


def test_refuses_more_than_is_left_nothing_and_what_is_not_of_the_order():
    order = delivered()
    line = order.lines.get()
    declare(order, (line, 1))
    assert refusal(order, (line, 2)).details["left"] == 1
    assert refusal(order).code == "withdrawal_refused"
    refusal(order, (line, 0))
    refusal(order, (line, -1))
    refusal(order, (delivered().lines.get(), 1))


@pytest.mark.parametrize("exception", [value for value in WithdrawalException.values if value])
def test_excepted_goods_are_refused_with_the_reason_and_sealed_ones_are_not(exception):
    order = delivered(lines=[])
    line = OrderLineFactory(order=order, withdrawal_exception=exception)
    [offered] = offered_lines(order)
    if exception in ("HYGIENE", "RECORDING"):
        assert (offered.left, offered.is_sealed) == (2, True)
        assert declare(order, (line, 2)).delivery_total == order.delivery_total
    else:
        assert (offered.left, offered.is_excepted) == (0, True)
        assert "L221-28" in refusal(order, (line, 1)).message


def test_the_delivery_stays_paid_while_excepted_goods_are_kept():
    order = delivered(lines=[])
    OrderLineFactory(order=order, withdrawal_exception="PERISHABLE")
    assert declare(order, (OrderLineFactory(order=order), 2)).delivery_total == 0


def test_a_late_declaration_is_refused_with_the_date():
    order = delivered(closed_at=timezone.now() - timedelta(days=30))
    error = refusal(order, (order.lines.get(), 1))
    assert (error.code, str(error.details["last_day"].year) in error.message) == ("withdrawal_over", True)


@pytest.mark.parametrize("status", ["CANCELLED", "EXPIRED"])
def test_an_order_that_has_ended_has_no_contract_left(status):
    order = delivered(status=status)
    assert refusal(order, (order.lines.get(), 1)).details["last_day"] is None


def test_costs_the_same_with_thirty_lines(django_assert_num_queries):
    for count in (3, 30):
        order = delivered(lines=[])
        lines = [OrderLineFactory(order=order, variant=VariantFactory()) for _ in range(count)]
        with django_assert_num_queries(QUERIES):
            declare(order, *[(line, 1) for line in lines])


def test_the_database_knows_the_rules_too():
    withdrawal = WithdrawalFactory()
    line = withdrawal.lines.get()
    wrong = [
        lambda: WithdrawalLine.objects.filter(pk=line.pk).update(quantity=0),
        lambda: WithdrawalLine.objects.create(withdrawal=withdrawal, order_line=line.order_line, quantity=1),
        lambda: WithdrawalFactory(order=withdrawal.order, key=withdrawal.key, lines=[]),
        lambda: Withdrawal.objects.update(status="REFUNDED"),
        lambda: Withdrawal.objects.update(settled_at=timezone.now()),
        lambda: Withdrawal.objects.update(status="GOODS_RECEIVED"),
        lambda: Withdrawal.objects.update(status="PROOF_RECEIVED"),
    ]
    for write in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


def test_the_books_find_what_was_changed_by_hand():
    withdrawal = WithdrawalFactory()
    assert services.check_withdrawals() == []
    withdrawal.lines.update(quantity=3)
    assert len(services.check_withdrawals()) == 2
    withdrawal.lines.update(quantity=1, order_line=PaymentFactory().order.lines.get())
    assert len(services.check_withdrawals()) == 1
