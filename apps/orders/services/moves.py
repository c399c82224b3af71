"""The one way an order changes its status."""

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
    """The order as it is now, its row locked until the transaction ends; the first lock of every change."""
    return Order.objects.select_for_update().get(pk=order.pk)


def move(
    order: Order, to: Order.Status, *, now: datetime, by: User | None = None, note: str = "", **fields: object
) -> None:
    """Compare-and-set on a locked order, with its line of history. Raises TransitionRefused, nothing written."""
    came_from = order.status
    if not order.can_become(to) or not Order.objects.filter(pk=order.pk, status=came_from).update(status=to, **fields):
        raise TransitionRefused(
            _("La commande %(number)s est « %(status)s » : elle ne peut pas devenir « %(to)s ».")
            % {"number": order.number, "status": order.get_status_display(), "to": to.label},
            status=came_from,
            to=to.value,
        )
    order.status = to
    for name, value in fields.items():
        setattr(order, name, value)
    OrderEvent.objects.create(order=order, from_status=came_from, to_status=to, actor=by, note=note, created_at=now)
    logger.info("order_moved", order_id=order.pk, from_status=came_from, to_status=to.value)


def note_event(*, order: Order, note: str, now: datetime, by: User | None = None) -> None:
    """History of what did not change the status: a refund, a late payment."""
    OrderEvent.objects.create(order=order, actor=by, note=note[:250], created_at=now)
