from datetime import datetime

from apps.common import outbox
from apps.orders.emails import OrderEmail
from apps.orders.models import Order


def enqueue_email(*, order: Order, kind: OrderEmail, now: datetime, occasion: str = "") -> None:
    """Enqueue an e-mail to the customer, in the transaction of the change. Does nothing if the customer was erased."""
    if order.anonymised_at is not None:
        return
    outbox.enqueue(
        kind=kind,
        key="-".join(filter(None, [kind, str(order.pk), occasion])),
        object_id=order.pk,
        language=order.language,
        occasion=occasion,
        now=now,
    )


def enqueue_link(*, order: Order, language: str, now: datetime) -> None:
    """Enqueue the e-mail with the link of the order's page, in the reader's language; one a minute at most."""
    outbox.enqueue(
        kind=OrderEmail.LINK,
        key=f"order-link-{order.pk}-{now:%Y-%m-%d-%H-%M}",
        object_id=order.pk,
        language=language,
        now=now,
    )
