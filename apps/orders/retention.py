"""How long orders of a former shop are kept."""

from datetime import datetime, timedelta

from apps.orders.models import PastOrder

# As long as a contract of a distance sale is (art. L213-1 and D213-2 code de la consommation): ten years.
PAST_ORDER_RETENTION = timedelta(days=3653)
_BATCH = 5000


def purge_past_orders(*, now: datetime) -> int:
    """Delete those of more than ten years ago; returns how many."""
    old = PastOrder.objects.filter(placed_at__lt=now - PAST_ORDER_RETENTION).order_by()
    count = 0
    while pks := list(old.values_list("pk", flat=True)[:_BATCH]):
        count += PastOrder.objects.filter(pk__in=pks).delete()[0]
    return count
