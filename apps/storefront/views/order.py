import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from apps.catalogue.models import Product
from apps.comments.purchases import is_purchase
from apps.comments.sections import section_of
from apps.orders.models import Order
from apps.payments import gateways
from apps.payments.money import Money
from apps.storefront.http import secret_link
from apps.storefront.order_progress import standing, steps


def order_by_token(token: str) -> Order:
    """The order whose link the visitor holds, with its lines and history; anything else does not exist (Http404).

    Compared again here, in constant time.
    """
    found = Order.objects.filter(access_token=token).prefetch_related("lines", "events").first()
    if found is None or not constant_time_compare(found.access_token, token):
        raise Http404
    structlog.contextvars.bind_contextvars(order_id=found.pk)
    return found


def order_page(found: Order) -> dict[str, object]:
    """What the templates of an order need."""
    gateway = gateways.get(found.payment_method)
    # An order that waits for its money has none to tell of.
    money = Money() if found.status == Order.Status.AWAITING_PAYMENT else found.payments.money()
    told = standing(found, money=money, gateway=gateway, now=timezone.now())
    return {
        "order": found,
        "steps": steps(found),
        "told": told,
        "gateway": gateway,
        "instructions": gateway.instructions(order_number=found.number, amount=found.total)
        if gateway and told.awaits_transfer
        else [],
    }


@require_safe
@secret_link
def order(request: HttpRequest, token: str) -> HttpResponse:
    found = order_by_token(token)
    offer_reviews(found)
    return render(request, "storefront/order/page.html", order_page(found))


def offer_reviews(found: Order) -> None:
    """Gives each line the address where what was bought is reviewed; the order's secret proves the purchase."""
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
