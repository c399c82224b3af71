from collections.abc import Iterable

from django.http import QueryDict

from apps.catalogue.listing import Filters, search
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.tests.factories import ProductFactory, VariantFactory


def put_on_sale(names: Iterable[str], **product) -> None:
    products = [ProductFactory(name_fr=name, name_en=name, **product) for name in names]
    ids = [VariantFactory(product=each, sku=f"REF{each.pk}").product_id for each in products]
    refresh_listing(product_ids=ids)


def found(text: str, query: str = "") -> list[str]:
    """The names of the first page."""
    return [card.name for card in search(text, filters=Filters.from_query(QueryDict(query))).cards]
