"""Writes to orders. Locks are taken in this order: the order's row, its payments, stock."""

from apps.orders.services.cancel import cancel_order
from apps.orders.services.confirm import change_payment, confirm_order, hold_until, mark_paid
from apps.orders.services.correct import (
    Contact,
    CorrectionRefused,
    add_note,
    correct_contact,
    correct_tracking,
    may_correct_destination,
    may_correct_tracking,
)
from apps.orders.services.expire import expire_unpaid
from apps.orders.services.find import find_order, typed_number
from apps.orders.services.fulfil import deliver_order, order_ready, prepare_order, ship_order
from apps.orders.services.invariants import check_orders
from apps.orders.services.moves import TransitionRefused, lock_order, note_event
from apps.orders.services.notify import enqueue_email, enqueue_link
from apps.orders.services.place import DraftLine, OrderDraft, take_stock, write_order
from apps.orders.services.search import MOST_FOUND, find_ids, index_orders, refresh_search

__all__ = [
    "MOST_FOUND",
    "Contact",
    "CorrectionRefused",
    "DraftLine",
    "OrderDraft",
    "TransitionRefused",
    "add_note",
    "cancel_order",
    "change_payment",
    "check_orders",
    "confirm_order",
    "correct_contact",
    "correct_tracking",
    "deliver_order",
    "enqueue_email",
    "enqueue_link",
    "expire_unpaid",
    "find_ids",
    "find_order",
    "hold_until",
    "index_orders",
    "lock_order",
    "mark_paid",
    "may_correct_destination",
    "may_correct_tracking",
    "note_event",
    "order_ready",
    "prepare_order",
    "refresh_search",
    "ship_order",
    "take_stock",
    "typed_number",
    "write_order",
]
