from typing import TYPE_CHECKING

from apps.common.models import AppendOnlyQuerySet

if TYPE_CHECKING:
    from apps.orders.models import Order


class DocumentQuerySet(AppendOnlyQuerySet):
    def invoices(self) -> "DocumentQuerySet":
        return self.filter(kind="INVOICE")

    def credit_notes(self) -> "DocumentQuerySet":
        return self.filter(kind="CREDIT_NOTE")

    def without_file(self) -> "DocumentQuerySet":
        return self.filter(file=None)

    def of_order(self, order: "Order") -> "DocumentQuerySet":
        """Oldest first, for links: without what is printed."""
        return self.filter(order=order).defer("content").order_by("position")
