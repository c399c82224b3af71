import structlog
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.catalogue.models import Product
from apps.checkout import services as checkouts
from apps.comments.purchases import is_purchase
from apps.comments.sections import section_of
from apps.common.errors import DomainError
from apps.common.prepared import Prepared, prefetched
from apps.invoicing.models import Document
from apps.orders.models import Order, OrderEvent, OrderLine
from apps.payments import gateways
from apps.payments.money import Money, money_of
from apps.payments.services.attempt import payable
from apps.storefront.http import post_only, secret_link, see_other
from apps.storefront.order_progress import standing, steps
from apps.storefront.visitor import basket_key, customer, is_ours, remember_basket

_ORDER = Prepared(lambda token: Order.objects.filter(access_token=token))
_LINES = Prepared(lambda order: OrderLine.objects.filter(order=order))
_EVENTS = Prepared(lambda order: OrderEvent.objects.filter(order=order))


def order_by_token(token: str) -> Order:
    """The order with this access token, with its lines and history; raises Http404 for any other token.

    The token is compared once more in constant time.
    """
    found = next(iter(_ORDER.instances(token)), None)
    if found is None or not constant_time_compare(found.access_token, token):
        raise Http404
    prefetched(found, lines=_LINES.instances(found.pk), events=_EVENTS.instances(found.pk))
    structlog.contextvars.bind_contextvars(order_id=found.pk)
    return found


def order_page(found: Order) -> dict[str, object]:
    """The context of the templates of an order."""
    gateway = gateways.get(found.payment_method)
    now = timezone.now()
    # While it can be paid by hand, nothing is known of its money.
    by_hand = gateway is not None and not gateway.is_remote
    money = Money() if by_hand and payable(found, now) else money_of(found)
    current = standing(found, money=money, gateway=gateway, now=now)
    return {
        "order": found,
        "steps": steps(found),
        "standing": current,
        "gateway": gateway,
        "instructions": gateway.instructions(order_number=found.number, amount=found.total)
        if gateway and current.awaits_transfer
        else [],
    }


@require_safe
@secret_link
def order(request: HttpRequest, token: str) -> HttpResponse:
    found = order_by_token(token)
    offer_reviews(found)
    return render(request, "storefront/order/page.html", {**order_page(found), **what_followed(found)})


def what_followed(found: Order) -> dict[str, object]:
    """Withdrawals and documents of an order, for its pages. Two queries."""
    return {
        "withdrawals": list(found.withdrawals.all()),
        "documents": list(Document.objects.of_order(found)),
    }


def offer_reviews(found: Order) -> None:
    """Gives each line its `review_url`; the order's token in it proves the purchase."""
    if not is_purchase(found):
        return
    on_sale = Product.objects.visible().filter(variants__in=[line.variant_id for line in found.lines.all()])
    products = dict(on_sale.values_list("variants__pk", "pk"))
    for line in found.lines.all():
        if line.variant_id in products:
            section = section_of(products[line.variant_id])
            line.review_url = f"{reverse('storefront:comments', args=[section])}?commande={found.access_token}#ecrire"


@require_safe
@secret_link
def confirmation(request: HttpRequest, token: str) -> HttpResponse:
    return render(request, "storefront/order/confirmation.html", order_page(order_by_token(token)))


@post_only("storefront:order", "token")
@secret_link
def modify_order(request: HttpRequest, token: str) -> HttpResponse:
    """« Modifier ma commande »: cancels an unpaid order and puts its lines back into the basket."""
    found = order_by_token(token)
    back = reverse("storefront:order", args=[token])
    try:
        result = checkouts.modify_order(
            order=found,
            key=basket_key(request),
            user=customer(request),
            with_details=is_ours(request, found),
            now=timezone.now(),
        )
    except DomainError as error:
        messages.warning(request, error.message)
        return see_other(back)
    if result.basket is None:
        return see_other(back)
    text = _("La commande %(number)s est annulée : ses produits sont de nouveau dans votre panier.")
    return _to_the_basket(request, result, text % {"number": found.number})


@post_only("storefront:order", "token")
@secret_link
def buy_order_again(request: HttpRequest, token: str) -> HttpResponse:
    """« Commander à nouveau », by the order's link, without an account."""
    return bring_back(request, order_by_token(token), back=reverse("storefront:order", args=[token]))


def bring_back(request: HttpRequest, found: Order, *, back: str) -> HttpResponse:
    """Put an earlier order's products into the basket; redirects to `back` when none is available."""
    try:
        again = checkouts.buy_again(
            order=found,
            key=basket_key(request),
            user=customer(request),
            with_details=is_ours(request, found),
            now=timezone.now(),
        )
    except DomainError as error:
        messages.warning(request, error.message)
        return see_other(back)
    if not again.added:
        for sentence in again.missing:
            messages.warning(request, sentence)
        return see_other(back)
    return _to_the_basket(request, again, _("Vos produits sont dans le panier, aux prix d’aujourd’hui."))


def _to_the_basket(request: HttpRequest, result: checkouts.BackInBasket, text: str) -> HttpResponse:
    for sentence in result.missing:
        messages.warning(request, sentence)
    messages.success(request, text)
    answer = see_other(reverse("storefront:basket"))
    if result.basket is not None:
        remember_basket(request, answer, result.basket)
    return answer
