"""Consistency check of the stock ledger, for tests and after a restored backup."""

from django.db.models import Sum

from apps.catalogue.models import Stock, StockHold, StockMovement


def check_ledgers() -> list[str]:
    """One line per inconsistency: a stock is the sum of its movements, its `reserved` the sum of its holds."""
    moved = dict(StockMovement.objects.order_by().values_list("stock_id").annotate(Sum("delta")))
    held = dict(StockHold.objects.order_by().values_list("stock_id").annotate(Sum("quantity")))
    faults = []
    for pk, on_hand, reserved in Stock.objects.values_list("pk", "on_hand", "reserved").iterator():
        if on_hand != moved.get(pk, 0):
            faults.append(f"stock {pk}: {on_hand} on hand, {moved.get(pk, 0)} in the ledger")
        if reserved != held.get(pk, 0):
            faults.append(f"stock {pk}: {reserved} reserved, {held.get(pk, 0)} held")
    return faults
