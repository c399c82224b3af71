"""A customer's declaration (art. L221-21 code de la consommation)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.services import colleagues_who_may
from apps.aftersales.emails import AfterSalesEmail
from apps.aftersales.models import REFUND_WITHIN, Withdrawal, WithdrawalLine
from apps.aftersales.offer import OfferedLine, offered_lines
from apps.aftersales.period import is_open, last_day
from apps.common import outbox
from apps.common.errors import DomainError
from apps.common.money import ZERO
from apps.common.transactions import retry_on_deadlock
from apps.delivery.kinds import CARRIED
from apps.delivery.services import quotes
from apps.orders.models import Order
from apps.orders.services import cancel_order, lock_order, note_event
from apps.payments.services import close_attempts

logger = structlog.get_logger(__name__)

Status = Withdrawal.Status
# The goods have left the shop, and come back before the refund.
SENT = (Order.Status.SHIPPED, Order.Status.DELIVERED)


class WithdrawalOver(DomainError):
    """Details: `last_day`, or None for an order that was cancelled or has expired."""

    code = "withdrawal_over"


class WithdrawalRefused(DomainError):
    code = "withdrawal_refused"


def declare_withdrawal(
    *, order: Order, key: UUID, pieces: Mapping[int, int], name: str, email: str, language: str, now: datetime
) -> Withdrawal:
    """Record a withdrawal from `pieces` (order line id → quantity), acknowledge it by e-mail and notify the team.

    A repeat with the same key returns the first declaration, also after the period. An order that awaits its payment
    and is withdrawn whole is cancelled. Raises WithdrawalOver, WithdrawalRefused; nothing changed then.
    """
    withdrawal = _declare(order=order, key=key, pieces=pieces, name=name, email=email, language=language, now=now)
    if withdrawal.order.status == Order.Status.CANCELLED:
        close_attempts(order=withdrawal.order, now=now)
    return withdrawal


@retry_on_deadlock
def _declare(
    *, order: Order, key: UUID, pieces: Mapping[int, int], name: str, email: str, language: str, now: datetime
) -> Withdrawal:
    with transaction.atomic(durable=True):
        order = lock_order(order)
        earlier = Withdrawal.objects.filter(order=order, key=key).first()
        if earlier is not None:
            return earlier
        if order.anonymised_at is not None:
            raise WithdrawalRefused(
                _("Les données de cette commande ont été effacées à votre demande. Écrivez-nous pour vous rétracter.")
            )
        refuse_when_over(order, now=now)
        prefetch_related_objects([order], "lines__variant")
        offered = {each.line.pk: each for each in offered_lines(order)}
        _check(pieces, offered)
        is_whole = all(each.line.quantity == each.withdrawn + pieces.get(pk, 0) for pk, each in offered.items())
        is_unpaid = is_whole and order.status == Order.Status.AWAITING_PAYMENT
        withdrawal = Withdrawal.objects.create(
            order=order,
            key=key,
            status=_first_status(order, is_unpaid=is_unpaid),
            name=name,
            email=email,
            language=language,
            items_total=sum((offered[pk].line.unit_price * count for pk, count in pieces.items()), ZERO),
            delivery_total=_standard_delivery(order, list(offered.values()), now=now) if is_whole else ZERO,
            declared_at=now,
            refund_due_at=now + REFUND_WITHIN,
            settled_at=now if is_unpaid else None,
        )
        WithdrawalLine.objects.bulk_create(
            WithdrawalLine(withdrawal=withdrawal, order_line_id=pk, quantity=pieces[pk]) for pk in sorted(pieces)
        )
        note_event(order=order, note=_note(pieces, offered), now=now)
        if is_unpaid:
            withdrawal.order = cancel_order(order=order, by=None, now=now, note=_("Rétractation du client"))
        _notify(withdrawal, now=now)
    logger.info("withdrawal_declared", order_id=order.pk, withdrawal_id=withdrawal.pk)
    return withdrawal


def refuse_when_over(order: Order, *, now: datetime) -> None:
    """Raises WithdrawalOver with the date and the reason. Queries nothing."""
    if is_open(order, now):
        return
    day = last_day(order)
    # Not open and no last day: it was cancelled or has expired.
    if day is None:
        raise WithdrawalOver(
            _("La commande %(number)s est « %(status)s » : il n’y a plus de contrat auquel renoncer.")
            % {"number": order.number, "status": order.get_status_display()},
            last_day=None,
        )
    raise WithdrawalOver(
        _(
            "Le délai de rétractation est passé : vous aviez jusqu’au %(day)s, quatorze jours après la remise de votre "
            "commande (art. L221-18 du code de la consommation)."
        )
        % {"day": date_format(day, "DATE_FORMAT")},
        last_day=day,
    )


def _check(pieces: Mapping[int, int], offered: Mapping[int, OfferedLine]) -> None:
    if not pieces:
        raise WithdrawalRefused(_("Indiquez au moins un produit auquel vous renoncez."))
    for pk, count in pieces.items():
        each = offered.get(pk)
        if each is None or count < 1:
            raise WithdrawalRefused(_("Ce produit n’est pas dans la commande."))
        if each.is_excepted:
            raise WithdrawalRefused(f"{each.line.product_name} — {each.line.withdrawal_notice}")
        if count > each.left:
            raise WithdrawalRefused(
                _(
                    "%(product)s : il en reste %(left)s auxquels vous pouvez renoncer, les autres sont déjà dans une "
                    "rétractation."
                )
                % {"product": each.line.product_name, "left": each.left},
                line=pk,
                left=each.left,
            )


def _first_status(order: Order, *, is_unpaid: bool) -> Withdrawal.Status:
    if is_unpaid:
        return Status.NOTHING_DUE
    return Status.AWAITING_GOODS if order.status in SENT else Status.NOTHING_SENT


def _standard_delivery(order: Order, offered: list[OfferedLine], *, now: datetime) -> Decimal:
    """The delivery that was paid, up to the cheapest one that the shop offers for such a parcel (art. L221-24: what a
    customer chose to pay beyond the standard delivery is not given back).

    All that was paid where the parcel's weight or a tariff is not known any more.
    """
    weights = [each.line.variant.weight_g * each.line.quantity for each in offered if each.line.variant is not None]
    if not order.delivery_total or len(weights) < len(offered):
        return order.delivery_total
    carried = quotes(weight_g=sum(weights), goods_total=order.items_total, now=now)
    prices = [quote.price for quote in carried if quote.method.kind in CARRIED]
    return min([order.delivery_total, *prices])


def _note(pieces: Mapping[int, int], offered: Mapping[int, OfferedLine]) -> str:
    declared = ", ".join(f"{pieces[pk]} × {each.line.product_name}" for pk, each in offered.items() if pk in pieces)
    return _("Rétractation déclarée : %s") % declared


def _notify(withdrawal: Withdrawal, *, now: datetime) -> None:
    outbox.enqueue(
        kind=AfterSalesEmail.ACKNOWLEDGEMENT,
        key=f"withdrawal-{withdrawal.pk}",
        object_id=withdrawal.pk,
        language=withdrawal.language,
        now=now,
    )
    for user in colleagues_who_may("aftersales.change_withdrawal"):
        outbox.enqueue(
            kind=AfterSalesEmail.TEAM,
            key=f"withdrawal-{withdrawal.pk}-team-{user.pk}",
            object_id=withdrawal.pk,
            occasion=str(user.pk),
            language=user.language,
            now=now,
        )
