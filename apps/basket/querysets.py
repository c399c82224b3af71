from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import Q


class BasketQuerySet(models.QuerySet):
    def open(self) -> "BasketQuerySet":
        return self.filter(status="OPEN")

    def of_customer(self, user) -> "BasketQuerySet":
        return self.filter(user=user)

    def of_visitor(self, key: UUID) -> "BasketQuerySet":
        """By the key in the visitor's cookie; it never finds a customer's basket."""
        return self.filter(user=None, key=key)

    def abandoned(self, *, visitors_before: datetime, customers_before: datetime, done_before: datetime):
        """Open ones untouched for long, and those that became an order or part of another basket."""
        return self.filter(
            Q(status="OPEN", user=None, updated_at__lt=visitors_before)
            | Q(status="OPEN", user__isnull=False, updated_at__lt=customers_before)
            | Q(status__in=["MERGED", "ORDERED"], updated_at__lt=done_before)
        )
