from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.common.translation import current_language
from apps.delivery.models import DeliveryMethod
from apps.shop.identity import Identity, current
from apps.shop.models import TermsText
from apps.shop.terms import TEMPLATES, version_in_force
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
def terms(request: HttpRequest, version: str = "") -> HttpResponse:
    """The terms in force, or an earlier version by its name; as they were published, where they were."""
    shop = current()
    version = version or version_in_force(shop)
    texts = {text.version: text for text in TermsText.objects.all()}
    if version not in texts and version not in TEMPLATES:
        raise Http404
    published = texts.get(version)
    return _page(
        request,
        text=f"terms/{version}",
        title=_("Conditions générales de vente"),
        published=published and getattr(published, f"text_{current_language()}"),
        version=version,
        version_date=date.fromisoformat(version[:10]),
        versions=[other for other in (*texts, *_ever_in_force(shop, list(texts.values()))) if other != version],
        superseded=version != version_in_force(shop),
    )


def _ever_in_force(shop: Identity, texts: list[TermsText]) -> list[str]:
    """The templates, newest first; none where the shop had published its own terms before it opened."""
    own_from_the_start = texts and shop.opened_at and texts[-1].published_at <= shop.opened_at
    return [] if own_from_the_start or (texts and not shop.opened_at) else list(reversed(TEMPLATES))


@require_safe
@shared_page
def reviews_policy(request: HttpRequest) -> HttpResponse:
    """How reviews are collected and checked (art. L111-7-2 and D111-16 to D111-19 of the code de la consommation)."""
    return _page(request, text="reviews", title=_("Avis et commentaires"))
