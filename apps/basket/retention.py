"""Retention of abandoned baskets."""

from datetime import datetime, timedelta

from django.conf import settings

from apps.basket.models import Basket

# A basket that became an order answers repeated requests; after some days nobody repeats.
ORDERED_RETENTION = timedelta(days=7)


def purge_baskets(*, now: datetime, limit: int = 2000) -> int:
    """Delete abandoned baskets, at most `limit`; returns how many."""
    abandoned = Basket.objects.abandoned(
        visitors_before=now - settings.BASKET_LIFETIME,
        customers_before=now - 4 * settings.BASKET_LIFETIME,
        done_before=now - ORDERED_RETENTION,
    )
    keys = list(abandoned.order_by("pk").values_list("pk", flat=True)[:limit])
    # Asked again while deleting: a basket touched since then stays.
    abandoned.filter(pk__in=keys).delete()
    return len(keys)
