"""The page of the shop that a section of comments belongs to."""

from dataclasses import dataclass

from django.http import Http404
from django.urls import reverse

from apps.catalogue.listing.page_urls import product_url
from apps.catalogue.models import Product, ProductOpinion
from apps.comments.sections import is_on_our_pages, product_id_of
from apps.common.translation import current_language


@dataclass(frozen=True)
class Place:
    section: str
    url: str
    """The page that shows it; the section's own list of comments when that is unknown."""
    name: str
    product_id: int | None = None
    opinion: ProductOpinion | None = None


def place_of(section: str) -> Place:
    """Raises Http404 for a section that is on no page of the shop."""
    if not is_on_our_pages(section):
        raise Http404
    product_id = product_id_of(section)
    if product_id is None:
        return Place(section, reverse("storefront:comments", args=[section]), "")
    product = Product.objects.visible().select_related("opinion").filter(pk=product_id).first()
    if product is None:
        raise Http404
    language = current_language()
    url = product_url(getattr(product, f"slug_{language}"), language)
    return Place(section, url, product.name, product_id, getattr(product, "opinion", None))
