"""What a product's page shows between header and footer, and of it in its head."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from apps.catalogue.listing import Offer, ProductPage
from apps.catalogue.pictures import Picture
from apps.comments.sections import section_of
from apps.common.translation import current_language
from apps.shop.identity import Identity, current
from apps.storefront.chrome import Chrome, current_links
from apps.storefront.estimate import Estimate
from apps.storefront.options import choices
from apps.storefront.structured_data import product_data

CACHED_PRODUCTS = 128
"""About 60 kB each, with the rows that they are found by."""


class Rendered(NamedTuple):
    main: SafeString
    description: SafeString
    structured: SafeString


@dataclass(frozen=True)
class _Asked:
    """What the texts are found by. Of the rest they show nothing that these do not say."""

    rows: tuple
    sku: str
    estimate: Estimate | None
    trail: tuple[tuple[str, str], ...]
    tint: str
    language: str
    shop: Identity
    page: ProductPage = field(compare=False)
    chosen: Offer = field(compare=False)


def render_product(page: ProductPage, chosen: Offer, estimate: Estimate | None) -> Rendered:
    trail = tuple((rayon.name, rayon.url) for rayon in (*page.rayon.ancestors, page.rayon))
    tint, language = page.rayon.tint, current_language()
    return _rendered(_Asked(page.rows, chosen.sku, estimate, trail, tint, language, current(), page, chosen))


# A product whose stock or price changes is rendered again, and all others found by their rows: after each order the
# page cache begins anew.
@lru_cache(maxsize=CACHED_PRODUCTS)
def _rendered(asked: _Asked) -> Rendered:
    page, chosen = asked.page, asked.chosen
    context = {
        "page": page,
        "product": page.product,
        "chosen": chosen,
        "choices": choices(page, chosen),
        "gallery": gallery(page, chosen),
        "estimate": asked.estimate,
        "trail": asked.trail,
        "section": section_of(page.product.pk),
        "chrome": Chrome(links=current_links(), rayons=()),
    }
    return Rendered(
        main=render_to_string("storefront/product/main.html", context),
        description=render_to_string("storefront/product/description.html", context),
        structured=product_data(page),
    )


def gallery(page: ProductPage, chosen: Offer) -> list[Picture]:
    """The product's pictures, the chosen variant's own first."""
    place = chosen.picture if chosen.picture is not None and chosen.picture < len(page.pictures) else 0
    return [*page.pictures[place : place + 1], *page.pictures[:place], *page.pictures[place + 1 :]]
