from decimal import Decimal

import factory

from apps.orders.tests.factories import OrderFactory
from apps.payments.models import Payment


class PaymentFactory(factory.django.DjangoModelFactory):
    """An attempt by bank transfer that waits for its money."""

    class Meta:
        model = Payment

    order = factory.SubFactory(OrderFactory)
    gateway = "bank_transfer"
    key = factory.Sequence(lambda n: f"key-{n:08}")
    amount = factory.LazyAttribute(lambda payment: payment.order.total if payment.order else Decimal("29.90"))
