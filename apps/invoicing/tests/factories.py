"""Sales that were paid, and what of them was given back."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone

from apps.common.money import ZERO, vat_included, vat_per_rate
from apps.invoicing.services import close_ended, issue_missing
from apps.orders.models import Order
from apps.orders.tests.factories import OrderFactory, OrderLineFactory
from apps.payments.models import Payment, Refund
from apps.payments.tests.factories import PaymentFactory

Goods = tuple[str, int, str]
_keys = count(1)
OCTOBER = datetime(2026, 10, 5, 9, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 3, 9, tzinfo=UTC)


def sale(*goods: Goods, delivery: str = "4.90", now=None, paid: bool = True, **fields: Any) -> Order:
    """An order of (unit price, quantity, rate) that was paid by transfer; two jars at 12,50 € unless told otherwise."""
    now = now or timezone.now()
    lines = [(Decimal(price), pieces, Decimal(rate)) for price, pieces, rate in goods or [("12.50", 2, "5.5")]]
    amounts = vat_per_rate(
        [(rate, price * pieces, vat_included(gross=price * pieces, rate=rate)) for price, pieces, rate in lines],
        delivery=Decimal(delivery),
    )
    items = sum((price * pieces for price, pieces, _rate in lines), ZERO)
    values = {
        "items_total": items,
        "delivery_total": Decimal(delivery),
        "total": items + Decimal(delivery),
        "vat_total": sum((each.vat for each in amounts), ZERO),
        "placed_at": now,
        "status": Order.Status.CONFIRMED if paid else Order.Status.AWAITING_PAYMENT,
        "paid_at": now if paid else None,
    }
    order = OrderFactory(lines=[], **values | fields)
    for position, (price, pieces, rate) in enumerate(lines, start=1):
        OrderLineFactory(
            order=order,
            position=position,
            quantity=pieces,
            unit_price=price,
            vat_rate=rate,
            vat_amount=vat_included(gross=price * pieces, rate=rate),
        )
    if paid:
        PaymentFactory(order=order, status=Payment.Status.CAPTURED, captured_at=now, asked_at=now)
    return order


def given_back(order: Order, amount: str | Decimal, *, now=None, reason: str = "Pot cassé", payment=None) -> Refund:
    """A refund that was made."""
    now = now or timezone.now()
    payment = payment or order.payments.captured().order_by("pk").first()
    payment.refunded += Decimal(amount)
    payment.save()
    return Refund.objects.create(
        payment=payment,
        key=f"given-back-{next(_keys)}-{order.pk}",
        amount=Decimal(amount),
        status=Refund.Status.DONE,
        reason=reason,
        created_at=now,
        asked_at=now,
        done_at=now,
    )


def closed_october() -> None:
    """Five documents of two days in October, closed with their month on 3 November."""
    orders = [sale(("12.50", each + 1, "5.5"), ("7.00", 1, "20.0"), now=OCTOBER) for each in range(4)]
    issue_missing(now=OCTOBER, everything=True)
    given_back(orders[1], "9.00", now=OCTOBER + timedelta(days=1))
    issue_missing(now=OCTOBER + timedelta(days=1), everything=True)
    close_ended(now=NOVEMBER)
