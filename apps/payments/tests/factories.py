from datetime import timedelta
from decimal import Decimal

import factory
from django.utils import timezone

from apps.orders.tests.factories import OrderFactory
from apps.payments.models import Dispute, Payment, Payout, PayoutLine


class PaymentFactory(factory.django.DjangoModelFactory):
    """An attempt by bank transfer that waits for its money."""

    class Meta:
        model = Payment

    order = factory.SubFactory(OrderFactory)
    gateway = "bank_transfer"
    key = factory.Sequence(lambda n: f"key-{n:08}")
    amount = factory.LazyAttribute(lambda payment: payment.order.total if payment.order else Decimal("29.90"))


class DisputeFactory(factory.django.DjangoModelFactory):
    """The customer contests all of a payment by card; nine days are left to answer."""

    class Meta:
        model = Dispute

    payment = factory.SubFactory(
        PaymentFactory, gateway="stripe", status="CAPTURED", captured_at=factory.LazyFunction(timezone.now)
    )
    reference = factory.Sequence(lambda n: f"dp_{n:08}")
    status = Dispute.Status.NEEDS_RESPONSE
    amount = factory.LazyAttribute(lambda dispute: dispute.payment.amount)
    reason = "fraudulent"
    opened_at = factory.LazyFunction(timezone.now)
    recorded_at = factory.LazyAttribute(lambda dispute: dispute.opened_at)
    asked_at = factory.LazyAttribute(lambda dispute: dispute.opened_at)
    answer_by = factory.LazyAttribute(lambda dispute: dispute.opened_at + timedelta(days=9))


class PayoutFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Payout

    gateway = "stripe"
    reference = factory.Sequence(lambda n: f"po_{n:08}")
    status = Payout.Status.PAID
    amount = Decimal("29.50")
    fees = Decimal("0.40")
    initiated_at = factory.LazyFunction(timezone.now)
    arrival_date = factory.LazyFunction(timezone.localdate)
    recorded_at = factory.LazyAttribute(lambda payout: payout.initiated_at)
    paid_at = factory.LazyAttribute(lambda payout: payout.initiated_at)
    itemised_at = factory.LazyAttribute(lambda payout: payout.initiated_at)


class PayoutLineFactory(factory.django.DjangoModelFactory):
    """A payment that the shop does not know."""

    class Meta:
        model = PayoutLine

    payout = factory.SubFactory(PayoutFactory)
    reference = factory.Sequence(lambda n: f"txn_{n:08}")
    kind = PayoutLine.Kind.PAYMENT
    amount = Decimal("29.90")
    fee = Decimal("0.40")
    net = Decimal("29.50")
    happened_at = factory.LazyFunction(timezone.now)
    source = factory.Sequence(lambda n: f"ch_{n:08}")
