from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.lockout import client_ip
from apps.common.ip_networks import prefix
from apps.common.throttle import allowed
from apps.common.translation import current_language
from apps.orders import tasks
from apps.shop.identity import current
from apps.storefront.forms.find_order import FindOrderForm
from apps.storefront.http import personal, see_other

TRIES = {"times": 10, "within": timedelta(hours=1)}


@require_http_methods(["GET", "HEAD", "POST"])
@personal
def find_order(request: HttpRequest) -> HttpResponse:
    """Sends an order's link to its own e-mail address. Neither the answer nor its timing shows whether one exists."""
    if request.method != "POST":
        return render(request, "storefront/order/find.html", {"form": FindOrderForm()})
    form = FindOrderForm(request.POST)
    status = 422
    if form.is_valid():
        if allowed(action="find_order", who=prefix(client_ip(request) or ""), **TRIES):
            tasks.find_order.delay_on_commit(language=current_language(), **form.cleaned_data)
            return see_other(reverse("storefront:find_order_sent"))
        form.add_error(
            None,
            _("Vous avez fait beaucoup de demandes. Réessayez dans une heure, ou écrivez à %(email)s.")
            % {"email": current().email},
        )
        status = 429
    return render(request, "storefront/order/find.html", {"form": form}, status=status)


@require_safe
@personal
def find_order_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "storefront/order/find_sent.html")
