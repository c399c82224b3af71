"""Moves OrderNotification rows to the outbox: those of the former release, also while it still runs beside this one.

A row is marked MOVED and its copy inserted in one transaction: afterwards no worker of the former release can claim
it, and one that was considered dead cannot send its message any more. The next release drops the table.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from apps.common import outbox
from apps.common.models import OutboxEmail
from apps.common.transactions import retry_on_deadlock
from apps.orders.models import OrderNotification

Status = OrderNotification.Status
# A status that the former release neither sends nor settles; its screens show it unchanged.
MOVED = "MOVED"
AT_ONCE = 500


def take_over(*, now: datetime, notification_id: int | None = None) -> list[str]:
    """Move one row, or up to AT_ONCE, and return the new keys: pending rows first, sent and failed ones when no pending
    are left. A repeat finds nothing.

    Rows that a live worker is sending are left to it, and new ones (`outbox.GRACE`) to their own task.
    """
    gone = Q(status__in=[Status.SENDING, Status.HANDED], claimed_at__lte=now - outbox.STALE)
    if notification_id is not None:
        return _move((Q(status=Status.PENDING) | gone) & Q(pk=notification_id))
    left = Q(status=Status.PENDING) & (Q(attempts__gt=0) | Q(created_at__lte=now - outbox.GRACE))
    return _move(left | gone) or _move(Q(status__in=[Status.SENT, Status.FAILED]))


@retry_on_deadlock
def _move(which: Q) -> list[str]:
    with transaction.atomic(durable=True):
        found = OrderNotification.objects.filter(which).select_related("order")
        rows = list(found.select_for_update(of=("self",), skip_locked=True)[:AT_ONCE])
        emails = [_copy(row) for row in rows]
        OutboxEmail.objects.bulk_create(emails)
        OrderNotification.objects.filter(pk__in=[row.pk for row in rows]).update(status=MOVED)
    return [email.key for email in emails]


def _copy(row: OrderNotification) -> OutboxEmail:
    return OutboxEmail(
        # The Message-ID is made from the key: it must stay the one that staff look for at the mail server.
        key=f"order-notification-{row.pk}",
        kind=f"order_{row.kind.lower()}",
        object_id=row.order_id,
        occasion=row.occasion,
        language=row.order.language,
        status=row.status,
        attempts=row.attempts,
        claimed_at=row.claimed_at,
        sent_at=row.sent_at,
        created_at=row.created_at,
    )
