"""The page of the demonstration bank: stands for the bank’s own site of 3-D Secure."""

from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.demo.bank import DemoCard, sign, webhook_body
from apps.demo.models import DemoCharge
from apps.payments import services
from apps.storefront.http import secret_link


@secret_link
@require_http_methods(["GET", "POST"])
def bank(request: HttpRequest, reference: str) -> HttpResponse:
    """Sends the answer to the shop as a signed webhook, then redirects the shopper to the shop."""
    charge = get_object_or_404(DemoCharge, reference=reference)
    if request.method == "GET" and charge.status == DemoCharge.Status.CHALLENGED:
        return render(request, "demo/bank.html", {"charge": charge})
    if request.method == "POST":
        DemoCard().answer_challenge(reference=reference, accepted=request.POST.get("answer") == "accept")
        charge.refresh_from_db()
        body = webhook_body(charge)
        # A lost message loses nothing: the shop asks the bank when the shopper returns, and regularly.
        with suppress(services.PaymentUnavailable):
            services.handle_webhook(
                gateway_code=DemoCard.code, headers={"X-Demo-Signature": sign(body)}, body=body, now=timezone.now()
            )
    # On the host the shopper came by, which a form of this page may lead to.
    return redirect(charge.return_url.removeprefix(settings.SITE_URL) or "storefront:home")
