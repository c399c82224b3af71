from celery import shared_task
from django.utils import timezone

from apps.orders import services
from apps.orders.notifications import send_notification, send_owed_notifications

__all__ = ["expire_unpaid", "send_notification", "send_owed_notifications"]


@shared_task(name="orders.expire_unpaid")
def expire_unpaid(**_unknown: object) -> int:
    """Every minute: end the orders whose money did not come."""
    return services.expire_unpaid(now=timezone.now())
