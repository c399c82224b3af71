import uuid
from datetime import timedelta
from decimal import Decimal

import factory
from django.utils import timezone

from apps.aftersales.models import Withdrawal, WithdrawalLine
from apps.orders.tests.factories import OrderFactory


class WithdrawalFactory(factory.django.DjangoModelFactory):
    """One of the two jars of a delivered order, whose return is awaited."""

    class Meta:
        model = Withdrawal
        skip_postgeneration_save = True

    order = factory.SubFactory(
        OrderFactory, status="DELIVERED", paid_at=factory.LazyFunction(timezone.now), closed_at=timezone.now()
    )
    key = factory.LazyFunction(uuid.uuid4)
    status = Withdrawal.Status.AWAITING_GOODS
    name = "Camille Martin"
    email = "camille@exemple.fr"
    language = "fr"
    items_total = Decimal("12.50")
    delivery_total = Decimal("0.00")
    declared_at = factory.LazyFunction(timezone.now)
    refund_due_at = factory.LazyAttribute(lambda each: each.declared_at + timedelta(days=14))

    @factory.post_generation
    def lines(self, create, extracted, **kwargs):
        if create and extracted is None:
            WithdrawalLine.objects.create(withdrawal=self, order_line=self.order.lines.first(), quantity=1)
