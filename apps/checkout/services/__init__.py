"""Writes of the checkout: from a basket to a paid order, and back."""

from apps.checkout.services.books import check_books
from apps.checkout.services.modify import BackInBasket, OrderStands, buy_again, modify_order
from apps.checkout.services.place import (
    BasketClosed,
    DetailsMissing,
    NextStep,
    PlacedOrder,
    PricesChanged,
    place_order,
    retry_payment,
)
from apps.checkout.services.staff import cancel_and_refund, hand_over, make_ready, ship
from apps.checkout.services.summary import Summary, summarise

__all__ = [
    "BackInBasket",
    "BasketClosed",
    "DetailsMissing",
    "NextStep",
    "OrderStands",
    "PlacedOrder",
    "PricesChanged",
    "Summary",
    "buy_again",
    "cancel_and_refund",
    "check_books",
    "hand_over",
    "make_ready",
    "modify_order",
    "place_order",
    "retry_payment",
    "ship",
    "summarise",
]
