from datetime import datetime

from django.db import models


class PaymentQuerySet(models.QuerySet):
    def open(self) -> "PaymentQuerySet":
        """Attempts that may still bring money."""
        return self.filter(status__in=["PENDING", "CHALLENGED", "AUTHORISED"])

    def captured(self) -> "PaymentQuerySet":
        return self.filter(status="CAPTURED")

    def not_asked_since(self, moment: datetime) -> "PaymentQuerySet":
        return self.open().filter(asked_at__lt=moment)
