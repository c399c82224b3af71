"""Read models of the storefront: rayons, search, product pages, the home page's shelves. Frozen; they run no query."""

from apps.catalogue.listing.cards import Card, StockState
from apps.catalogue.listing.category import list_category
from apps.catalogue.listing.filters import Filters
from apps.catalogue.listing.finding import Suggestions, search, suggest
from apps.catalogue.listing.former import present_query
from apps.catalogue.listing.page import Facet, FacetValue, Listing
from apps.catalogue.listing.product import Offer, Option, ProductPage, product_page
from apps.catalogue.listing.shelves import Shelves, home_shelves
from apps.catalogue.listing.showcase import rayon_pictures
from apps.catalogue.listing.tree import Rayon, Tree, tree

__all__ = [
    "Card",
    "Facet",
    "FacetValue",
    "Filters",
    "Listing",
    "Offer",
    "Option",
    "ProductPage",
    "Rayon",
    "Shelves",
    "StockState",
    "Suggestions",
    "Tree",
    "home_shelves",
    "list_category",
    "present_query",
    "product_page",
    "rayon_pictures",
    "search",
    "suggest",
    "tree",
]
