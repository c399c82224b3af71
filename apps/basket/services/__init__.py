"""Writes to baskets."""

from apps.basket.services.details import details_of, save_details
from apps.basket.services.fill import Filled, Piece, basket_to_fill, carry_details, fill
from apps.basket.services.lines import (
    Change,
    InvalidQuantity,
    NotForSale,
    accept_prices,
    add,
    basket_by_key,
    open_basket,
    set_quantity,
)
from apps.basket.services.load import LoadedBasket, LoadedLine, load
from apps.basket.services.merge import merge

__all__ = [
    "Change",
    "Filled",
    "InvalidQuantity",
    "LoadedBasket",
    "LoadedLine",
    "NotForSale",
    "Piece",
    "accept_prices",
    "add",
    "basket_by_key",
    "basket_to_fill",
    "carry_details",
    "details_of",
    "fill",
    "load",
    "merge",
    "open_basket",
    "save_details",
    "set_quantity",
]
