"""Documents of a person (GDPR articles 15 and 20). They are not erased: the law wants invoices kept for ten years with
the name and address of the buyer (art. L123-22 C. com.), which GDPR art. 17 § 3 b allows."""

from typing import Any

from apps.accounts.models import User
from apps.invoicing.models import Document
from apps.invoicing.querysets import DocumentQuerySet
from apps.invoicing.services.chain import read


def collect_documents(*, user: User) -> list[dict[str, Any]]:
    """A customer's invoices and credit notes, for an export. One query, whatever their number."""
    return _rows(Document.objects.filter(order__user=user))


def collect_guest_documents(*, email: str) -> list[dict[str, Any]]:
    """The same for what was ordered with an address and without an account."""
    return _rows(Document.objects.filter(order__email=email, order__user=None, order__anonymised_at=None))


def _rows(found: DocumentQuerySet) -> list[dict[str, Any]]:
    return [
        {
            "number": each.number,
            "kind": each.kind,
            "issued": each.issue_date,
            "order": each.order.number,
            "net": each.net,
            "vat": each.vat,
            "gross": each.gross,
            "buyer": read(each)["buyer"],
        }
        for each in found.select_related("order").order_by("position")
    ]
