from datetime import datetime
from typing import Any

from django.db import models


class OperationRunQuerySet(models.QuerySet[Any]):
    def active(self) -> "OperationRunQuerySet":
        return self.filter(finished_at=None)

    def overdue(self, now: datetime) -> "OperationRunQuerySet":
        """Active beyond the time they were given: whoever ran them is gone."""
        return self.active().filter(expires_at__lt=now)

    def of(self, operation: str) -> "OperationRunQuerySet":
        return self.filter(operation=operation)

    def done(self) -> "OperationRunQuerySet":
        """Real runs that ended, the latest first."""
        return self.filter(finished_at__isnull=False, is_dry_run=False).order_by("-pk")
