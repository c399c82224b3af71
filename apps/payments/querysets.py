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


class DisputeQuerySet(models.QuerySet):
    def to_answer(self) -> "DisputeQuerySet":
        return self.filter(status="NEEDS_RESPONSE")

    def open(self) -> "DisputeQuerySet":
        return self.filter(status__in=["NEEDS_RESPONSE", "UNDER_REVIEW"])

    def to_remind(self, *, now: datetime, by: datetime) -> "DisputeQuerySet":
        """Those without an answer whose last day is near, of which nobody was reminded yet."""
        return self.to_answer().filter(answer_by__gt=now, answer_by__lte=by, reminded_at=None)


class PayoutLineQuerySet(models.QuerySet):
    def unexplained(self) -> "PayoutLineQuerySet":
        """Those that are not what the shop knows, to the cent."""
        return self.exclude(match="SAME")
