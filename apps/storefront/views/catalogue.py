from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.catalogue import listing
from apps.catalogue.listing.addresses import product_url
from apps.catalogue.models import Product
from apps.catalogue.pictures import Picture
from apps.comments.sections import section_of
from apps.common.translation import LANGUAGES, current_language
from apps.storefront.estimate import delivery_estimate
from apps.storefront.options import choices
from apps.storefront.page_cache import shared_page
from apps.storefront.structured_data import product_data
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
        },
    )


@require_safe
@shared_page
def category(request: HttpRequest, slug: str) -> HttpResponse:
    language = current_language()
    rayon = listing.tree(language).by_slug.get(slug)
    if rayon is None:
        return _elsewhere(slug, language)
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
        "rayon_url": (rayon.ancestors or [rayon])[0].url,
    }
    return render(request, "storefront/category.html", context)


def _elsewhere(slug: str, language: str) -> HttpResponse:
    """A rayon's address in another language leads to this language's one."""
    for other in LANGUAGES:
        if other != language and (rayon := listing.tree(other).by_slug.get(slug)):
            return HttpResponsePermanentRedirect(rayon.alternates[language])
    raise Http404


@require_safe
@shared_page
def product(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        page = listing.product_page(slug=slug)
    except Product.DoesNotExist as error:
        return _product_elsewhere(slug, error)
    wanted = request.GET.get("modele")
    chosen = next((offer for offer in page.offers if offer.sku == wanted), page.cheapest)
    context = {
        "page": page,
        "product": page.product,
        "chosen": chosen,
        "choices": choices(page, chosen),
        "gallery": _gallery(page, chosen),
        "estimate": delivery_estimate(weight_g=chosen.weight_g, price=chosen.price, now=timezone.now()),
        "trail": [(rayon.name, rayon.url) for rayon in (*page.rayon.ancestors, page.rayon)],
        "alternates": page.alternates,
        "rayon_url": (page.rayon.ancestors or [page.rayon])[0].url,
        "structured": product_data(page),
        "section": section_of(page.product.pk),
    }
    return render(request, "storefront/product.html", context)


def _gallery(page: listing.ProductPage, chosen: listing.Offer) -> list[Picture]:
    """The product's pictures, the chosen variant's own first."""
    place = chosen.picture if chosen.picture is not None and chosen.picture < len(page.pictures) else 0
    return [*page.pictures[place : place + 1], *page.pictures[:place], *page.pictures[place + 1 :]]


def _product_elsewhere(slug: str, error: Product.DoesNotExist) -> HttpResponse:
    language = current_language()
    for other in LANGUAGES:
        if other != language:
            found = Product.objects.visible().filter(**{f"slug_{other}": slug}).first()
            if found:
                return HttpResponsePermanentRedirect(product_url(getattr(found, f"slug_{language}"), language))
    raise Http404 from error


@require_safe
@shared_page
def search(request: HttpRequest) -> HttpResponse:
    found = listing.search(
        request.GET.get("q"),
        filters=listing.Filters.from_query(request.GET),
        sort=request.GET.get("tri"),
        page=request.GET.get("page"),
    )
    context = {"listing": found, "path": request.path, "query": found.text}
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
    """Of the format that every browser shows, which stands last."""
    return picture.sources[-1].srcset.split(" ", 1)[0] if picture.sources else picture.src
