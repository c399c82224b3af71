"""Consistency checks of orders, for tests and after the restoration of a backup."""

from collections import defaultdict
from itertools import pairwise

from django.db.models import Prefetch

from apps.catalogue.models import StockHold, StockMovement
from apps.common.money import ZERO, vat_included
from apps.orders.models import Order, OrderEvent, OrderLine

RETURNED = {Order.Status.CANCELLED, Order.Status.EXPIRED}


def check_orders() -> list[str]:
    """One line per inconsistency: totals that are not the sum of the lines, holds and movements that do not match the
    status, history that does not end in the status."""
    held: dict[str, dict[int, int]] = defaultdict(dict)
    for reference, variant, quantity in StockHold.objects.values_list("reference", "stock_id", "quantity"):
        held[reference][variant] = quantity
    moved: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    movements = StockMovement.objects.exclude(reference="").order_by()
    for reference, variant, delta in movements.values_list("reference", "stock_id", "delta").iterator():
        moved[reference][variant] += delta
    faults = []
    orders = Order.objects.order_by("pk").prefetch_related(
        "lines", Prefetch("events", OrderEvent.objects.order_by("pk"))
    )
    for order in orders.iterator(chunk_size=500):
        lines = list(order.lines.all())
        faults += [f"order {order.number}: {fault}" for fault in _sums(order, lines)]
        faults += [f"order {order.number}: {fault}" for fault in _pieces(order, lines, held, moved)]
        steps = [event for event in order.events.all() if event.to_status]
        if not steps or steps[-1].to_status != order.status:
            faults.append(f"order {order.number}: history does not end in {order.status}")
        if any(before.to_status != after.from_status for before, after in pairwise(steps)):
            faults.append(f"order {order.number}: history has a gap")
    return faults


def _sums(order: Order, lines: list[OrderLine]) -> list[str]:
    faults = []
    if not lines:
        faults.append("no lines")
    if sum((line.total for line in lines), ZERO) != order.items_total:
        faults.append("items_total is not the sum of the lines")
    if order.items_total + order.delivery_total != order.total:
        faults.append("total is not items and delivery")
    faults += [
        f"line {line.position}: wrong VAT"
        for line in lines
        if line.vat_amount != vat_included(gross=line.total, rate=line.vat_rate)
    ]
    if sum((amount.vat for amount in order.vat_breakdown()), ZERO) != order.vat_total:
        faults.append("VAT per rate does not add up")
    return faults


def _pieces(
    order: Order, lines: list[OrderLine], held: dict[str, dict[int, int]], moved: dict[str, dict[int, int]]
) -> list[str]:
    pieces = {line.variant_id: line.quantity for line in lines if line.variant_id}
    awaiting = order.status == Order.Status.AWAITING_PAYMENT
    sold = not awaiting and order.status not in RETURNED
    faults = []
    if held.get(order.number, {}) != (pieces if awaiting else {}):
        faults.append("holds do not match its status")
    net = {variant: -delta for variant, delta in moved.get(order.number, {}).items() if delta}
    if net != (pieces if sold else {}):
        faults.append("stock movements do not match its status")
    return faults
