from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.checkout import services as checkouts
from apps.checkout.services import NextStep, PlacedOrder
from apps.common.errors import DomainError
from apps.orders.models import Order
from apps.payments import gateways
from apps.payments import services as payments
from apps.payments.gateways.demo_card import ACCEPTED, CHALLENGED, DECLINED, DemoCard
from apps.payments.models import Payment
from apps.payments.services.attempt import payable
from apps.storefront.http import secret_link, see_other
from apps.storefront.views.order import order_by_token

MAX_INSTRUMENT = 200


@require_http_methods(["GET", "HEAD", "POST"])
@secret_link
def payment(request: HttpRequest, token: str) -> HttpResponse:
    """Where an order that waits for its money is paid, and paid again after a refusal while its pieces are held."""
    order = order_by_token(token)
    if not payable(order, timezone.now()):
        return see_other(reverse("storefront:order", args=[token]))
    if request.method == "POST":
        try:
            return _pay(request, order)
        except payments.PaymentUnavailable as error:
            return _page(request, order, refusal=error.message, status=HTTPStatus.SERVICE_UNAVAILABLE)
        except DomainError as error:
            return _page(request, order, refusal=error.message, status=HTTPStatus.CONFLICT)
    return _page(request, order)


@require_safe
@secret_link
def payment_return(request: HttpRequest, token: str) -> HttpResponse:
    """Where a bank sends the shopper back to: the bank is asked what became of it, the link is not believed."""
    order = order_by_token(token)
    attempt = order.payments.open().first()
    if attempt is not None:
        try:
            payments.refresh_payment(payment=attempt, now=timezone.now())
        except payments.PaymentUnavailable as error:
            return _page(request, order, refusal=error.message, status=HTTPStatus.SERVICE_UNAVAILABLE)
    order.refresh_from_db(fields=["status"])
    page = "storefront:payment" if order.status == Order.Status.AWAITING_PAYMENT else "storefront:confirmation"
    return see_other(reverse(page, args=[token]))


def _pay(request: HttpRequest, order: Order) -> HttpResponse:
    now = timezone.now()
    wanted = request.POST.get("method", "")
    placed = checkouts.retry_payment(order=order, payment_method=wanted, now=now)
    instrument = request.POST.get("instrument", "")[:MAX_INSTRUMENT]
    if placed.next_step == NextStep.DONE or not instrument:
        return _after(placed)
    progress = payments.start_payment(
        payment=placed.payment,
        return_url=request.build_absolute_uri(reverse("storefront:payment_return", args=[order.access_token])),
        instrument=instrument,
        now=now,
    )
    if progress.redirect_url:
        return see_other(progress.redirect_url)
    paid = progress.payment.status == Payment.Status.CAPTURED
    page = "storefront:confirmation" if paid else "storefront:payment"
    return see_other(reverse(page, args=[order.access_token]))


def _after(placed: PlacedOrder) -> HttpResponse:
    page = "storefront:payment" if placed.next_step == NextStep.PAY else "storefront:confirmation"
    return see_other(reverse(page, args=[placed.order.access_token]))


def _page(request: HttpRequest, order: Order, *, refusal: str = "", status: int = HTTPStatus.OK) -> HttpResponse:
    last = order.payments.first()
    gateway = gateways.get(order.payment_method)
    declined = last is not None and last.status == Payment.Status.DECLINED
    context = {
        "order": order,
        "gateway": gateway,
        "refusal": refusal or (last.decline_reason if declined else ""),
        "others": [
            other for other in gateways.offered(delivery_kind=order.delivery_kind) if other.code != order.payment_method
        ],
        "cards": _demo_cards() if gateway and gateway.code == DemoCard.code else [],
    }
    return render(request, "storefront/payment/page.html", context, status=status)


def _demo_cards() -> list[tuple[str, str]]:
    return [
        (ACCEPTED, _("La banque accepte tout de suite")),
        (CHALLENGED, _("La banque demande une authentification (3-D Secure)")),
        (DECLINED, _("La banque refuse")),
    ]
