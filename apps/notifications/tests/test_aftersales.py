"""E-mails about withdrawals: to the customer with content, date and time, to the team what is due."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.tests.factories import StaffFactory
from apps.aftersales.emails import AfterSalesEmail
from apps.aftersales.models import Withdrawal
from apps.aftersales.tests.factories import WithdrawalFactory
from apps.common.models import OutboxEmail
from apps.common.outbox import compose
from apps.orders.tests.factories import OrderEmailFactory, OrderFactory

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 12, 1, 22, 5, tzinfo=UTC)


def email(kind: AfterSalesEmail, withdrawal: Withdrawal, *, to: User | None = None, language: str = "fr"):
    return OutboxEmail(
        kind=kind, key="k", object_id=withdrawal.pk, occasion=str(to.pk) if to else "", language=language
    )


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", ["1 décembre 2026 à 23 h 05", "15 décembre 2026", "12,50 €", "1 × Miel de lavande (Pot de 250 g)"]),
        ("en", ["1 December 2026 at 11:05 pm", "15 December 2026", "€12.50", "1 × Miel de lavande (Pot de 250 g)"]),
    ],
)
def test_the_acknowledgement_has_content_date_and_time(language, expected):
    withdrawal = WithdrawalFactory(declared_at=AT)
    message = compose(email(AfterSalesEmail.ACKNOWLEDGEMENT, withdrawal, language=language))
    assert message.to == ["camille@exemple.fr"]
    for text in (message.body, message.alternatives[0].content):
        plain = text.replace("\u00a0", " ").replace("\u202f", " ")
        assert [words for words in [*expected, "Camille Martin", withdrawal.order.number] if words not in plain] == []


def test_who_was_erased_meanwhile_gets_none():
    withdrawal = WithdrawalFactory(email="")
    assert compose(email(AfterSalesEmail.ACKNOWLEDGEMENT, withdrawal)) is None


def test_the_team_reads_what_is_due_until_when():
    colleague = StaffFactory(is_superuser=True)
    withdrawal = WithdrawalFactory(declared_at=AT)
    for kind in (AfterSalesEmail.TEAM, AfterSalesEmail.REMINDER):
        message = compose(email(kind, withdrawal, to=colleague))
        assert message.to == [colleague.email]
        for words in (withdrawal.order.number, "15 décembre 2026", "12,50", f"/withdrawal/{withdrawal.pk}/"):
            assert words in message.subject + message.body


def test_no_reminder_of_what_is_settled_and_nothing_for_who_may_not_handle_it():
    colleague, other = StaffFactory(is_superuser=True), StaffFactory()
    withdrawal = WithdrawalFactory(status="REFUNDED", settled_at=timezone.now())
    assert compose(email(AfterSalesEmail.REMINDER, withdrawal, to=colleague)) is None
    assert compose(email(AfterSalesEmail.TEAM, withdrawal, to=colleague)) is not None
    assert compose(email(AfterSalesEmail.TEAM, withdrawal, to=other)) is None


@pytest.mark.parametrize(("days", "offered"), [(1, True), (60, False)])
def test_e_mails_about_an_order_lead_there_while_the_period_is_open(days, offered):
    closed_at = timezone.now() - timedelta(days=days)
    order = OrderFactory(status="DELIVERED", paid_at=closed_at, closed_at=closed_at)
    message = compose(OrderEmailFactory(order=order, kind="order_confirmed"))
    for text in (message.body, message.alternatives[0].content):
        assert (f"/renoncer-au-contrat/{order.access_token}/" in text) is offered
