"""Purchases of a product: only its buyers may rate it."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from apps.accounts.models import User
from apps.common.email_addresses import canonical_email
from apps.orders.models import Order, OrderLine

Status = Order.Status
# Sent at least: a rating is accepted a day or two before the parcel arrives.
ON_ITS_WAY = [Status.SHIPPED, Status.DELIVERED]


@dataclass(frozen=True)
class Purchase:
    bought_on: date
    account_hash: str | None
    email_hash: str | None
    """Keyed hashes of the buyer's account and e-mail: the same for all of their orders."""
    language: str
    contact_email: str
    """Where the author is notified of the moderators' decision."""
    name: str


def is_purchase(order: Order) -> bool:
    """Whether the order is paid, and shipped or delivered."""
    return order.status in ON_ITS_WAY and order.paid_at is not None


def purchase_of(product_id: int, *, user: User | None = None, order_token: str = "") -> Purchase | None:
    """The latest purchase of a product by this account, or in the order with this access token."""
    lines = OrderLine.objects.filter(
        variant__product=product_id, order__status__in=ON_ITS_WAY, order__paid_at__isnull=False
    )
    if order_token:
        lines = lines.filter(order__access_token=order_token)
    elif user is not None:
        lines = lines.filter(order__user=user)
    else:
        return None
    line = lines.select_related("order").order_by("-order__placed_at", "-pk").first()
    if line is None or (order_token and not constant_time_compare(line.order.access_token, order_token)):
        return None
    order = line.order
    return Purchase(
        bought_on=timezone.localdate(order.placed_at),
        account_hash=_hash(f"user {order.user_id}") if order.user_id else None,
        email_hash=email_hash(order.email) if order.email else None,
        language=order.language,
        contact_email=order.email,
        name=order.recipient,
    )


def email_hash(email: str) -> str:
    """Keyed hash of an e-mail's canonical form; without our secret key it cannot be reversed."""
    return _hash(f"email {canonical_email(email)}")


def _hash(who: str) -> str:
    return salted_hmac("apps.comments.buyer", who, algorithm="sha256").hexdigest()
