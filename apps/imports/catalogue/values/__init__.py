"""Parses cells, one module for each kind of value. Each raises Refusal with a reason that a merchant can act on."""

from apps.imports.catalogue.values.codes import ean13, identifier, is_ean8, restored_ean
from apps.imports.catalogue.values.flags import truth
from apps.imports.catalogue.values.pictures import image_names, image_url, image_urls
from apps.imports.catalogue.values.prices import net_price, price
from apps.imports.catalogue.values.rates import vat_class
from apps.imports.catalogue.values.stocks import pieces
from apps.imports.catalogue.values.texts import described, lost_in_description, named, plain, sanitised
from apps.imports.catalogue.values.weights import grams, net_content, quantity, whole_grams

__all__ = [
    "described",
    "ean13",
    "grams",
    "identifier",
    "image_names",
    "image_url",
    "image_urls",
    "is_ean8",
    "lost_in_description",
    "named",
    "net_content",
    "net_price",
    "pieces",
    "plain",
    "price",
    "quantity",
    "restored_ean",
    "sanitised",
    "truth",
    "vat_class",
    "whole_grams",
]
