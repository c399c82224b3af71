"""Consistency checks of withdrawals, for tests and after the restoration of a backup."""

from collections import defaultdict

from apps.aftersales.models import Withdrawal
from apps.common.money import ZERO


def check_withdrawals() -> list[str]:
    """One line per inconsistency: lines of another order, more withdrawn than bought, a price that is not the sum of
    the lines."""
    faults = []
    withdrawn: dict[int, int] = defaultdict(int)
    bought: dict[int, int] = {}
    rows = Withdrawal.objects.order_by("pk").select_related("order").prefetch_related("lines__order_line")
    for withdrawal in rows.iterator(chunk_size=500):
        lines = list(withdrawal.lines.all())
        where = f"withdrawal {withdrawal.pk} of {withdrawal.order.number}"
        if not lines:
            faults.append(f"{where}: no lines")
        if any(line.order_line.order_id != withdrawal.order_id for line in lines):
            faults.append(f"{where}: a line of another order")
        if sum((line.order_line.unit_price * line.quantity for line in lines), ZERO) != withdrawal.items_total:
            faults.append(f"{where}: items_total is not the sum of the lines")
        for line in lines:
            withdrawn[line.order_line_id] += line.quantity
            bought[line.order_line_id] = line.order_line.quantity
    faults += [
        f"order line {pk}: {count} withdrawn of {bought[pk]}" for pk, count in withdrawn.items() if count > bought[pk]
    ]
    return faults
