from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import Q


class OrderQuerySet(models.QuerySet):
    def of(self, user) -> "OrderQuerySet":
        return self.filter(user=user)

    def awaiting_payment(self) -> "OrderQuerySet":
        return self.filter(status="AWAITING_PAYMENT")

    def of_shopper(self, *, basket_keys: Collection[UUID], user) -> "OrderQuerySet":
        """Guest orders by the keys of their baskets, and the customer's own. A key never finds a customer's order."""
        mine = Q(user=None, basket_key__in=basket_keys)
        return self.filter(mine | Q(user=user) if user is not None else mine)

    def waiting(self, now: datetime) -> "OrderQuerySet":
        """Awaiting payment, with stock still held."""
        return self.awaiting_payment().filter(hold_expires_at__gt=now)

    def waiting_or_lapsed(self, now: datetime, *, since: datetime) -> "OrderQuerySet":
        """One shopper's orders with stock still held, or expired after `since` and not followed by a sold order."""
        bought_since = self.sold().order_by().filter(placed_at__gt=models.OuterRef("placed_at"))
        waiting = Q(status="AWAITING_PAYMENT", hold_expires_at__gt=now)
        return self.filter(waiting | Q(~models.Exists(bought_since), status="EXPIRED", closed_at__gt=since))

    def hold_ended_by(self, now: datetime) -> "OrderQuerySet":
        return self.awaiting_payment().filter(hold_expires_at__lte=now)

    def to_prepare(self) -> "OrderQuerySet":
        return self.filter(status__in=["CONFIRMED", "PREPARING"])

    def uncollected(self, *, since: datetime) -> "OrderQuerySet":
        """Orders that have been ready for collection since then, or longer."""
        return self.filter(status="READY", events__to_status="READY", events__created_at__lte=since)

    def sold(self) -> "OrderQuerySet":
        """Orders that count as sales (`Order.is_certain`)."""
        return self.filter(status__in=["CONFIRMED", "PREPARING", "READY", "SHIPPED", "DELIVERED"])
