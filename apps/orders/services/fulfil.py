"""Fulfilment: from confirmed to delivered. Each function raises TransitionRefused, nothing changed."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.common.errors import DomainError
from apps.orders.emails import OrderEmail
from apps.orders.models import Order
from apps.orders.services.moves import lock_order, move
from apps.orders.services.notify import enqueue_email
from apps.orders.services.search import refresh_search


class WrongDelivery(DomainError):
    code = "wrong_delivery"


def prepare_order(*, order: Order, by: User | None, now: datetime) -> Order:
    with transaction.atomic(durable=True):
        order = lock_order(order)
        move(order, Order.Status.PREPARING, now=now, by=by)
    return order


def ship_order(
    *, order: Order, by: User | None, now: datetime, tracking_number: str = "", tracking_url: str = ""
) -> Order:
    """Mark as handed to the carrier. Raises WrongDelivery for an order that is collected in the shop."""
    with transaction.atomic(durable=True):
        order = lock_order(order)
        if order.destination.is_collected:
            raise WrongDelivery(_("Cette commande est retirée en boutique : marquez-la « prête à retirer »."))
        move(
            order,
            Order.Status.SHIPPED,
            now=now,
            by=by,
            note=tracking_number,
            shipped_at=now,
            tracking_number=tracking_number,
            tracking_url=tracking_url,
        )
        refresh_search([order.pk])
        enqueue_email(order=order, kind=OrderEmail.SHIPPED, now=now)
    return order


def order_ready(*, order: Order, by: User | None, now: datetime) -> Order:
    """Mark as ready for collection. Raises WrongDelivery for an order that is sent."""
    with transaction.atomic(durable=True):
        order = lock_order(order)
        if not order.destination.is_collected:
            raise WrongDelivery(_("Cette commande est à expédier : indiquez son numéro de suivi."))
        move(order, Order.Status.READY, now=now, by=by)
        enqueue_email(order=order, kind=OrderEmail.READY, now=now)
    return order


def deliver_order(*, order: Order, by: User | None, now: datetime) -> Order:
    """Mark as delivered. A payment on collection is recorded by checkout.services.hand_over."""
    with transaction.atomic():
        order = lock_order(order)
        move(order, Order.Status.DELIVERED, now=now, by=by, closed_at=now)
    return order
