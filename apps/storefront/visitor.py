"""Who is shopping: the customer's account or the cookie of a visitor's basket."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from apps.accounts.models import User
from apps.basket import services as baskets
from apps.basket.models import Basket

BASKET_COOKIE = "panier"
BASKET_COOKIE_AGE = 60 * 24 * 3600


def customer(request: HttpRequest) -> User | None:
    return request.user if request.user.is_authenticated else None


def basket_key(request: HttpRequest) -> str | None:
    return request.COOKIES.get(BASKET_COOKIE)


def current_basket(request: HttpRequest, *, now: datetime) -> Basket | None:
    return baskets.open_basket(key=basket_key(request), user=customer(request), now=now)


def remember_basket(request: HttpRequest, response: HttpResponse, basket: Basket) -> None:
    """A visitor's basket is found again by a cookie (strictly necessary: art. 82 loi Informatique et Libertés)."""
    if basket.user_id is None:
        response.set_cookie(
            BASKET_COOKIE,
            str(basket.key),
            max_age=BASKET_COOKIE_AGE,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )


@receiver(user_logged_in, dispatch_uid="merge_basket_at_login")
def merge_basket_at_login(*, request: HttpRequest | None, user: User, **_kwargs: object) -> None:
    if request is not None and BASKET_COOKIE in request.COOKIES:
        baskets.merge(visitor_key=basket_key(request), user=user, now=timezone.now())


def basket_to_order(request: HttpRequest, *, key: str) -> Basket | None:
    """The basket that a summary was shown for, even if a first click has made its order already; only its owner's."""
    try:
        wanted = Basket.objects.filter(key=UUID(key)).first()
    except ValueError:
        return None
    if wanted is None:
        return None
    person = customer(request)
    if wanted.user_id is None:
        ours = basket_key(request) is not None and constant_time_compare(str(wanted.key), basket_key(request))
    else:
        ours = person is not None and wanted.user_id == person.pk
    return wanted if ours else None
