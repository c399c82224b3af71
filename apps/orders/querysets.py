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
        """A visitor's by the keys of the baskets they were made of, and a customer's own.

        A visitor's key opens no customer's order.
        """
        mine = Q(user=None, basket_key__in=basket_keys)
        return self.filter(mine | Q(user=user) if user is not None else mine)

    def waiting(self, now: datetime) -> "OrderQuerySet":
        """Their pieces are held for money that may still come."""
        return self.awaiting_payment().filter(hold_expires_at__gt=now)

    def waiting_or_lapsed(self, now: datetime, *, since: datetime) -> "OrderQuerySet":
        """Of one shopper; what lapsed is of no more interest once that shopper has bought since."""
        bought_since = self.sold().order_by().filter(placed_at__gt=models.OuterRef("placed_at"))
        waiting = Q(status="AWAITING_PAYMENT", hold_expires_at__gt=now)
        return self.filter(waiting | Q(~models.Exists(bought_since), status="EXPIRED", closed_at__gt=since))

    def hold_ended_by(self, now: datetime) -> "OrderQuerySet":
        return self.awaiting_payment().filter(hold_expires_at__lte=now)

    def to_prepare(self) -> "OrderQuerySet":
        return self.filter(status__in=["CONFIRMED", "PREPARING"])

    def uncollected(self, *, since: datetime) -> "OrderQuerySet":
        """Orders that have been waiting in the shop for their customer since then, or longer."""
        return self.filter(status="READY", events__to_status="READY", events__created_at__lte=since)

    def sold(self) -> "OrderQuerySet":
        """Orders that are certain: what counts as sales."""
        return self.filter(status__in=["CONFIRMED", "PREPARING", "READY", "SHIPPED", "DELIVERED"])
