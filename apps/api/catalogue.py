"""The catalogue for programs: visible products by the storefront's filters, read-only."""

import re
from typing import Any

from django.conf import settings
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api.serializers import ErrorOutput, Output, Query, Text, read_parameters
from apps.catalogue import listing
from apps.catalogue.listing.cards import cards
from apps.catalogue.listing.filters import ATTRIBUTE, BRAND, MAX_PAGE, PAGE_SIZE, PRICE, SORTS, Filters, read_page
from apps.catalogue.listing.page import clamp
from apps.catalogue.listing.page_urls import category_of, product_of
from apps.catalogue.models import Product, ProductCard
from apps.catalogue.price_ranges import NUMBERS
from apps.catalogue.replicas import from_replica
from apps.common.translation import current_language

LISTS = frozenset({BRAND, PRICE})
_CHARACTERISTIC = re.compile(rf"{ATTRIBUTE}[a-zA-Z0-9_-]{{1,140}}")
LISTED = [
    OpenApiParameter("marque", str, many=True, description="brand slugs"),
    OpenApiParameter("prix", str, many=True, enum=list(NUMBERS), description="price ranges, as `facets` count them"),
    OpenApiParameter(
        "c-*",
        {
            "type": "object",
            "propertyNames": {"pattern": "^c-[a-zA-Z0-9_-]{1,140}$"},
            "additionalProperties": {"type": "string"},
        },
        style="form",
        explode=True,
        description="a characteristic, a parameter of its own: `c-couleur=bleu`, as `facets` name them",
    ),
]


class PictureOutput(Output):
    url = serializers.SerializerMethodField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    alt = serializers.CharField()

    def get_url(self, picture: Any) -> str:
        return _absolute(picture.large or picture.src)


class PricedOutput(Output):
    price = serializers.DecimalField(max_digits=10, decimal_places=2)
    reference_price = serializers.DecimalField(max_digits=10, decimal_places=2, allow_null=True)
    reduction = serializers.IntegerField()
    unit_price = serializers.DecimalField(max_digits=10, decimal_places=2, allow_null=True)
    unit = serializers.CharField()
    stock = serializers.CharField()
    pieces_left = serializers.IntegerField()
    sku = serializers.CharField()


class CardOutput(PricedOutput):
    """A product in a list; prices are gross euros. `sku` is empty when an option must be chosen."""

    id = serializers.IntegerField(source="product_id")
    slug = serializers.SerializerMethodField()
    name = serializers.CharField()
    brand = serializers.CharField()
    url = serializers.SerializerMethodField()
    price_varies = serializers.BooleanField()
    picture = PictureOutput(allow_null=True)

    def get_slug(self, card: Any) -> str:
        return card.url.rstrip("/").rpartition("/")[2]

    def get_url(self, card: Any) -> str:
        return _absolute(card.url)


class FacetValueOutput(Output):
    key = serializers.CharField()
    label = serializers.CharField()
    count = serializers.IntegerField(allow_null=True)
    selected = serializers.BooleanField()


class FacetOutput(Output):
    key = serializers.CharField()
    label = serializers.CharField()
    values = FacetValueOutput(many=True)


