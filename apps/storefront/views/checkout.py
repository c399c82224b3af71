from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import Address
from apps.basket import services as baskets
from apps.basket.models import Basket, CheckoutDetails
from apps.basket.services import LoadedBasket
from apps.catalogue.services.stock import OutOfStock
from apps.checkout import services as checkouts
from apps.checkout.services import BasketClosed, DetailsMissing, NextStep, PricesChanged, Summary
from apps.common.translation import current_language
from apps.delivery import services as delivery
from apps.delivery.kinds import CARRIED
from apps.delivery.models import DeliveryMethod, PickupPoint
from apps.delivery.services import Quote, points_of
from apps.orders.models import Order
from apps.payments.gateways.base import Gateway
from apps.shop.identity import current
from apps.shop.terms import version_in_force
from apps.storefront.delivery_choice import usual_delivery
from apps.storefront.forms.checkout import DetailsForm, from_customer, is_usable, saved_details
from apps.storefront.http import personal, post_only, see_other
from apps.storefront.visitor import basket_to_order, current_basket, customer, remember_order, unpaid_orders

Kind = DeliveryMethod.Kind


@dataclass(frozen=True)
class DeliveryOption:
    """`counter`: where and when a collection takes place, if the shop has entered it."""

    quote: Quote
    total: Decimal
    checked: bool
    counter: PickupPoint | None

    @property
    def needs(self) -> str:
        """What the page asks for with this choice, as words that its style and its script go by."""
        to = self.quote.method.destination
        asked = {"address": to.needs_address, "point": to.needs_pickup_point, "collection": to.is_collected}
        return " ".join(word for word, is_asked in asked.items() if is_asked)


@dataclass(frozen=True)
class PaymentOption:
    gateway: Gateway
    checked: bool

    @property
    def in_store_only(self) -> bool:
        return not any(map(self.gateway.offered_for, CARRIED))


@require_http_methods(["GET", "HEAD", "POST"])
@personal
def checkout(request: HttpRequest) -> HttpResponse:
    """The details page. Whatever is typed here is saved, right or wrong, so that leaving loses nothing."""
    now = timezone.now()
    basket = current_basket(request)
    loaded = baskets.load(basket, pictures=False) if basket else None
    if basket is None or loaded is None or loaded.is_empty:
        return see_other(reverse("storefront:basket"))
    quotes = delivery.quotes(weight_g=loaded.weight_g, goods_total=loaded.items_total, now=now)
    points = _points(quotes)
    choices = {"quotes": quotes, "points": points}
    if request.method == "POST":
        form = DetailsForm(request.POST, **choices)
        baskets.save_details(basket=basket, now=now, **form.typed())
        if form.is_valid():
            return see_other(reverse("storefront:summary"))
        return _details_page(request, loaded, form, points, status=HTTPStatus.BAD_REQUEST)
    details = baskets.details_of(basket)
    if details and "completer" in request.GET:
        return _details_page(request, loaded, DetailsForm(saved_details(details), **choices), points)
    return _details_page(
        request, loaded, DetailsForm(initial=_initial_values(request, details, quotes), **choices), points
    )


