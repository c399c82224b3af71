from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from apps.common import outbox
from apps.common.throttle import allowed
from apps.orders import services
from apps.orders.takeover import take_over

LINKS = {"times": 1, "within": timedelta(minutes=5)}


@shared_task(name="orders.expire_unpaid")
def expire_unpaid(**_unknown: object) -> int:
    """Every minute: end the orders whose money did not come."""
    return services.expire_unpaid(now=timezone.now())


@shared_task(name="orders.find_order", time_limit=120)
def find_order(*, number: str, email: str, language: str, **_unknown: object) -> None:
    """Somebody has lost the link of an order: it goes to the address that the order was placed with, if there is one.

    Looked up here, so that whoever asked waits for nothing that differs.
    """
    order = services.find_order(number=number, email=email)
    if order is not None and allowed(action="order_link", who=str(order.pk), **LINKS):
        services.enqueue_link(order=order, language=language, now=timezone.now())


@shared_task(name="orders.send_notification", time_limit=120)
def send_notification(notification_id: int, **_unknown: object) -> None:
    """Asked for by the release before the outbox."""
    for key in take_over(notification_id=notification_id, now=timezone.now()):
        outbox.deliver(key=key, now=timezone.now())


@shared_task(name="orders.send_owed_notifications")
def send_owed_notifications(**_unknown: object) -> None:
    """Every minute: what the release before the outbox owes, and its history."""
    take_over(now=timezone.now())
