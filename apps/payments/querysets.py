from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q


class PaymentQuerySet(models.QuerySet):
    def open(self) -> "PaymentQuerySet":
        """Attempts that may still bring money."""
        return self.filter(status__in=["PENDING", "CHALLENGED", "PROCESSING", "AUTHORISED"])

    def captured(self) -> "PaymentQuerySet":
        return self.filter(status="CAPTURED")

    def to_ask(self, now: datetime) -> "PaymentQuerySet":
        """Open attempts whose gateway was not asked for two minutes, long enough for a request that still runs to
        finish by itself; for an hour where it takes days: a bank that executes a debit, an order whose card is charged
        at dispatch."""
        takes_days = Q(status="PROCESSING") | Q(
            status="AUTHORISED", order__status__in=["CONFIRMED", "PREPARING", "READY"]
        )
        soon = Q(asked_at__lt=now - timedelta(minutes=2))
        return self.open().filter(soon & (~takes_days | Q(asked_at__lt=now - timedelta(hours=1))))
