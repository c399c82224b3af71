"""Section ids: what a comment is about. Other sites choose theirs; « produit-… » and « page-… » are the shop's own."""

import re

PRODUCT = re.compile(r"produit-([1-9]\d{0,17})")
PAGE = re.compile(r"page-[a-z0-9][a-z0-9-]{0,100}")


def section_of(product_id: int) -> str:
    return f"produit-{product_id}"


def product_id_of(section_id: str) -> int | None:
    """The product id in a section id, without a look-up; None for another kind of section."""
    found = PRODUCT.fullmatch(section_id)
    return int(found[1]) if found else None


def is_on_our_pages(section_id: str) -> bool:
    return bool(PRODUCT.fullmatch(section_id) or PAGE.fullmatch(section_id))
