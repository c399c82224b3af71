"""Personal data in baskets: export and erasure (GDPR articles 15, 17 and 20)."""

from typing import Any

from apps.accounts.models import User
from apps.basket.models import Basket


def lock_baskets(*, user: User) -> list[int]:
    """Ids of a customer's baskets, locked in primary-key order: none becomes an order meanwhile."""
    return list(Basket.objects.filter(user=user).order_by("pk").select_for_update().values_list("pk", flat=True))


def erase_baskets(*, user: User) -> None:
    Basket.objects.filter(user=user).delete()


def collect_baskets(*, user: User) -> list[dict[str, Any]]:
    """A customer's baskets with their lines and what was typed at checkout, for an export."""
    baskets = (
        Basket.objects.filter(user=user)
        .select_related("details")
        .prefetch_related("lines__variant__product")
        .order_by("pk")
    )
    return [
        {
            "status": basket.status,
            "created_at": basket.created_at,
            "updated_at": basket.updated_at,
            "lines": [
                {"product": line.variant.product.name, "sku": line.variant.sku, "quantity": line.quantity}
                for line in basket.lines.all()
            ],
            "details": _details(basket),
        }
        for basket in baskets
    ]


def _details(basket: Basket) -> dict[str, str] | None:
    details = getattr(basket, "details", None)
    if details is None:
        return None
    fields = ("email", "phone", "recipient", "company", "line1", "line2", "postcode", "city", "country")
    return {field: getattr(details, field) for field in fields}
