from dataclasses import dataclass, field
from datetime import datetime

from apps.accounts.models import User
from apps.basket import services as baskets
from apps.common.errors import DomainError
from apps.orders.models import Order


@dataclass
class BoughtAgain:
    """How many lines are in the basket now, and a sentence for each that is not, or not in full."""

    added: int = 0
    missing: list[str] = field(default_factory=list)


def buy_again(*, order: Order, user: User, now: datetime) -> BoughtAgain:
    """Put an earlier order's products in the customer's basket, at today's prices, as far as they are sold and there.

    Never raises for a product: what cannot be had is told in `missing`. A repeat adds as many again.
    """
    result = BoughtAgain()
    for line in order.lines.select_related("variant"):
        sku = line.variant.sku if line.variant else line.sku
        try:
            basket = baskets.add(basket=None, key=None, user=user, sku=sku, quantity=line.quantity, now=now)
        except DomainError as error:
            result.missing.append(f"{line.product_name} — {error.message}")
            continue
        result.added += 1
        if basket.notice:
            result.missing.append(basket.notice)
    return result
