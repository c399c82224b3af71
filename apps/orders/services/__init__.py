"""Writes to orders. Locks are taken in this order: the order's row, its payments, stock."""

from apps.orders.services.cancel import cancel_order
from apps.orders.services.confirm import change_payment, confirm_order, hold_until, mark_paid
from apps.orders.services.expire import expire_unpaid
from apps.orders.services.find import find_order, typed_number
from apps.orders.services.fulfil import deliver_order, order_ready, prepare_order, ship_order
from apps.orders.services.invariants import check_orders
from apps.orders.services.moves import TransitionRefused, lock_order, note_event
from apps.orders.services.notify import enqueue_email, enqueue_link
from apps.orders.services.place import DraftLine, OrderDraft, take_stock, write_order

__all__ = [
    "DraftLine",
    "OrderDraft",
    "TransitionRefused",
    "cancel_order",
    "change_payment",
    "check_orders",
    "confirm_order",
    "deliver_order",
    "enqueue_email",
    "enqueue_link",
    "expire_unpaid",
    "find_order",
    "hold_until",
    "lock_order",
    "mark_paid",
    "note_event",
    "order_ready",
    "prepare_order",
    "ship_order",
    "take_stock",
    "typed_number",
    "write_order",
]
