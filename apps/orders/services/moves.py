"""Status transitions of orders. Nothing else writes `Order.status`."""

from datetime import datetime

import structlog
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.common.errors import DomainError
from apps.orders.models import Order, OrderEvent

logger = structlog.get_logger(__name__)


class TransitionRefused(DomainError):
    code = "transition_refused"


def lock_order(order: Order) -> Order:
    """The order read again, its row locked until the transaction ends; the first lock of every change."""
    return Order.objects.select_for_update().get(pk=order.pk)


def move(
    order: Order, to: Order.Status, *, now: datetime, by: User | None = None, note: str = "", **fields: object
) -> None:
    """Compare-and-set the status of a locked order, with an OrderEvent. Raises TransitionRefused, nothing written."""
    from_status = order.status
    if not order.can_become(to) or not Order.objects.filter(pk=order.pk, status=from_status).update(
        status=to, **fields
    ):
        raise TransitionRefused(
            _("La commande %(number)s est « %(status)s » : elle ne peut pas devenir « %(to)s ».")
            % {"number": order.number, "status": order.get_status_display(), "to": to.label},
            status=from_status,
            to=to.value,
        )
    order.status = to
    for name, value in fields.items():
        setattr(order, name, value)
    OrderEvent.objects.create(order=order, from_status=from_status, to_status=to, actor=by, note=note, created_at=now)
    logger.info("order_moved", order_id=order.pk, from_status=from_status, to_status=to.value)


def note_event(*, order: Order, note: str, now: datetime, by: User | None = None) -> None:
    """An OrderEvent without a change of status: a refund, a late payment."""
    OrderEvent.objects.create(order=order, actor=by, note=note[:250], created_at=now)
