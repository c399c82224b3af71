from datetime import datetime
from functools import partial

from django.db import transaction

from apps.orders.models import Order, OrderNotification
from apps.orders.notifications import send_notification


def owe_notification(*, order: Order, kind: OrderNotification.Kind, now: datetime, occasion: str = "") -> None:
    """Write the message owed with the change it tells of; it is sent after commit.

    The database is the outbox: a broker that is away loses nothing, the sweep sends what is still owed. Nobody is told
    of an order whose customer was erased.
    """
    if order.anonymised_at is not None:
        return
    owed = OrderNotification.objects.create(order=order, kind=kind, occasion=occasion, created_at=now)
    transaction.on_commit(partial(send_notification.delay, notification_id=owed.pk), robust=True)