@require_safe
@personal
def summary(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    basket = current_basket(request)
    if basket is None:
        return see_other(reverse("storefront:basket"))
    return _summary_or_step_back(request, basket, now=now)


@post_only("storefront:summary")
@personal
def place_order(request: HttpRequest) -> HttpResponse:
    """« Commander avec obligation de paiement » (art. L221-14 code de la consommation)."""
    now = timezone.now()
    basket = basket_to_order(request, key=request.POST.get("basket", ""))
    if basket is None:
        return see_other(reverse("storefront:basket"))
    terms_version = version_in_force(current())
    accepted = request.POST.get("terms") == terms_version
    if not accepted and basket.status == Basket.Status.OPEN:
        return _summary_or_step_back(request, basket, now=now, status=HTTPStatus.BAD_REQUEST, terms_refused=True)
    try:
        placed = checkouts.place_order(
            basket=basket,
            fingerprint=request.POST.get("fingerprint", ""),
            terms_version=terms_version,
            language=current_language(),
            user=customer(request),
            now=now,
        )
    except BasketClosed:
        return see_other(reverse("storefront:basket"))
    except DetailsMissing:
        return _step_back()
    except (OutOfStock, PricesChanged) as error:
        return _summary_or_step_back(
            request, basket, now=now, status=HTTPStatus.CONFLICT, refusal=error.message, after_refusal=True
        )
    page = "storefront:payment" if placed.next_step == NextStep.PAY else "storefront:confirmation"
    answer = see_other(reverse(page, args=[placed.order.access_token]))
    if placed.order.status == Order.Status.AWAITING_PAYMENT:
        remember_order(request, answer, placed.order)
    return answer


def _details_page(
    request: HttpRequest,
    loaded: LoadedBasket,
    form: DetailsForm,
    points: Sequence[PickupPoint],
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    chosen = form.chosen
    person = customer(request)
    payment = form["payment_method"].value()
    context = {
        "form": form,
        "basket": loaded,
        "unpaid": unpaid_orders(request, now=timezone.now(), besides=loaded.basket),
        "chosen": chosen,
        "total": loaded.items_total + (chosen.price if chosen else 0),
        "deliveries": [
            DeliveryOption(quote, loaded.items_total + quote.price, quote is chosen, _counter(quote, points))
            for quote in form.quotes.values()
        ],
        "payments": [PaymentOption(gateway, code == payment) for code, gateway in form.gateways.items()],
        "points": form.points,
        "signed_in": person is not None,
        "addresses": Address.objects.of(person) if person else [],
        "address_id": request.GET.get("adresse", ""),
    }
    return render(request, "storefront/checkout/details.html", context, status=status)


def _initial_values(request: HttpRequest, details: CheckoutDetails | None, quotes: Sequence[Quote]) -> dict[str, str]:
    """Initial values: saved details, else the account's. `?adresse=` chooses an entry of the address book."""
    usual = usual_delivery(quotes)
    values = {"delivery_method": usual.method.code if usual else ""}
    person = customer(request)
    wanted = request.GET.get("adresse")
    if details:
        values |= {name: value for name, value in saved_details(details).items() if value}
    if wanted is not None:
        values |= from_customer(person, _entry(request, wanted)) if person else _nobody()
    elif person and not details:
        values |= from_customer(person, Address.objects.of(person).first())
    return values


def _entry(request: HttpRequest, number: str) -> Address:
    if not number.isdecimal() or len(number) > 18:
        raise Http404
    return get_object_or_404(Address.objects.of(request.user), pk=int(number))


def _nobody() -> dict[str, str]:
    raise Http404


def _points(quotes: Sequence[Quote]) -> list[PickupPoint]:
    """Points relais, and the shop's own counters; the form offers the former."""
    methods = [quote.method for quote in quotes if not quote.method.destination.needs_address]
    return points_of([method.pk for method in methods])


def _counter(quote: Quote, points: Sequence[PickupPoint]) -> PickupPoint | None:
    if not quote.method.destination.is_collected:
        return None
    return next((point for point in points if point.method_id == quote.method.pk), None)


def _summary_or_step_back(
    request: HttpRequest,
    basket: Basket,
    *,
    now: datetime,
    status: int = HTTPStatus.OK,
    refusal: str = "",
    after_refusal: bool = False,
    terms_refused: bool = False,
) -> HttpResponse:
    """The summary, or a redirect to the page where missing details are filled in."""
    seen = checkouts.summarise(basket=basket, now=now, pictures=False)
    if seen.loaded.is_empty or (seen.loaded.shortages and not after_refusal):
        return see_other(reverse("storefront:basket"))
    to_home = seen.delivery is not None and seen.delivery.method.destination.needs_address
    if seen.missing or seen.details is None or not is_usable(seen.details, to_home=to_home):
        return _step_back()
    sentences = _refusals(seen, refusal) if after_refusal else []
    error = _("Pour commander, acceptez les conditions générales de vente.") if terms_refused else ""
    context = {
        "summary": seen,
        "is_collected": not to_home,
        "unpaid": unpaid_orders(request, now=now, besides=basket if basket.status == Basket.Status.OPEN else None),
        "basket_key": basket.key,
        "refusal": sentences,
        "terms_version": version_in_force(current()),
        "terms_error": error,
    }
    return render(request, "storefront/checkout/summary.html", context, status=status)


def _refusals(seen: Summary, refusal: str) -> list[str]:
    """One sentence for each change where these are known, else the refusal."""
    changes = list(seen.loaded.announcements)
    return changes if seen.loaded.shortages else [*changes, refusal]


def _step_back() -> HttpResponse:
    return see_other(f"{reverse('storefront:checkout')}?{urlencode({'completer': 1})}")
