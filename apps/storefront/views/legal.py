from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.common.translation import current_language
from apps.delivery.models import DeliveryMethod
from apps.storefront.legal import TERMS_VERSION, TERMS_VERSIONS
from apps.storefront.page_cache import shared_page


def _page(request: HttpRequest, *, text: str, title: str, **context) -> HttpResponse:
    body = f"storefront/legal/{text}.{current_language()}.html"
    return render(request, "storefront/legal/page.html", {"title": title, "body": body, **context})


@require_safe
@shared_page
def legal_notice(request: HttpRequest) -> HttpResponse:
    return _page(request, text="notice", title=_("Mentions légales"))


@require_safe
@shared_page
def privacy(request: HttpRequest) -> HttpResponse:
    return _page(request, text="privacy", title=_("Données personnelles"))


@require_safe
@shared_page
def delivery_and_returns(request: HttpRequest) -> HttpResponse:
    methods = DeliveryMethod.objects.filter(is_active=True).prefetch_related("brackets")
    return _page(request, text="delivery_and_returns", title=_("Livraison et retours"), methods=methods)


@require_safe
@shared_page
def terms(request: HttpRequest, version: str = TERMS_VERSION) -> HttpResponse:
    """The terms in force, or an earlier version by its date."""
    if version not in TERMS_VERSIONS:
        raise Http404
    return _page(
        request,
        text=f"terms/{version}",
        title=_("Conditions générales de vente"),
        version=version,
        version_date=date.fromisoformat(version),
        versions=[other for other in reversed(TERMS_VERSIONS) if other != version],
        superseded=version != TERMS_VERSION,
    )


@require_safe
@shared_page
def reviews_policy(request: HttpRequest) -> HttpResponse:
    """How reviews are collected and checked (art. L111-7-2 and D111-16 to D111-19 of the code de la consommation)."""
    return _page(request, text="reviews", title=_("Avis et commentaires"))
