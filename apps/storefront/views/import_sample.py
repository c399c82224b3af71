"""For staff: a product of an import's preview as its page would look, before any of it is in the catalogue."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.catalogue.models import CatalogueImport
from apps.imports.catalogue.samples import page_of
from apps.storefront.components.product import gallery
from apps.storefront.estimate import delivery_estimate
from apps.storefront.http import personal
from apps.storefront.options import choices


@require_safe
@personal
def import_sample(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Who may not see imports gets a 404, as for one that there is not."""
    if not request.user.has_perm("catalogue.view_catalogueimport"):
        raise Http404
    received = get_object_or_404(CatalogueImport, pk=pk)
    samples = received.report.get("samples", [])
    if number >= len(samples) or not samples[number]["variants"]:
        raise Http404
    sample = samples[number]
    url = reverse("storefront:import_sample", args=[pk, number])
    page = page_of(sample, url=url)
    chosen = next((offer for offer in page.offers if offer.sku == request.GET.get("modele")), page.cheapest)
    context = {
        "received": received,
        "sample": sample,
        "page": page,
        "product": page.product,
        "chosen": chosen,
        "choices": choices(page, chosen),
        "gallery": gallery(page, chosen),
        "estimate": delivery_estimate(weight_g=chosen.weight_g, price=chosen.price, now=timezone.now()),
        "trail": tuple((rayon.name, rayon.url) for rayon in (*page.rayon.ancestors, page.rayon) if rayon.name),
        "previous": reverse("storefront:import_sample", args=[pk, number - 1]) if number else "",
        "next": reverse("storefront:import_sample", args=[pk, number + 1]) if number + 1 < len(samples) else "",
        "back": reverse("admin:catalogue_catalogueimport_change", args=[pk]),
        "is_sample": True,
    }
    return render(request, "storefront/import_sample.html", context)
