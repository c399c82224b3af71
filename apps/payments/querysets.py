from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from apps.payments.money import Money


class PaymentQuerySet(models.QuerySet):
    def open(self) -> "PaymentQuerySet":
        """Attempts that may still bring money."""
        return self.filter(status__in=["PENDING", "CHALLENGED", "AUTHORISED"])

    def captured(self) -> "PaymentQuerySet":
        return self.filter(status="CAPTURED")

    def not_asked_since(self, moment: datetime) -> "PaymentQuerySet":
        return self.open().filter(asked_at__lt=moment)

    def money(self) -> "Money":
        """What is known of the money of one order, whose payments these are. One query; two once money was taken."""
        # The gateways, which it asks, need the models first.
        from apps.payments.money import money_of

        attempts = list(self.order_by("pk"))
        models.prefetch_related_objects([each for each in attempts if each.status == "CAPTURED"], "refunds")
        return money_of(attempts)
