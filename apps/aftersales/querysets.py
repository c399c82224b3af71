from datetime import datetime

from django.db import models
from django.db.models import Q

from apps.accounts.models import User


class WithdrawalQuerySet(models.QuerySet):
    def unsettled(self) -> "WithdrawalQuerySet":
        """Those whose refund is not made, nor found not to be due."""
        return self.exclude(status__in=["REFUNDED", "NOTHING_DUE"])

    def to_remind(self, *, by: datetime) -> "WithdrawalQuerySet":
        """Unsettled, due by then, and the team was not reminded."""
        return self.unsettled().filter(refund_due_at__lte=by, reminded_at=None)

    def of(self, user: User) -> "WithdrawalQuerySet":
        return self.filter(order__user=user)

    def of_guest(self, email: str) -> "WithdrawalQuerySet":
        """Of orders placed without an account, with this address or withdrawn from with it."""
        return self.filter(Q(order__email=email) | Q(email=email), order__user=None)
