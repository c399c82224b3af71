import uuid
from datetime import timedelta
from decimal import Decimal

import factory
from django.utils import timezone

from apps.common.models import OutboxEmail
from apps.orders.emails import OrderEmail
from apps.orders.models import Order, OrderLine, OrderNotification


class OrderFactory(factory.django.DjangoModelFactory):
    """A guest's order of two jars at 12,50 € with delivery at 4,90 €, waiting for its bank transfer."""

    class Meta:
        model = Order
        skip_postgeneration_save = True

    basket_key = factory.LazyFunction(uuid.uuid4)
    email = "camille@exemple.fr"
    recipient = "Camille Martin"
    line1 = "12 rue des Halles"
    postcode = "69002"
    city = "Lyon"
    items_total = Decimal("25.00")
    delivery_total = Decimal("4.90")
    total = Decimal("29.90")
    vat_total = Decimal("1.56")
    delivery_method = "domicile"
    delivery_kind = "HOME"
    delivery_name = "Livraison à domicile"
    payment_method = "bank_transfer"
    terms_version = "2026-11"
    terms_accepted_at = factory.LazyFunction(timezone.now)
    placed_at = factory.LazyFunction(timezone.now)
    hold_expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))

    @factory.post_generation
    def lines(self, create, extracted, **kwargs):
        if create and extracted is None:
            OrderLineFactory(order=self)


class OrderLineFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OrderLine

    order = factory.SubFactory(OrderFactory, lines=[])
    position = factory.Sequence(lambda n: n)
    product_name = "Miel de lavande"
    variant_label = "Pot de 250 g"
    sku = "MIEL-250"
    quantity = 2
    unit_price = Decimal("12.50")
    total = factory.LazyAttribute(lambda line: line.unit_price * line.quantity)
    vat_rate = Decimal("5.5")
    vat_amount = Decimal("1.30")


class OrderEmailFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OutboxEmail

    class Params:
        order = factory.SubFactory(OrderFactory)

    key = factory.Sequence(lambda n: f"order-email-{n}")
    kind = OrderEmail.PLACED
    object_id = factory.SelfAttribute("order.pk")
    language = factory.SelfAttribute("order.language")


class NotificationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OrderNotification

    order = factory.SubFactory(OrderFactory)
    kind = OrderNotification.Kind.PLACED
