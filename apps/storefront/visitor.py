"""The shopper: a customer by the session, a visitor by the cookies of basket and orders."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from apps.accounts.models import User
from apps.basket import services as baskets
from apps.basket.models import Basket
from apps.orders.models import Order
from apps.payments.models import Payment

BASKET_COOKIE_AGE = 60 * 24 * 3600
# The baskets whose orders may still wait for their money, newest first.
ORDERS_COOKIE_AGE = 10 * 24 * 3600
MOST_ORDERS = 5
# How long the basket's page offers to buy an expired order again.
LAPSED = timedelta(days=2)


def customer(request: HttpRequest) -> User | None:
    return request.user if request.user.is_authenticated else None


def basket_key(request: HttpRequest) -> str | None:
    return request.COOKIES.get(settings.BASKET_COOKIE_NAME)


def current_basket(request: HttpRequest) -> Basket | None:
    return baskets.open_basket(key=basket_key(request), user=customer(request))


def remember_basket(request: HttpRequest, response: HttpResponse, basket: Basket) -> None:
    """Set the cookie of a visitor's basket (strictly necessary: art. 82 loi Informatique et Libertés)."""
    if basket.user_id is None:
        response.set_cookie(
            settings.BASKET_COOKIE_NAME,
            str(basket.key),
            max_age=BASKET_COOKIE_AGE,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )


def remember_order(request: HttpRequest, response: HttpResponse, order: Order) -> None:
    """Set the cookie by which the basket's page finds this browser's orders (strictly necessary, as the basket's)."""
    keys = [order.basket_key, *(key for key in _order_keys(request) if key != order.basket_key)][:MOST_ORDERS]
    response.set_cookie(
        settings.ORDERS_COOKIE_NAME,
        ".".join(key.hex for key in keys),
        max_age=ORDERS_COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def remembers_orders(request: HttpRequest) -> bool:
    return settings.ORDERS_COOKIE_NAME in request.COOKIES


def delete_orders_cookie(response: HttpResponse) -> None:
    response.delete_cookie(settings.ORDERS_COOKIE_NAME, samesite="Lax")


def unpaid_orders(
    request: HttpRequest, *, now: datetime, lapsed: bool = False, besides: Basket | None = None
) -> list[Order]:
    """The visitor's and the customer's orders that wait for their money, newest first; with `lapsed` also those that
    expired within LAPSED. `besides`: the open basket, which no order has come from. One query; none for a visitor
    without cookies of other baskets."""
    person = customer(request)
    keys = [key for key in _order_keys(request) if besides is None or key != besides.key]
    if not keys and person is None:
        return []
    found = Order.objects.of_shopper(basket_keys=keys, user=person)
    found = found.waiting_or_lapsed(now, since=now - LAPSED) if lapsed else found.waiting(now)
    # A bank that executes a payment leaves nothing to take up again.
    return list(found.exclude(payments__status=Payment.Status.PROCESSING)[:MOST_ORDERS])


def is_ours(request: HttpRequest, order: Order) -> bool:
    """Whether this browser placed the order, or its customer is logged in; a link alone may have been passed on."""
    person = customer(request)
    if order.user_id is not None:
        return person is not None and order.user_id == person.pk
    return order.basket_key in _order_keys(request)


def _order_keys(request: HttpRequest) -> list[UUID]:
    parts = request.COOKIES.get(settings.ORDERS_COOKIE_NAME, "")[:400].split(".")[:MOST_ORDERS]
    keys = []
    for part in [*parts, basket_key(request) or ""]:
        with suppress(ValueError):
            keys.append(UUID(part))
    return keys


@receiver(user_logged_in, dispatch_uid="merge_basket_at_login")
def merge_basket_at_login(*, request: HttpRequest | None, user: User, **_kwargs: object) -> None:
    if request is not None and settings.BASKET_COOKIE_NAME in request.COOKIES:
        baskets.merge(visitor_key=basket_key(request), user=user)


def basket_to_order(request: HttpRequest, *, key: str) -> Basket | None:
    """The basket of a summary, even if a first click has ordered it already; None unless it is the visitor's own."""
    wanted = baskets.basket_by_key(key)
    if wanted is None:
        return None
    person = customer(request)
    if wanted.user_id is None:
        ours = basket_key(request) is not None and constant_time_compare(str(wanted.key), basket_key(request))
    else:
        ours = person is not None and wanted.user_id == person.pk
    return wanted if ours else None
