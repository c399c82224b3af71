from collections.abc import Sequence
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.checkout import services as checkouts
from apps.checkout.services import NextStep
from apps.common.money import to_cents
from apps.orders.models import Order
from apps.payments import gateways
from apps.payments import services as payments
from apps.payments.gateways.base import Gateway
from apps.payments.models import Payment
from apps.payments.services.attempt import payable
from apps.storefront.http import secret_link, see_other
from apps.storefront.views.order import order_by_token

MAX_INSTRUMENT = 200
# Of the payment page's address, while its script has to finish a payment (3-D Secure).
AUTHENTICATE = "authentification"


@require_http_methods(["GET", "HEAD", "POST"])
@secret_link
def payment(request: HttpRequest, token: str) -> HttpResponse:
    """The payment page of an unpaid order; another attempt is possible while its stock is held."""
    order = order_by_token(token)
    if request.method == "POST":
        return _pay(request, order)
    if not payable(order, timezone.now()):
        return see_other(reverse("storefront:order", args=[token]))
    if _at_the_bank(order):
        return _redirect_by_status(order)
    if AUTHENTICATE in request.GET:
        return _authenticate(request, order)
    return _page(request, order)


@require_safe
@secret_link
def payment_return(request: HttpRequest, token: str) -> HttpResponse:
    """The return URL of hosted payment pages: the outcome comes from the provider, never from the URL."""
    order = order_by_token(token)
    attempt = order.payments.open().first()
    if attempt is not None:
        try:
            payments.refresh_payment(payment=attempt, now=timezone.now())
        except payments.PaymentUnavailable as error:
            return _payment_in_doubt(request, order, error)
    return _redirect_by_status(order)


def _pay(request: HttpRequest, order: Order) -> HttpResponse:
    now = timezone.now()
    wanted = request.POST.get("method", "")
    instrument = request.POST.get("instrument", "")[:MAX_INSTRUMENT]
    try:
        placed = checkouts.retry_payment(order=order, payment_method=wanted, now=now)
        attempt = placed.payment
        gateway = gateways.get(attempt.gateway) if attempt else None
        if placed.next_step == NextStep.DONE or gateway is None or _at_the_bank(order):
            return _redirect_by_status(order)
        if wanted and wanted != gateway.code:
            # The former attempt could not be cancelled: its provider does not answer, and may have taken the money.
            return _payment_in_doubt(request, order, None)
        if gateway.needs_instrument and not instrument:
            return _redirect_by_status(order)
        progress = payments.start_payment(
            payment=attempt,
            return_url=settings.SITE_URL + reverse("storefront:payment_return", args=[order.access_token]),
            instrument=instrument,
            now=now,
        )
    except payments.PaymentUnavailable as error:
        return _payment_in_doubt(request, order, error)
    except payments.MeansNotOffered as error:
        return _page(request, order, refusal=error.message, status=HTTPStatus.CONFLICT)
    except payments.OrderNotPayable:
        # A first click, another tab or a webhook was quicker: answer with its result.
        return _redirect_by_status(order)
    if progress.challenge:
        page = reverse("storefront:payment", args=[order.access_token])
        return see_other(f"{page}?{AUTHENTICATE}=1")
    return see_other(progress.redirect_url) if progress.redirect_url else _redirect_by_status(order)


def _authenticate(request: HttpRequest, order: Order) -> HttpResponse:
    """The payment page with what its script needs; without, whatever page fits by now."""
    attempt = order.payments.filter(status=Payment.Status.CHALLENGED).first()
    if attempt is None:
        return _redirect_by_status(order)
    try:
        progress = payments.refresh_payment(payment=attempt, now=timezone.now())
    except payments.PaymentUnavailable as error:
        return _payment_in_doubt(request, order, error)
    return _page(request, order, challenge=progress.challenge) if progress.challenge else _redirect_by_status(order)


def _redirect_by_status(order: Order) -> HttpResponse:
    """Redirect to the page that fits the order, read again: a concurrent request may have changed it."""
    order = Order.objects.get(pk=order.pk)
    if payable(order, timezone.now()):
        gateway = gateways.get(order.payment_method)
        page = "payment" if gateway and gateway.is_remote and not _at_the_bank(order) else "confirmation"
    else:
        page = "confirmation" if order.is_certain else "order"
    return see_other(reverse(f"storefront:{page}", args=[order.access_token]))


def _at_the_bank(order: Order) -> bool:
    """Whether a bank executes a payment, for days: nothing is left to do. One query."""
    return order.payments.filter(status=Payment.Status.PROCESSING).exists()


def _payment_in_doubt(request: HttpRequest, order: Order, error: payments.PaymentUnavailable | None) -> HttpResponse:
    """It is unknown whether money was taken: the page says so, unless the order cannot be paid any more."""
    order = Order.objects.get(pk=order.pk)
    if not payable(order, timezone.now()):
        return _redirect_by_status(order)
    sentence = error.message if error else _("La banque ne répond pas : nous ne savons pas encore si vous avez payé.")
    return _page(request, order, in_doubt=sentence, status=HTTPStatus.SERVICE_UNAVAILABLE)


def _page(
    request: HttpRequest,
    order: Order,
    *,
    refusal: str = "",
    in_doubt: str = "",
    challenge: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    last = order.payments.first()
    gateway = gateways.get(order.payment_method)
    if not (refusal or in_doubt) and last is not None and last.status == Payment.Status.CAPTURED:
        refusal = _(
            "La banque n’a pas encaissé le montant de la commande : la somme vous est rendue. Payez de nouveau."
        )
    elif not (refusal or in_doubt) and last is not None and last.is_in_doubt:
        in_doubt = _("Vous avez commencé un paiement : la banque n’a pas encore dit s’il a abouti.")
    declined = last is not None and last.status == Payment.Status.DECLINED and not (refusal or in_doubt)
    context = {
        "order": order,
        "gateway": gateway,
        "refusal": refusal,
        "in_doubt": in_doubt,
        "declined": last.decline_reason or _("La banque a refusé le paiement.") if declined else "",
        "others": [
            other for other in gateways.offered(delivery_kind=order.delivery_kind) if other.code != order.payment_method
        ],
        "forms": _forms(gateway),
        "cents": to_cents(order.total),
        "challenge": challenge,
    }
    answer = render(request, "storefront/payment/page.html", context, status=status)
    answer._csp_update = _policy(gateway, gateways.offered(delivery_kind=order.delivery_kind))
    return answer


def _policy(gateway: Gateway | None, offered: Sequence[Gateway]) -> dict[str, list[str]]:
    """What this page's content security policy allows beyond the shop's own: what the form in it loads, and where the
    form of any means may lead."""
    usual = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["default-src"]
    loaded = dict(gateway.page_policy) if gateway else {}
    targets = [origin for each in offered for origin in each.page_policy.get("form-action", ())]
    policy = {name: [*usual, *origins] for name, origins in loaded.items() if name != "form-action"}
    return {**policy, "form-action": targets} if targets else policy


def _forms(gateway: Gateway | None) -> list[str]:
    """The first of these templates that exists: a gateway's own, named by its code, or that of its sort."""
    hosted = gateway is not None and gateway.is_remote and not gateway.needs_instrument
    of_its_sort = f"storefront/payment/{'hosted' if hosted else 'by_hand'}.html"
    return [f"storefront/payment/forms/{gateway.code}.html", of_its_sort] if gateway else [of_its_sort]
