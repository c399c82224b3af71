from datetime import datetime

from django.db import models


class OrderQuerySet(models.QuerySet):
    def of(self, user) -> "OrderQuerySet":
        return self.filter(user=user)

    def awaiting_payment(self) -> "OrderQuerySet":
        return self.filter(status="AWAITING_PAYMENT")

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
