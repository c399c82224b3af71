from apps.catalogue.services.listing.documents import MARK, differing_documents
from apps.catalogue.services.listing.refresh import (
    products_with_attribute,
    rebuild_listing,
    refresh_brand,
    refresh_category,
    refresh_listing,
    refresh_page_urls,
)

__all__ = [
    "MARK",
    "differing_documents",
    "products_with_attribute",
    "rebuild_listing",
    "refresh_brand",
    "refresh_category",
    "refresh_listing",
    "refresh_page_urls",
]
