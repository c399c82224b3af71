"""Puts an order's lines back into a basket: of one that awaits payment (it is cancelled), or of an earlier one."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from apps.accounts.models import PostalAddress, User
from apps.basket import services as baskets
from apps.basket.models import Basket
from apps.common.errors import DomainError
from apps.common.transactions import retry_on_deadlock
from apps.orders import services as orders
from apps.orders.emails import MODIFIED
from apps.orders.models import Order
from apps.payments import services as payments
from apps.payments.models import Payment

Status = Order.Status
# Another round is needed only when a payment attempt was opened during the one before.
ROUNDS = 3


class OrderStands(DomainError):
    """The order was paid meanwhile or is being prepared: it cannot be put back into a basket."""

    code = "order_stands"


@dataclass(frozen=True)
class BackInBasket:
    """`basket`: None when there was nothing left to put back. `added`: lines in it now. `missing`: a sentence for each
    line that is not, or not in full."""

    basket: Basket | None
    added: int = 0
    missing: list[str] = field(default_factory=list)


def modify_order(
    *, order: Order, key: UUID | str | None, user: User | None, with_details: bool, now: datetime
) -> BackInBasket:
    """Cancel an order that awaits payment and put its lines, at today's prices, into the shopper's basket.

    `key` and `user` find that basket; `with_details` copies the checkout details. Payment attempts are given up at
    their gateway first, outside any transaction: if the money was captured, the order is confirmed and OrderStands is
    raised. Raises PaymentUnavailable, nothing changed, when the gateway does not answer. A repeat returns the same
    basket.
    """
    for _round in range(ROUNDS):
        payments.give_up_attempts(order=order, now=now)
        if order.payments.filter(status=Payment.Status.PROCESSING).exists():
            raise OrderStands(
                _("Votre banque exécute déjà le paiement de cette commande : elle ne se modifie plus. Écrivez-nous.")
            )
        result = _modify(order=order, key=key, user=user, with_details=with_details, now=now)
        if result is not None:
            return result
    raise OrderStands(_("Cette commande est payée dans un autre onglet. Attendez un instant, puis réessayez."))


def buy_again(
    *, order: Order, key: UUID | str | None = None, user: User | None, with_details: bool = False, now: datetime
) -> BackInBasket:
    """Put an earlier order's lines into the shopper's basket, at today's prices, as far as for sale and in stock.

    Never raises for a product: `missing` names it; a repeat adds nothing. The payment attempts of an expired order are
    given up first: raises OrderStands when one was captured, PaymentUnavailable when the gateway does not answer.
    """
    if order.status == Status.EXPIRED:
        payments.give_up_attempts(order=order, now=now)
        if Order.objects.get(pk=order.pk).is_certain:
            raise _paid_meanwhile()
    return _bring(order=order, key=key, user=user, with_details=with_details, now=now)


@retry_on_deadlock
def _modify(
    *, order: Order, key: UUID | str | None, user: User | None, with_details: bool, now: datetime
) -> BackInBasket | None:
    """None when a payment attempt was opened meanwhile. Locks the order, then the basket, then stock."""
    with transaction.atomic(durable=True):
        order = orders.lock_order(order)
        reopened = _key_of_reopened(order)
        if order.status == Status.CANCELLED:
            candidates = (baskets.open_basket(key=each, user=user) for each in (key, reopened))
            return BackInBasket(next((basket for basket in candidates if basket is not None), None))
        if order.is_certain:
            raise _paid_meanwhile()
        if order.payments.open().exists():
            return None
        basket = baskets.basket_to_fill(key=key, user=user, new_key=reopened, now=now)
        if order.status == Status.AWAITING_PAYMENT:
            orders.cancel_order(
                order=order,
                by=user if user is not None and user.is_authenticated else None,
                note=_("Reprise par le client, pour la modifier."),
                occasion=MODIFIED,
                now=now,
            )
        return _fill(basket, order, with_details=with_details, prices_seen=True)


@retry_on_deadlock
def _bring(
    *, order: Order, key: UUID | str | None, user: User | None, with_details: bool, now: datetime
) -> BackInBasket:
    with transaction.atomic(durable=True):
        basket = baskets.basket_to_fill(key=key, user=user, now=now)
        return _fill(basket, order, with_details=with_details, prices_seen=False)


def _fill(basket: Basket, order: Order, *, with_details: bool, prices_seen: bool) -> BackInBasket:
    filled = baskets.fill(
        basket=basket,
        pieces=[
            baskets.Piece(
                variant_id=line.variant_id,
                sku=line.sku,
                name=line.product_name,
                quantity=line.quantity,
                price_seen=line.unit_price if prices_seen else None,
            )
            for line in order.lines.all()
        ],
    )
    if with_details and order.anonymised_at is None:
        baskets.carry_details(to=basket, ordered_from=order.basket_key, fallback=_details(order))
    return BackInBasket(basket, filled.added, filled.missing)


def _details(order: Order) -> dict[str, str]:
    """Checkout details from an order, without a pick-up point: the order has its address, not its code."""
    names = ["email", "phone", "delivery_method", "payment_method"]
    names += [column.name for column in PostalAddress._meta.get_fields()]
    return {name: getattr(order, name) for name in names}


def _key_of_reopened(order: Order) -> UUID:
    """The key of the basket that an order is put back into, the same at each call: a second click finds that basket."""
    hash_bytes = salted_hmac("apps.checkout.modify", order.access_token, algorithm="sha256").digest()
    return UUID(bytes=hash_bytes[:16], version=4)


def _paid_meanwhile() -> OrderStands:
    return OrderStands(_("Votre paiement est arrivé : la commande est confirmée et ne se modifie plus ici."))
