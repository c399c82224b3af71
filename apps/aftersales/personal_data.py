"""What the shop keeps about a customer's withdrawals (GDPR articles 15, 17 and 20)."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from apps.accounts.models import User
from apps.aftersales.models import Withdrawal
from apps.aftersales.querysets import WithdrawalQuerySet
from apps.orders.models import Order
from apps.orders.querysets import OrderQuerySet


def open_withdrawals(*, user: User) -> list[str]:
    """Numbers of the orders of which a refund may still be due.

    Inside the caller's transaction: locks the orders, so that nothing is declared until it has ended.
    """
    _lock(Order.objects.of(user))
    return _numbers(Withdrawal.objects.of(user))


def open_guest_withdrawals(*, email: str) -> list[str]:
    """The same for what was ordered without an account."""
    _lock(Order.objects.filter(Q(email=email) | Q(withdrawals__email=email), user=None))
    return _numbers(Withdrawal.objects.of_guest(email))


def collect_withdrawals(*, user: User) -> list[dict[str, Any]]:
    """A customer's declarations, for an export. Two queries, whatever their number."""
    return _rows(Withdrawal.objects.of(user))


def collect_guest_withdrawals(*, email: str) -> list[dict[str, Any]]:
    """The same for what was ordered with an address and without an account."""
    return _rows(Withdrawal.objects.of_guest(email))


def erase_withdrawals(*, user: User, now: datetime) -> int:
    """Take a customer's name and address off their declarations; returns how many. Call it before the orders leave the
    account."""
    return _anonymise(Withdrawal.objects.of(user), now)


def erase_guest_withdrawals(*, email: str, now: datetime) -> int:
    return _anonymise(Withdrawal.objects.of_guest(email), now)


def _lock(orders: OrderQuerySet) -> None:
    keys = sorted(set(orders.values_list("pk", flat=True)))
    list(Order.objects.filter(pk__in=keys).order_by("pk").select_for_update().values_list("pk", flat=True))


def _numbers(found: WithdrawalQuerySet) -> list[str]:
    return list(found.unsettled().order_by().values_list("order__number", flat=True).distinct())


def _rows(found: WithdrawalQuerySet) -> list[dict[str, Any]]:
    rows = found.select_related("order").prefetch_related("lines__order_line").order_by("declared_at", "pk")
    return [
        {
            "order": each.order.number,
            "declared_at": each.declared_at,
            "name": each.name,
            "email": each.email,
            "status": each.status,
            "items_total": each.items_total,
            "delivery_total": each.delivery_total,
            "settled_at": each.settled_at,
            "lines": [
                {"product": line.order_line.product_name, "sku": line.order_line.sku, "quantity": line.quantity}
                for line in each.lines.all()
            ],
        }
        for each in rows
    ]


def _anonymise(found: WithdrawalQuerySet, now: datetime) -> int:
    # MySQL updates no table that a subquery of the statement joins.
    keys = list(found.filter(anonymised_at=None).values_list("pk", flat=True))
    return Withdrawal.objects.filter(pk__in=keys).update(name="", email="", anonymised_at=now)
