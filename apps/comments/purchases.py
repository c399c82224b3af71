"""Who bought a product: only they may rate it."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from apps.accounts.models import User
from apps.common.email_addresses import canonical_email
from apps.orders.models import Order, OrderLine

Status = Order.Status
# Out of the shop: whoever judges a product has it, or will in a day or two.
ON_ITS_WAY = [Status.SHIPPED, Status.DELIVERED]


@dataclass(frozen=True)
class Purchase:
    bought_on: date
    account: str | None
    """Digests of who bought, by account and by e-mail address: the same for every order of theirs."""
    email: str | None
    language: str
    address: str
    """The e-mail address, for a word about the moderators' decision."""
    name: str


def is_purchase(order: Order) -> bool:
    """Paid for, and sent or handed over."""
    return order.status in ON_ITS_WAY and order.paid_at is not None


def purchase_of(product_id: int, *, user: User | None = None, order_token: str = "") -> Purchase | None:
    """The latest purchase of a product by this account, or by the order whose secret link is shown."""
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
        account=_digest(f"user {order.user_id}") if order.user_id else None,
        email=email_digest(order.email) if order.email else None,
        language=order.language,
        address=order.email,
        name=order.recipient,
    )


def email_digest(email: str) -> str:
    """The same for an address however it is written; it leads back to nobody."""
    return _digest(f"email {canonical_email(email)}")


def _digest(who: str) -> str:
    return salted_hmac("apps.comments.buyer", who, algorithm="sha256").hexdigest()
