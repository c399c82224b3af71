from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts import services as accounts
from apps.accounts.models import Address
from apps.checkout import personal_data
from apps.common.errors import DomainError
from apps.common.throttle import allowed
from apps.orders.models import Order
from apps.orders.personal_data import claim_guest_orders, guest_orders, past_orders
from apps.storefront.forms.account import AddressForm, ErasureForm, ProfileForm
from apps.storefront.http import personal, post_data, post_only, see_other
from apps.storefront.views.order import bring_back, offer_reviews, order_page, what_followed

ORDERS_PER_PAGE = 20
RECENT = 3
PAST_ORDERS = 200
PASSWORD_TRIES = {"times": 10, "within": timedelta(minutes=15)}


def account_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For the account's owner: needs a login, and no cache stores the response."""
    return personal(login_required(view))


@require_safe
@account_page
def account(request: HttpRequest) -> HttpResponse:
    """The overview: latest orders, default address, and the number of guest orders to claim."""
    orders = list(Order.objects.of(request.user)[: RECENT + 1])
    return render(
        request,
        "storefront/account/overview.html",
        {
            "orders": orders[:RECENT],
            "more_orders": len(orders) > RECENT,
            "address": Address.objects.of(request.user).first(),
            "claimable": guest_orders(request.user).count(),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
def profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(post_data(request), instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("C’est enregistré."))
        return see_other(reverse("storefront:profile"))
    return render(request, "storefront/account/profile.html", {"form": form}, status=_status(form))


@require_safe
@account_page
def addresses(request: HttpRequest) -> HttpResponse:
    return render(request, "storefront/account/addresses.html", {"addresses": Address.objects.of(request.user)})


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
def address_create(request: HttpRequest) -> HttpResponse:
    blank = Address(recipient=request.user.get_full_name(), phone=request.user.phone)
    return _edit_address(request, blank)


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
def address_update(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit_address(request, get_object_or_404(Address.objects.of(request.user), pk=pk))


def _edit_address(request: HttpRequest, address: Address) -> HttpResponse:
    form = AddressForm(post_data(request), instance=address)
    if request.method == "POST" and form.is_valid():
        try:
            accounts.save_address(user=request.user, address=form.instance, now=timezone.now())
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("L’adresse est enregistrée."))
            return see_other(reverse("storefront:addresses"))
    return render(
        request, "storefront/account/address_form.html", {"form": form, "address": address}, status=_status(form)
    )


@post_only("storefront:addresses")
@account_page
def address_delete(request: HttpRequest, pk: int) -> HttpResponse:
    address = get_object_or_404(Address.objects.of(request.user), pk=pk)
    accounts.delete_address(user=request.user, address_id=address.pk, now=timezone.now())
    messages.success(request, _("L’adresse est supprimée."))
    return see_other(reverse("storefront:addresses"))


@post_only("storefront:addresses")
@account_page
def address_default(request: HttpRequest, pk: int) -> HttpResponse:
    address = get_object_or_404(Address.objects.of(request.user), pk=pk)
    address.is_default = True
    accounts.save_address(user=request.user, address=address, now=timezone.now())
    return see_other(reverse("storefront:addresses"))


@require_safe
@account_page
def account_orders(request: HttpRequest) -> HttpResponse:
    """All orders, newest first; a page out of range shows the nearest there is."""
    page = Paginator(Order.objects.of(request.user), ORDERS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "claimable": guest_orders(request.user).count(),
        # Under the last of this shop's own; a former shop's stop growing when it closes.
        "past_orders": past_orders(request.user)[:PAST_ORDERS] if not page.has_next() else [],
    }
    return render(request, "storefront/account/orders.html", context)


@require_safe
@account_page
def account_order(request: HttpRequest, number: str) -> HttpResponse:
    order = get_object_or_404(Order.objects.of(request.user).prefetch_related("lines", "events"), number=number)
    offer_reviews(order)
    return render(request, "storefront/account/order.html", {**order_page(order), **what_followed(order)})


@post_only("storefront:account_order", "number")
@account_page
def buy_again(request: HttpRequest, number: str) -> HttpResponse:
    order = get_object_or_404(Order.objects.of(request.user), number=number)
    return bring_back(request, order, back=reverse("storefront:account_order", args=[order.number]))


@post_only("storefront:account_orders")
@account_page
def claim_orders(request: HttpRequest) -> HttpResponse:
    count = claim_guest_orders(user=request.user)
    if count:
        messages.success(
            request,
            ngettext(
                "%(count)s commande est maintenant dans votre compte.",
                "%(count)s commandes sont maintenant dans votre compte.",
                count,
            )
            % {"count": count},
        )
    return see_other(reverse("storefront:account_orders"))


@require_safe
@account_page
def account_data(request: HttpRequest) -> HttpResponse:
    return render(request, "storefront/account/data.html")


@post_only("storefront:account_data")
@account_page
def export_data(request: HttpRequest) -> HttpResponse:
    """All personal data of the account, as one JSON file."""
    now = timezone.now()
    data = personal_data.collect_customer(user=request.user, now=now)
    filename = f"webmarket-{timezone.localdate(now):%Y-%m-%d}.json"
    return JsonResponse(
        data,
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
def erase_account(request: HttpRequest) -> HttpResponse:
    form = ErasureForm(post_data(request), user=request.user)
    if request.method == "POST":
        if not allowed(action="erase_account", who=str(request.user.pk), **PASSWORD_TRIES):
            form.add_error(None, _("Trop d’essais. Attendez un quart d’heure, puis réessayez."))
        elif form.is_valid():
            try:
                personal_data.erase_customer(user=request.user, now=timezone.now())
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                logout(request)
                return see_other(reverse("storefront:account_erased"))
    return render(request, "storefront/account/erase.html", {"form": form}, status=_status(form))


@require_safe
@personal
def account_erased(request: HttpRequest) -> HttpResponse:
    return render(request, "storefront/account/erased.html")


def _status(form) -> int:
    return 422 if form.is_bound and form.errors else 200
