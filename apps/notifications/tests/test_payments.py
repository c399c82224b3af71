"""E-mails to the team about disputes, and about refunds made at the provider."""

import pytest
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.common.formats import day
from apps.common.models import OutboxEmail
from apps.common.outbox import compose
from apps.payments.emails import PaymentEmail
from apps.payments.models import Refund
from apps.payments.tests.factories import DisputeFactory, PaymentFactory

pytestmark = pytest.mark.django_db


def email(kind: PaymentEmail, object_id: int, user, language: str = "fr") -> OutboxEmail:
    return OutboxEmail(key="k", kind=kind, object_id=object_id, occasion=str(user.pk), language=language)


@pytest.fixture
def owner():
    return StaffFactory(is_superuser=True)


@pytest.mark.parametrize(("language", "word"), [("fr", "preuves"), ("en", "evidence")])
def test_a_dispute_names_the_last_day_for_evidence(owner, language, word):
    dispute = DisputeFactory(withdrawn="10.00")
    message = compose(email(PaymentEmail.DISPUTE, dispute.pk, owner, language))
    assert message.to == [owner.email]
    assert dispute.payment.order.number in message.subject
    assert word in message.body
    assert f"/payments/dispute/{dispute.pk}/" in message.body
    assert str(timezone.localtime(dispute.answer_by).day) in message.subject


def test_each_state_has_its_sentence(owner):
    subjects = set()
    for status in ("UNDER_REVIEW", "WON", "LOST", "CLOSED"):
        dispute = DisputeFactory(status=status)
        message = compose(email(PaymentEmail.DISPUTE, dispute.pk, owner))
        assert day(dispute.answer_by) not in message.subject
        assert dispute.payment.order.number in message.body
        subjects.add(message.subject.rsplit(" ", 1)[1])
    assert len(subjects) == 4
    inquiry = DisputeFactory(is_inquiry=True)
    assert "question" in compose(email(PaymentEmail.DISPUTE, inquiry.pk, owner)).body


def test_nobody_is_reminded_of_an_answered_one_or_without_the_right(owner):
    dispute = DisputeFactory()
    assert compose(email(PaymentEmail.DISPUTE_REMINDER, dispute.pk, owner)) is not None
    assert compose(email(PaymentEmail.DISPUTE_REMINDER, dispute.pk, StaffFactory())) is None
    dispute.status = dispute.Status.UNDER_REVIEW
    dispute.save()
    assert compose(email(PaymentEmail.DISPUTE_REMINDER, dispute.pk, owner)) is None


def test_a_refund_at_the_provider_says_what_is_left_to_do(owner):
    payment = PaymentFactory(gateway="stripe", status="CAPTURED", captured_at=timezone.now())
    refund = Refund.objects.create(payment=payment, key="r1", amount="7.00", status="DONE", is_from_provider=True)
    message = compose(email(PaymentEmail.REFUND_ELSEWHERE, refund.pk, owner))
    assert payment.order.number in message.subject
    assert "stock" in message.body
    assert compose(email(PaymentEmail.REFUND_ELSEWHERE, refund.pk, StaffFactory())) is None
