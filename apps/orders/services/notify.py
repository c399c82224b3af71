from datetime import datetime

from apps.common import outbox
from apps.orders.emails import OrderEmail
from apps.orders.models import Order


def enqueue_email(*, order: Order, kind: OrderEmail, now: datetime, occasion: str = "") -> None:
    """Owe the customer an e-mail with the change that it is about. Nobody is notified of an order whose customer was
    erased."""
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
    """Once more, in the reader's language, the link by which the order is followed."""
    outbox.enqueue(
        kind=OrderEmail.LINK,
        key=f"order-link-{order.pk}-{now:%Y-%m-%d-%H-%M}",
        object_id=order.pk,
        language=language,
        now=now,
    )
