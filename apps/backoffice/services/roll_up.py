from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone

from apps.backoffice.models import DailySales
from apps.common.money import ZERO
from apps.orders.models import Order, OrderLine


def roll_up_day(*, day: date, now: datetime) -> DailySales:
    """Recompute the sales of one day in the shop's time zone from the orders. A repeat gives the same row."""
    start = timezone.make_aware(datetime.combine(day, time.min))
    end = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    with transaction.atomic(durable=True):
        sold = Order.objects.sold().filter(placed_at__gte=start, placed_at__lt=end)
        totals = sold.aggregate(orders=Count("pk"), revenue=Sum("total"), vat=Sum("vat_total"))
        pieces = OrderLine.objects.filter(order__in=sold).aggregate(pieces=Sum("quantity"))["pieces"]
        row, _ = DailySales.objects.update_or_create(
            date=day,
            defaults={
                "orders": totals["orders"],
                "pieces": pieces or 0,
                "revenue": totals["revenue"] or ZERO,
                "vat": totals["vat"] or ZERO,
                "rolled_up_at": now,
            },
        )
    return row


def roll_up_recent(*, now: datetime, days: int = 31) -> int:
    """Rolls up the last `days` days, today included: a cancellation corrects the day its order was placed on."""
    today = timezone.localdate(now)
    for age in range(days):
        roll_up_day(day=today - timedelta(days=age), now=now)
    return days
