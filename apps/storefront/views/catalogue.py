from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from apps.catalogue import listing
from apps.catalogue.listing.page_urls import category_of, category_url, product_of, product_url
from apps.catalogue.models import Product
from apps.catalogue.pictures import Picture
from apps.common.translation import current_language
from apps.storefront.components.product import gallery, render_product
from apps.storefront.estimate import delivery_estimate
from apps.storefront.http import asks_by_former_codes, moved
from apps.storefront.page_cache import shared_page
from apps.storefront.structured_data import home_data
from apps.storefront.templatetags.shop import euros


@require_safe
@shared_page
def home(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "storefront/home.html",
        {
            "shelves": listing.home_shelves(),
            "rayons": listing.tree(current_language()).roots,
            "pictures": listing.rayon_pictures(),
            "structured": home_data(),
        },
    )


@require_safe
@shared_page
def category(request: HttpRequest, slug: str) -> HttpResponse:
    language = current_language()
    rayon = listing.tree(language).by_slug.get(slug)
    if rayon is None:
        category_id, present_slug = category_of(slug, language)
        rayon = listing.tree(language).by_id.get(category_id)
        if rayon is None:
            raise Http404
        # Equal when this process's tree is older than a rename: a redirect to its slug would be reversed by
        # another process.
        if present_slug != slug:
            return moved(request, category_url(present_slug, language))
    if asks_by_former_codes(request):
        return moved(request, rayon.url)
    found = listing.list_category(
        rayon,
        filters=listing.Filters.from_query(request.GET),
        sort=request.GET.get("tri"),
        page=request.GET.get("page"),
    )
    context = {
        "rayon": rayon,
        "listing": found,
        "path": rayon.url,
        "trail": [(above.name, above.url) for above in rayon.ancestors],
        "alternates": rayon.alternates,
        "chosen_query": found.query(found.page),
        "rayon_url": (rayon.ancestors or [rayon])[0].url,
    }
    return render(request, "storefront/category.html", context)


@require_safe
@shared_page
def product(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        page = listing.product_page(slug=slug)
    except Product.DoesNotExist as error:
        return _redirect_former_slug(request, slug, error)
    chosen = _chosen(request, page)
    estimate = delivery_estimate(weight_g=chosen.weight_g, price=chosen.price, now=timezone.now())
    context = {
        "page": page,
        "product": page.product,
        "chosen": chosen,
        "rendered": render_product(page, chosen, estimate),
        "alternates": page.alternates,
        "chosen_query": f"?{urlencode({'modele': chosen.sku})}" if chosen.sku == request.GET.get("modele") else "",
        "rayon_url": (page.rayon.ancestors or [page.rayon])[0].url,
    }
    return render(request, "storefront/product.html", context)


@require_safe
@shared_page
def product_picture(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One picture of the chosen variant's gallery on a page of the shop."""
    try:
        page = listing.product_page(slug=slug)
    except Product.DoesNotExist as error:
        return _redirect_former_slug(request, slug, error, under=f"image/{number}/")
    chosen = _chosen(request, page)
    pictures = gallery(page, chosen)
    if not 1 <= number <= len(pictures):
        raise Http404
    query = "" if chosen is page.cheapest else f"?{urlencode({'modele': chosen.sku})}"

    def picture_url(place: int) -> str:
        return reverse("storefront:product_picture", args=[slug, (place - 1) % len(pictures) + 1]) + query

    context = {
        "page": page,
        "product": page.product,
        "image": pictures[number - 1],
        "number": number,
        "several": len(pictures) if len(pictures) > 1 else 0,
        "previous": picture_url(number - 1),
        "next": picture_url(number + 1),
        "back": page.url + query,
        "alternates": {language: f"{url}image/{number}/{query}" for language, url in page.alternates.items()},
        "canonical": "",
        "rayon_url": (page.rayon.ancestors or [page.rayon])[0].url,
    }
    return render(request, "storefront/product_picture.html", context)


def _redirect_former_slug(request: HttpRequest, slug: str, error: Exception, *, under: str = "") -> HttpResponse:
    """Redirect from a former slug to the product's page, or to a page `under` it; 404 when no product had it. One
    query, on a miss alone."""
    found = product_of(slug, current_language())
    if found is None or found.slug == slug:
        raise Http404 from error
    return moved(request, product_url(found.slug, current_language()) + under)


@require_safe
def product_without_slash(request: HttpRequest, slug: str) -> HttpResponse:
    language = current_language()
    found = product_of(slug, language)
    if found is None:
        raise Http404
    return moved(request, product_url(found.slug, language))


@require_safe
def category_without_slash(request: HttpRequest, slug: str) -> HttpResponse:
    language = current_language()
    category_id, present_slug = category_of(slug, language)
    if category_id not in listing.tree(language).by_id:
        raise Http404
    return moved(request, category_url(present_slug, language))


def _chosen(request: HttpRequest, page: listing.ProductPage) -> listing.Offer:
    wanted = request.GET.get("modele")
    return next((offer for offer in page.offers if offer.sku == wanted), page.cheapest)


@require_safe
@shared_page
def search(request: HttpRequest) -> HttpResponse:
    if asks_by_former_codes(request):
        return moved(request, request.path)
    found = listing.search(
        request.GET.get("q"),
        filters=listing.Filters.from_query(request.GET),
        sort=request.GET.get("tri"),
        page=request.GET.get("page"),
    )
    context = {
        "listing": found,
        "path": request.path,
        "query": found.text,
        "chosen_query": found.query(found.page),
    }
    return render(request, "storefront/search.html", context)


@require_safe
@shared_page
def suggestions(request: HttpRequest) -> HttpResponse:
    """What the search box offers while typing, the same for everyone."""
    found = listing.suggest(request.GET.get("q"))
    return JsonResponse(
        {
            "corrected": found.corrected,
            "rayons": [{"name": rayon.name, "url": rayon.url} for rayon in found.rayons],
            "products": [_suggested(card) for card in found.cards],
        }
    )


def _suggested(card: listing.Card) -> dict[str, str]:
    """`picture` is the smallest file there is, empty without any."""
    return {
        "name": card.name,
        "url": card.url,
        "price": euros(card.price),
        "picture": _smallest(card.picture) if card.picture else "",
    }


def _smallest(picture: Picture) -> str:
    """In the last format, which every browser supports."""
    return picture.sources[-1].srcset.split(" ", 1)[0] if picture.sources else picture.src
