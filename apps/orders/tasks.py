from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from apps.common import outbox
from apps.common.throttle import allowed
from apps.orders import retention, services
from apps.orders.takeover import take_over

LINKS = {"times": 1, "within": timedelta(minutes=5)}


@shared_task(name="orders.expire_unpaid")
def expire_unpaid(**_unknown: object) -> int:
    """Every minute: expire orders that were not paid in time."""
    return services.expire_unpaid(now=timezone.now())


@shared_task(name="orders.find_order", time_limit=120)
def find_order(*, number: str, email: str, language: str, **_unknown: object) -> None:
    """Send the link of an order to its e-mail, if number and e-mail match; at most once in five minutes.

    Looked up in a task so that the response time does not reveal whether the order exists.
    """
    order = services.find_order(number=number, email=email)
    if order is not None and allowed(action="order_link", who=str(order.pk), **LINKS):
        services.enqueue_link(order=order, language=language, now=timezone.now())


@shared_task(name="orders.send_notification", time_limit=120)
def send_notification(notification_id: int, **_unknown: object) -> None:
    """Sent by the release before the outbox."""
    for key in take_over(notification_id=notification_id, now=timezone.now()):
        outbox.deliver(key=key, now=timezone.now())


@shared_task(name="orders.send_owed_notifications")
def send_pending_notifications(**_unknown: object) -> None:
    """Every minute: move rows that the release before the outbox has written."""
    take_over(now=timezone.now())


@shared_task(name="orders.index_orders")
def index_orders(**_unknown: object) -> int:
    """Every ten minutes: make orders findable that nobody has looked for since they came."""
    return services.index_orders()


@shared_task(name="orders.purge_past_orders")
def purge_past_orders(**_unknown: object) -> int:
    """Every night: orders of a former shop that are older than they may be kept."""
    return retention.purge_past_orders(now=timezone.now())
