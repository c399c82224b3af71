from datetime import date, datetime
from typing import Any

from django.db import models


class OperationRunQuerySet(models.QuerySet[Any]):
    def active(self) -> "OperationRunQuerySet":
        return self.filter(finished_at=None)

    def queued(self) -> "OperationRunQuerySet":
        """Asked for from a page; no worker has begun them."""
        return self.filter(state=self.model.State.QUEUED)

    def overdue(self, now: datetime) -> "OperationRunQuerySet":
        """Active beyond their time limit: their process is gone."""
        return self.active().filter(expires_at__lt=now)

    def of(self, operation: str) -> "OperationRunQuerySet":
        return self.filter(operation=operation)

    def done(self) -> "OperationRunQuerySet":
        """Real runs that ended, the latest first."""
        return self.filter(finished_at__isnull=False, is_dry_run=False).order_by("-pk")


class AuditFindingQuerySet(models.QuerySet[Any]):
    def present(self) -> "AuditFindingQuerySet":
        """Those that the last audit with access to them still found."""
        return self.filter(gone_at=None)

    def accepted(self, today: date) -> "AuditFindingQuerySet":
        return self.filter(accepted_until_date__gte=today)
