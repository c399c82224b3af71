"""From a basket to a paid order, and back."""

from apps.checkout.services.books import check_books
from apps.checkout.services.place import (
    BasketClosed,
    DetailsMissing,
    NextStep,
    PlacedOrder,
    PricesChanged,
    place_order,
    retry_payment,
)
from apps.checkout.services.staff import cancel_and_refund, hand_over
from apps.checkout.services.summary import Summary, summarise

__all__ = [
    "BasketClosed",
    "DetailsMissing",
    "NextStep",
    "PlacedOrder",
    "PricesChanged",
    "Summary",
    "cancel_and_refund",
    "check_books",
    "hand_over",
    "place_order",
    "retry_payment",
    "summarise",
]
