"""schema.org descriptions of pages, for search engines (https://schema.org/Product)."""

import json

from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe

from apps.catalogue.ean import is_gtin
from apps.catalogue.listing import Offer, ProductPage, StockState
from apps.common.translation import current_language
from apps.shop.identity import current
from apps.storefront.seo import absolute

_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def script_json(data: object) -> SafeString:
    """JSON that is safe inside a script element, whatever texts it holds."""
    return mark_safe(json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES))  # noqa: S308


def home_data() -> SafeString:
    """Who the shop is, and where its search is (https://schema.org/Organization, https://schema.org/WebSite)."""
    home, shop = absolute(reverse("storefront:home")), current()
    organisation = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "@id": f"{absolute('/')}#organisation",
        "name": shop.name,
        "legalName": shop.company,
        "url": absolute("/"),
        "logo": _file_url(shop.icons.get("icon-512.png") or static("storefront/icon-512.png")),
        "email": shop.email,
        "telephone": shop.phone,
        "address": shop.address,
        "vatID": shop.vat_number,
    }
    site = {
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": shop.name,
        "url": home,
        "inLanguage": current_language(),
        "publisher": {"@id": organisation["@id"]},
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": f"{absolute(reverse('storefront:search'))}?q={{search_term_string}}",
            },
            "query-input": "required name=search_term_string",
        },
    }
    return script_json([organisation, site])


def product_data(page: ProductPage) -> SafeString:
    """The product with its offers, and the breadcrumbs that lead to it."""
    product = page.product
    described = {
        "@context": "https://schema.org",
        "@type": "Product",
        "@id": absolute(page.url),
        "name": product.name,
        "description": strip_tags(product.description)[:5000],
        "sku": product.code,
        "url": absolute(page.url),
        "image": [_file_url(picture.large) for picture in page.pictures],
        "category": page.rayon.name,
        "offers": [_offer(page, offer) for offer in page.offers],
    }
    if product.brand:
        described["brand"] = {"@type": "Brand", "name": product.brand.name}
    described |= _opinion(page)
    if len(page.offers) == 1 and is_gtin(page.offers[0].ean13):
        described["gtin13"] = page.offers[0].ean13
    steps = [*((rayon.name, rayon.url) for rayon in (*page.rayon.ancestors, page.rayon)), (product.name, page.url)]
    trail = {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": absolute(url)}
            for position, (name, url) in enumerate(steps, start=1)
        ],
    }
    return script_json([described, trail])


def _opinion(page: ProductPage) -> dict[str, object]:
    """The average of the buyers' ratings, and the newest of their reviews (https://schema.org/AggregateRating)."""
    opinion = page.product.opinion
    if not opinion.ratings:
        return {}
    scale = {"bestRating": 5, "worstRating": 1}
    rated = [review for review in opinion.newest if review["rating"]]
    return {
        "aggregateRating": {
            "@type": "AggregateRating",
            "ratingValue": opinion.average,
            "ratingCount": opinion.ratings,
            **scale,
        },
        "review": [
            {
                "@type": "Review",
                "author": {"@type": "Person", "name": review["author"]},
                "datePublished": review["at"][:10],
                "reviewBody": review["text"],
                "reviewRating": {"@type": "Rating", "ratingValue": review["rating"], **scale},
            }
            for review in rated
        ],
    }


def _offer(page: ProductPage, offer: Offer) -> dict[str, object]:
    stock = "OutOfStock" if offer.stock == StockState.OUT else "InStock"
    several = len(page.offers) > 1
    described: dict[str, object] = {
        "@type": "Offer",
        "sku": offer.sku,
        "url": absolute(f"{page.url}?modele={offer.sku}" if several else page.url),
        "price": str(offer.price),
        "priceCurrency": "EUR",
        "availability": f"https://schema.org/{stock}",
        "itemCondition": "https://schema.org/NewCondition",
        "seller": {"@type": "Organization", "name": current().company},
    }
    if offer.label:
        described["name"] = f"{page.product.name}, {offer.label}"
    if is_gtin(offer.ean13):
        described["gtin13"] = offer.ean13
    return described


def _file_url(url: str) -> str:
    return url if url.startswith("http") else absolute(url)
