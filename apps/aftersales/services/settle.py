"""From a declaration to its refund. Each function raises TransitionRefused, nothing changed.

The money itself is given back by `payments.services.refund`, from the order's page.
"""

from datetime import datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.aftersales.models import Withdrawal
from apps.aftersales.services.declare import WithdrawalRefused
from apps.common.money import ZERO, format_euros
from apps.common.transactions import retry_on_deadlock
from apps.orders.services import TransitionRefused, lock_order, note_event
from apps.payments.money import money_of

logger = structlog.get_logger(__name__)

Status = Withdrawal.Status


@retry_on_deadlock
def receive_proof(*, withdrawal: Withdrawal, by: User | None, now: datetime) -> Withdrawal:
    """The customer has proved that the goods are on their way: the refund may not wait any more."""
    with transaction.atomic(durable=True):
        return _move(withdrawal, Status.PROOF_RECEIVED, now=now, by=by, proof_received_at=now, **_due_again(now))


@retry_on_deadlock
def receive_goods(*, withdrawal: Withdrawal, by: User | None, now: datetime) -> Withdrawal:
    with transaction.atomic(durable=True):
        return _move(withdrawal, Status.GOODS_RECEIVED, now=now, by=by, goods_received_at=now, **_due_again(now))


@retry_on_deadlock
def mark_refunded(*, withdrawal: Withdrawal, by: User | None, now: datetime) -> Withdrawal:
    """Raises WithdrawalRefused while no refund of the order is made or requested."""
    with transaction.atomic(durable=True):
        lock_order(withdrawal.order)
        money = money_of(withdrawal.order)
        if money.returned + money.returning <= ZERO:
            raise WithdrawalRefused(_("Remboursez d’abord la commande : aucun remboursement n’y est enregistré."))
        return _move(withdrawal, Status.REFUNDED, now=now, by=by, settled_at=now)


@retry_on_deadlock
def mark_nothing_due(*, withdrawal: Withdrawal, by: User | None, now: datetime) -> Withdrawal:
    """Raises WithdrawalRefused while money of the order is with the shop."""
    with transaction.atomic(durable=True):
        lock_order(withdrawal.order)
        outstanding = money_of(withdrawal.order).outstanding
        if outstanding > ZERO:
            raise WithdrawalRefused(
                _("La commande est payée : il reste %(amount)s chez nous. Remboursez ce qui est dû.")
                % {"amount": format_euros(outstanding)}
            )
        return _move(withdrawal, Status.NOTHING_DUE, now=now, by=by, settled_at=now)


def _due_again(now: datetime) -> dict[str, datetime | None]:
    """What held the refund back is gone; who was reminded before is reminded of it again."""
    return {"refund_due_at": now, "reminded_at": None}


def _move(
    withdrawal: Withdrawal, to: Withdrawal.Status, *, now: datetime, by: User | None, **fields: datetime | None
) -> Withdrawal:
    """Compare-and-set the status, with a line in the order's history. Inside the caller's transaction."""
    order = lock_order(withdrawal.order)
    withdrawal = Withdrawal.objects.get(pk=withdrawal.pk)
    withdrawal.order = order
    due_at = fields.get("refund_due_at")
    if due_at is not None:
        fields["refund_due_at"] = max(withdrawal.refund_due_at, due_at)
    from_status = withdrawal.status
    mine = Withdrawal.objects.filter(pk=withdrawal.pk, status=from_status)
    if not withdrawal.can_become(to) or not mine.update(status=to, **fields):
        raise TransitionRefused(
            _("La rétractation est « %(status)s » : elle ne peut pas devenir « %(to)s ».")
            % {"status": withdrawal.get_status_display(), "to": to.label},
            status=from_status,
            to=to.value,
        )
    withdrawal.status = to
    for name, value in fields.items():
        setattr(withdrawal, name, value)
    note_event(order=order, note=_("Rétractation : %s") % to.label, now=now, by=by)
    logger.info("withdrawal_moved", withdrawal_id=withdrawal.pk, from_status=from_status, to_status=to.value)
    return withdrawal