class ProductsOutput(Output):
    results = CardOutput(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    facets = FacetOutput(many=True)


class OfferOutput(PricedOutput):
    ean13 = serializers.CharField()
    label = serializers.CharField()
    options = serializers.ListField(child=serializers.CharField())
    weight_g = serializers.IntegerField()


class OptionOutput(Output):
    name = serializers.CharField()
    values = serializers.ListField(child=serializers.CharField())


class AttributeOutput(Output):
    name = serializers.CharField()
    values = serializers.ListField(child=serializers.CharField())


class RayonOutput(Output):
    slug = serializers.CharField()
    name = serializers.CharField()


class ProductOutput(Output):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    brand = serializers.CharField()
    description = serializers.CharField(help_text="simple HTML, cleaned")
    url = serializers.CharField()
    rayons = RayonOutput(many=True)
    options = OptionOutput(many=True)
    offers = OfferOutput(many=True)
    pictures = PictureOutput(many=True)
    attributes = AttributeOutput(many=True)


class CategoryOutput(Output):
    slug = serializers.CharField()
    name = serializers.CharField()
    url = serializers.CharField()
    parent = serializers.CharField(allow_null=True, help_text="slug of the rayon above")
    products = serializers.IntegerField()


class CategoriesOutput(Output):
    results = CategoryOutput(many=True)


class ProductQuery(Query):
    rayon = Text(max_length=220, required=False, help_text="a rayon's slug")
    q = Text(max_length=400, required=False, allow_blank=True, help_text="words to search for")
    dispo = serializers.ChoiceField(choices=["1"], required=False, help_text="in stock only")
    tri = serializers.ChoiceField(choices=SORTS, required=False)
    page = serializers.IntegerField(min_value=1, max_value=MAX_PAGE, required=False)


class Products(APIView):
    @extend_schema(
        parameters=[ProductQuery, *LISTED],
        responses={200: ProductsOutput, 404: ErrorOutput},
        operation_id="listProducts",
    )
    @from_replica
    def get(self, request: Any) -> Response:
        """A rayon, a search, or everything. `c-<attribute>` filters by a characteristic, as `facets` name them.

        Filters and sorts belong to a rayon or a search, as on the site.
        """
        query = request.query_params
        asked = _asked_once(query)
        filters, sort, page = _filters(query), asked.get("tri"), asked.get("page")
        if "rayon" in asked:
            found = listing.list_category(_rayon(asked["rayon"]), filters=filters, sort=sort, page=page)
        elif asked.get("q"):
            found = listing.search(asked["q"], filters=filters, sort=sort, page=page)
        elif filters or sort:
            raise ValidationError({"rayon": [_("Choisissez un rayon ou des mots pour filtrer ou trier.")]})
        else:
            return Response(ProductsOutput(_everything(page)).data)
        return Response(ProductsOutput(_listing_output(found)).data)


class OneProduct(APIView):
    @extend_schema(responses=ProductOutput, operation_id="getProduct")
    @from_replica
    def get(self, request: Any, slug: str) -> Response:
        """A product with its offers, by its slug in either language."""
        return Response(ProductOutput(_product(_page(slug))).data)


class Categories(APIView):
    @extend_schema(responses=CategoriesOutput, operation_id="listCategories")
    @from_replica
    def get(self, request: Any) -> Response:
        """Every rayon, each after the one above it, with the number of products in it and under it."""
        rayons: list[dict[str, Any]] = []
        waiting = list(reversed(listing.tree(current_language()).roots))
        while waiting:
            rayon = waiting.pop()
            waiting.extend(reversed(rayon.children))
            rayons.append(
                {
                    "slug": rayon.slug,
                    "name": rayon.name,
                    "url": _absolute(rayon.url),
                    "parent": rayon.parent.slug if rayon.parent else None,
                    "products": rayon.size,
                }
            )
        return Response(CategoriesOutput({"results": rayons}).data)


def _asked_once(query: QueryDict) -> dict[str, Any]:
    """What is no list of values. Raises ValidationError for what is not understood, where a page leaves it out."""
    if set(query.getlist(PRICE)) - set(NUMBERS):
        raise ValidationError({PRICE: [_("Aucune tranche de prix ne s’appelle ainsi. Prenez celles de « facets ».")]})
    once = query.copy()
    for name in query:
        if name in LISTS or _CHARACTERISTIC.fullmatch(name):
            del once[name]
    return read_parameters(ProductQuery, once)


def _everything(page: int | None) -> dict[str, Any]:
    """All visible products by primary key."""
    total = ProductCard.objects.count()
    number, pages = clamp(read_page(page), total)
    first = (number - 1) * PAGE_SIZE
    numbers = list(ProductCard.objects.order_by("pk").values_list("pk", flat=True)[first : first + PAGE_SIZE])
    return {
        "results": cards(numbers),
        "total": total,
        "page": number,
        "pages": pages,
        "facets": [],
    }


def _listing_output(found: listing.Listing) -> dict[str, Any]:
    return {
        "results": found.cards,
        "total": found.total,
        "page": found.page,
        "pages": found.pages,
        "facets": found.facets,
    }


def _filters(query: QueryDict) -> Filters:
    """By present or former codes."""
    return Filters.from_query(QueryDict(listing.present_query(query.urlencode())))


def _rayon(slug: str) -> listing.Rayon:
    """By its slug in any language, present or former."""
    language = current_language()
    rayons = listing.tree(language)
    rayon = rayons.by_slug.get(slug) or rayons.by_id.get(category_of(slug, language)[0])
    if rayon is None:
        raise Http404
    return rayon


def _page(slug: str) -> listing.ProductPage:
    try:
        return listing.product_page(slug=slug)
    except Product.DoesNotExist:
        found = product_of(slug, current_language())
        if found is None or found.slug == slug:
            raise
        return listing.product_page(slug=found.slug)


def _product(page: listing.ProductPage) -> dict[str, Any]:
    product = page.product
    return {
        "id": product.pk,
        "slug": product.slug,
        "name": product.name,
        "brand": product.brand.name if product.brand else "",
        "description": product.description,
        "url": _absolute(page.url),
        "rayons": [*page.rayon.ancestors, page.rayon],
        "options": page.options,
        "offers": page.offers,
        "pictures": page.pictures,
        "attributes": [{"name": name, "values": values} for name, values in page.attributes],
    }


def _absolute(url: str) -> str:
    return settings.SITE_URL + url if url.startswith("/") else url
