from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import F, Sum
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.basket import services as baskets
from apps.basket.models import Basket
from apps.basket.services import LoadedBasket, LoadedLine
from apps.catalogue.models import Variant
from apps.catalogue.pictures import Picture, picture
from apps.catalogue.services.stock import full_name
from apps.common.errors import DomainError
from apps.common.http import status_of
from apps.common.translation import localised
from apps.delivery import services as delivery
from apps.orders.models import Order, OrderLine
from apps.storefront.delivery_choice import usual_delivery
from apps.storefront.forms.basket import AddForm, LineForm
from apps.storefront.http import personal, post_only, see_other, wants_json
from apps.storefront.visitor import (
    basket_key,
    current_basket,
    customer,
    delete_orders_cookie,
    remember_basket,
    remembers_orders,
    unpaid_orders,
)


@dataclass(frozen=True)
class Row:
    line: LoadedLine
    picture: Picture | None


@require_safe
@personal
def basket(request: HttpRequest) -> HttpResponse:
    return _page(request, current_basket(request))


@post_only("storefront:basket")
@personal
def basket_add(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    found = current_basket(request)
    form = AddForm({"sku": request.POST.get("sku", ""), "quantity": request.POST.get("quantity", "1")})
    if not form.is_valid():
        return _refuse(request, found, "invalid", _sentences(form), HTTPStatus.BAD_REQUEST)
    try:
        changed = baskets.add(
            basket=found, key=basket_key(request), user=customer(request), now=now, **form.cleaned_data
        )
    except DomainError as error:
        return _refuse(request, found, error.code, error.message, status_of(error))
    if wants_json(request):
        answer: HttpResponse = JsonResponse(_added(changed, form.cleaned_data["sku"]))
    else:
        if changed.notice:
            messages.warning(request, changed.notice)
        answer = see_other(_basket_url({"ajout": form.cleaned_data["sku"]}))
    remember_basket(request, answer, changed)
    return answer


@post_only("storefront:basket")
@personal
def basket_update(request: HttpRequest) -> HttpResponse:
    """Set a line's quantity; 0 removes it, and the page that follows offers to put it back."""
    now = timezone.now()
    found = current_basket(request)
    form = LineForm(request.POST)
    if not form.is_valid():
        return _refuse(request, found, "invalid", _sentences(form), HTTPStatus.BAD_REQUEST)
    line_id, quantity = form.cleaned_data["line"], form.cleaned_data["quantity"]
    try:
        change = found and baskets.set_quantity(basket=found, line_id=line_id, quantity=quantity, now=now)
    except DomainError as error:
        return _refuse(request, found, error.code, error.message, status_of(error))
    if change and change.notice:
        messages.warning(request, change.notice)
    if wants_json(request):
        return JsonResponse({"count": _count(found), "notice": change.notice if change else ""})
    if change and change.removed:
        return see_other(_basket_url({"retrait": change.sku, "quantite": change.before}))
    return see_other(f"{_basket_url()}#ligne-{line_id}")


@require_safe
@personal
def me(request: HttpRequest) -> HttpResponse:
    """The personal part of cached pages as JSON, fetched by shop.js."""
    person, now = customer(request), timezone.now()
    data = {
        "count": _count(current_basket(request)),
        "name": person.first_name if person else "",
        "signed_in": person is not None,
    }
    if not remembers_orders(request):
        return JsonResponse(data)
    unpaid = unpaid_orders(request, now=now)
    answer = JsonResponse(data | {"unpaid": _reminder(unpaid[0])} if unpaid else data)
    if not unpaid:
        delete_orders_cookie(answer)
    return answer


def _reminder(order: Order) -> dict[str, str]:
    return {
        "text": _("Votre commande %(number)s attend son paiement.") % {"number": order.number},
        "label": _("Voir la commande"),
        "url": reverse("storefront:order", args=[order.access_token]),
    }


def _page(
    request: HttpRequest, found: Basket | None, *, refusal: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    loaded = baskets.load(found) if found else None
    now = timezone.now()
    context: dict[str, object] = {"refusal": refusal, "basket": loaded, "removed": _removed(request)}
    context["unpaid"] = unpaid_orders(request, now=now, lapsed=loaded is None or loaded.is_empty)
    if loaded and not loaded.is_empty:
        quotes = delivery.quotes(weight_g=loaded.weight_g, goods_total=loaded.items_total, now=now)
        cheapest = usual_delivery(quotes)
        context |= {
            "rows": [Row(line, _picture(line)) for line in loaded.lines],
            "added": _line_of(loaded, request.GET.get("ajout", "")),
            "quotes": quotes,
            "cheapest": cheapest,
            "total": loaded.items_total + cheapest.price if cheapest else loaded.items_total,
        }
    return render(request, "storefront/basket/page.html", context, status=status)


def _refuse(request: HttpRequest, found: Basket | None, code: str, sentence: str, status: HTTPStatus) -> HttpResponse:
    if code == "out_of_stock":
        sentence = " ".join([sentence, *_own_unpaid_holds(request)])
    if wants_json(request):
        return JsonResponse({"code": code, "detail": sentence}, status=status)
    return _page(request, found, refusal=sentence, status=status)


def _own_unpaid_holds(request: HttpRequest) -> list[str]:
    """Sentences for the case that the visitor's own unpaid orders hold the pieces."""
    unpaid = unpaid_orders(request, now=timezone.now())
    wanted = request.POST.get("sku", "")
    holding = OrderLine.objects.filter(order__in=unpaid, sku=wanted).values_list("order__number", flat=True)
    return [
        _("Votre commande %(number)s, qui attend son paiement, en garde pour vous.") % {"number": number}
        for number in (holding.distinct() if unpaid and wanted else [])
    ]


def _added(changed: Basket, sku: str) -> dict[str, object]:
    """The JSON for the toast and for the count beside the basket's link. One query."""
    product = "variant__product__name"
    lines = changed.lines.values("pk", "quantity", "variant__sku", here=F(localised(product)), fr=F(f"{product}_fr"))
    line = next(line for line in lines if line["variant__sku"] == sku)
    return {
        "count": sum(line["quantity"] for line in lines),
        "name": line["here"] or line["fr"],
        "line": line["pk"],
        "quantity": line["quantity"],
        "notice": changed.notice,
    }


def _count(found: Basket | None) -> int:
    return (found and found.lines.aggregate(pieces=Sum("quantity"))["pieces"]) or 0


def _removed(request: HttpRequest) -> dict[str, object] | None:
    """What it takes to put back the line that was just removed. The name comes from the catalogue: a forged URL cannot
    put words on the page."""
    form = AddForm({"sku": request.GET.get("retrait", ""), "quantity": request.GET.get("quantite", "")})
    if "retrait" not in request.GET or not form.is_valid():
        return None
    variant = Variant.objects.select_related("product").filter(sku=form.cleaned_data["sku"]).first()
    return {**form.cleaned_data, "name": full_name(variant)} if variant else None


def _line_of(loaded: LoadedBasket, sku: str) -> LoadedLine | None:
    return next((line for line in loaded.lines if line.sku == sku), None)


def _picture(line: LoadedLine) -> Picture | None:
    image = line.image
    return image and picture(
        file=image.file.name, renditions=image.renditions, width=image.width, height=image.height, alt=""
    )


def _sentences(form: AddForm | LineForm) -> str:
    return " ".join(sentence for sentences in form.errors.values() for sentence in sentences)


def _basket_url(query: dict[str, object] | None = None) -> str:
    return reverse("storefront:basket") + (f"?{urlencode(query)}" if query else "")
