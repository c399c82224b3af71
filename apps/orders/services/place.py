"""Inserts an order, with a copy of all that was agreed, and takes its stock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import structlog

from apps.accounts.models import User
from apps.catalogue.services import stock
from apps.common.insert import insert
from apps.common.money import ZERO, vat_included, vat_per_rate
from apps.orders.emails import OrderEmail
from apps.orders.models import Order, OrderEvent, OrderLine
from apps.orders.services.notify import enqueue_email

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class DraftLine:
    """Amounts are gross euros; names are in the order's language."""

    variant_id: int
    sku: str
    ean13: str
    product_name: str
    variant_label: str
    quantity: int
    unit_price: Decimal
    reference_price: Decimal | None
    vat_rate: Decimal
    withdrawal_exception: str

    @property
    def total(self) -> Decimal:
        return self.unit_price * self.quantity

    @property
    def vat_amount(self) -> Decimal:
        return vat_included(gross=self.total, rate=self.vat_rate)


@dataclass(frozen=True)
class OrderDraft:
    """Everything the shopper agreed to. `hold_expires_at` None: confirmed at once, paid on collection."""

    basket_key: UUID
    user: User | None
    language: str
    email: str
    phone: str
    address: dict[str, str] = field(repr=False)
    lines: Sequence[DraftLine]
    delivery_method: str
    delivery_kind: str
    delivery_name: str
    delivery_price: Decimal
    pickup_point: str
    delivery_from_date: date | None
    delivery_to_date: date | None
    payment_method: str
    terms_version: str
    hold_expires_at: datetime | None
    collection_hours: str = ""


def write_order(*, draft: OrderDraft, now: datetime) -> Order:
    """Insert the order, inside the caller's transaction, which must end with `take_stock`.

    `basket_key` is unique: a second order of the same basket raises IntegrityError.
    """
    items_total = sum((line.total for line in draft.lines), ZERO)
    vat = vat_per_rate(
        [(line.vat_rate, line.total, line.vat_amount) for line in draft.lines], delivery=draft.delivery_price
    )
    confirmed = draft.hold_expires_at is None
    order = Order(
        **draft.address,
        basket_key=draft.basket_key,
        user=draft.user,
        status=Order.Status.CONFIRMED if confirmed else Order.Status.AWAITING_PAYMENT,
        language=draft.language,
        email=draft.email,
        phone=draft.phone,
        items_total=items_total,
        delivery_total=draft.delivery_price,
        total=items_total + draft.delivery_price,
        vat_total=sum((amount.vat for amount in vat), ZERO),
        delivery_method=draft.delivery_method,
        delivery_kind=draft.delivery_kind,
        delivery_name=draft.delivery_name,
        pickup_point=draft.pickup_point,
        collection_hours=draft.collection_hours,
        delivery_from_date=draft.delivery_from_date,
        delivery_to_date=draft.delivery_to_date,
        payment_method=draft.payment_method,
        terms_version=draft.terms_version,
        terms_accepted_at=now,
        placed_at=now,
        hold_expires_at=draft.hold_expires_at,
    )
    insert(order)
    insert(*[_line(order, position, line) for position, line in enumerate(draft.lines, start=1)])
    insert(OrderEvent(order=order, to_status=order.status, actor=draft.user, created_at=now))
    kind = OrderEmail.CONFIRMED if confirmed else OrderEmail.PLACED
    enqueue_email(order=order, kind=kind, now=now)
    logger.info("order_placed", order_id=order.pk, status=order.status)
    return order


def _line(order: Order, position: int, line: DraftLine) -> OrderLine:
    return OrderLine(
        order=order,
        position=position,
        variant_id=line.variant_id,
        product_name=line.product_name,
        variant_label=line.variant_label,
        sku=line.sku,
        ean13=line.ean13,
        quantity=line.quantity,
        unit_price=line.unit_price,
        reference_price=line.reference_price,
        total=line.total,
        vat_rate=line.vat_rate,
        vat_amount=line.vat_amount,
        withdrawal_exception=line.withdrawal_exception,
    )


def take_stock(*, order: Order, draft: OrderDraft, now: datetime) -> None:
    """Hold the stock of the order just inserted, or sell it if the order is confirmed at once. Raises OutOfStock.

    The last step of placing an order: other buyers wait for these locks, so they are held shortest.
    """
    quantities = {line.variant_id: line.quantity for line in draft.lines}
    stock.hold_stock(quantities=quantities, reference=order.number, now=now)
    if order.status == Order.Status.CONFIRMED:
        stock.sell_holds(reference=order.number, now=now)
