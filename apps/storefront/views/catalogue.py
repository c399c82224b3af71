from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from apps.catalogue import listing
from apps.catalogue.models import Product
from apps.storefront.page_cache import shared_page


@shared_page
def category(request: HttpRequest, slug: str) -> HttpResponse:
    rayon = listing.tree(get_language()).by_slug.get(slug)
    if rayon is None:
        raise Http404
    filters = listing.Filters.from_query(request.GET)
    page = listing.list_category(rayon, filters=filters, sort=request.GET.get("tri"), page=request.GET.get("page"))
    return render(request, "storefront/base.html", {"rayon": rayon, "listing": page})


@shared_page
def product(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        page = listing.product_page(slug=slug, language=get_language())
    except Product.DoesNotExist:
        raise Http404 from None
    return render(request, "storefront/base.html", {"page": page})
