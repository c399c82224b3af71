"""Personal data of orders: export, joining to an account, and reduction to what the law requires."""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q

from apps.accounts.models import User
from apps.orders.models import Order, PastOrder
from apps.orders.models.order import new_access_token
from apps.orders.models.past import PastOrderQuerySet
from apps.orders.querysets import OrderQuerySet
from apps.orders.services.search import refresh_search

Status = Order.Status
# A parcel may never be marked as arrived; after this time it no longer keeps an account open.
ARRIVAL = timedelta(days=30)


def guest_orders(user: User) -> OrderQuerySet:
    """Orders placed without an account with an address that this account has proved to be its own."""
    return Order.objects.filter(email__in=verified_emails(user), user=None, anonymised_at=None)


def claim_guest_orders(*, user: User) -> int:
    """Join those orders to the account; returns how many. A repeat finds none."""
    return guest_orders(user).update(user=user)


def orders_of_guest(email: str) -> OrderQuerySet:
    """Orders placed with an address and without an account; who asks has been identified otherwise."""
    return Order.objects.filter(email=email, user=None, anonymised_at=None)


def verified_emails(user: User) -> list[str]:
    """Addresses that an account has proved to be its own."""
    return list(EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True))


def past_orders(user: User) -> PastOrderQuerySet:
    """Orders of a former shop with an address that this account has proved to be its own. One query."""
    return PastOrder.objects.of_emails(EmailAddress.objects.filter(user=user, verified=True).values("email"))


def collect_past_orders(*, emails: list[str]) -> list[dict[str, Any]]:
    """What was brought in from a former shop about these addresses. One query."""
    names = ("source", "number", "placed_at", "status_text", "email", "name", "phone", "delivered_to", "payment_text")
    columns = (*names, "lines", "delivery_total", "total", "refunded")
    return list(PastOrder.objects.of_emails(emails).order_by("placed_at", "pk").values(*columns))


def erase_past_orders(*, emails: list[str], now: datetime) -> int:
    """Take everything that names somebody off them; returns how many. The row stays, so that the same file brings
    nobody back, with its date and amounts. No book rests on it: the former shop's do."""
    return PastOrder.objects.of_emails(emails).update(
        email="", name="", phone="", delivered_to="", payment_text="", anonymised_at=now
    )


def open_orders(*, user: User, now: datetime) -> list[str]:
    """Numbers of the orders that are not finished, which the shop must still be able to answer for."""
    return _unfinished(Order.objects.of(user), now)


def open_guest_orders(*, email: str, now: datetime) -> list[str]:
    return _unfinished(orders_of_guest(email), now)


def _unfinished(orders: OrderQuerySet, now: datetime) -> list[str]:
    unfinished = Q(status__in=[Status.AWAITING_PAYMENT, Status.CONFIRMED, Status.PREPARING, Status.READY])
    on_the_way = Q(status=Status.SHIPPED) & (Q(shipped_at=None) | Q(shipped_at__gt=now - ARRIVAL))
    return list(orders.filter(unfinished | on_the_way).values_list("number", flat=True))


def erase_orders(*, user: User, now: datetime) -> int:
    """Take a customer's orders off the account; returns how many.

    A sale stays with the name and address of its buyer, its lines and its totals for ten years (art. L123-22 code de
    commerce, art. 242 nonies A annexe II CGI); e-mail, telephone and the public link go. What was never paid is no
    sale, and keeps nobody's name.
    """
    return _anonymise(Order.objects.of(user), now)


def erase_guest_orders(*, email: str, now: datetime) -> int:
    """The same for what was ordered with an address and without an account."""
    return _anonymise(orders_of_guest(email), now)


def _anonymise(found: OrderQuerySet, now: datetime) -> int:
    with transaction.atomic():
        orders = list(found.order_by("pk").select_for_update())
        for order in orders:
            order.user = None
            order.email = order.phone = order.tracking_number = order.tracking_url = ""
            order.pickup_point = order.collection_hours = ""
            order.access_token = new_access_token()
            order.anonymised_at = now
            if order.paid_at is None:
                order.recipient = order.company = order.line1 = order.line2 = order.postcode = order.city = ""
            order.save()
        refresh_search([order.pk for order in orders])
    return len(orders)


def collect_orders(*, user: User) -> list[dict[str, Any]]:
    """A customer's orders with their lines, for an export. Three queries, whatever their number."""
    return _rows(Order.objects.of(user))


def collect_guest_orders(*, email: str) -> list[dict[str, Any]]:
    """The same for what was ordered with an address and without an account."""
    return _rows(orders_of_guest(email))


def _rows(found: OrderQuerySet) -> list[dict[str, Any]]:
    orders = found.prefetch_related("lines", "events").order_by("placed_at", "pk")
    return [
        {
            "number": order.number,
            "status": order.status,
            "placed_at": order.placed_at,
            "paid_at": order.paid_at,
            "shipped_at": order.shipped_at,
            "email": order.email,
            "phone": order.phone,
            "address": {
                "recipient": order.recipient,
                "company": order.company,
                "line1": order.line1,
                "line2": order.line2,
                "postcode": order.postcode,
                "city": order.city,
                "country": order.country,
            },
            "delivery": order.delivery_name,
            "pickup_point": order.pickup_point,
            "tracking_number": order.tracking_number,
            "payment_method": order.payment_method,
            "terms": {"version": order.terms_version, "accepted_at": order.terms_accepted_at},
            "items_total": order.items_total,
            "delivery_total": order.delivery_total,
            "total": order.total,
            "vat_total": order.vat_total,
            "lines": [
                {
                    "product": line.product_name,
                    "variant": line.variant_label,
                    "sku": line.sku,
                    "quantity": line.quantity,
                    "unit_price": line.unit_price,
                    "total": line.total,
                    "vat_rate": line.vat_rate,
                    "withdrawal_exception": line.withdrawal_exception,
                }
                for line in order.lines.all()
            ],
            "history": [
                {"from": event.from_status, "to": event.to_status, "at": event.created_at}
                for event in order.events.all()
            ],
        }
        for order in orders
    ]
