from apps.catalogue.models.attribute import Attribute, AttributeValue
from apps.catalogue.models.catalogue_import import CatalogueImport
from apps.catalogue.models.category import Category
from apps.catalogue.models.filter_address import FilterAddress
from apps.catalogue.models.image import ProductImage
from apps.catalogue.models.listing import FacetCount, ListingEntry, ProductCard
from apps.catalogue.models.opinion import ProductOpinion
from apps.catalogue.models.page_address import PageAddress
from apps.catalogue.models.planned_reduction import PlannedReduction
from apps.catalogue.models.price import PriceEntry
from apps.catalogue.models.product import Brand, EconomicOperator, Product
from apps.catalogue.models.revision import CatalogueRevision
from apps.catalogue.models.search import SearchDocument, SearchPosting, SearchSynonym, SearchWord
from apps.catalogue.models.stock import Stock, StockHold, StockMovement
from apps.catalogue.models.stock_sheet import StockSheet, StockSheetLine
from apps.catalogue.models.variant import Variant

__all__ = [
    "Attribute",
    "AttributeValue",
    "Brand",
    "CatalogueImport",
    "CatalogueRevision",
    "Category",
    "EconomicOperator",
    "FacetCount",
    "FilterAddress",
    "ListingEntry",
    "PageAddress",
    "PlannedReduction",
    "PriceEntry",
    "Product",
    "ProductCard",
    "ProductImage",
    "ProductOpinion",
    "SearchDocument",
    "SearchPosting",
    "SearchSynonym",
    "SearchWord",
    "Stock",
    "StockHold",
    "StockMovement",
    "StockSheet",
    "StockSheetLine",
    "Variant",
]
