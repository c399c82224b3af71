"""Rows of ProductCard."""

from apps.catalogue.models import ProductCard, Variant
from apps.catalogue.services.listing.counts import counted_by
from apps.catalogue.services.listing.facts import Facts, cheapest, in_stock, pieces


def _pieces_left(facts: Facts) -> int | None:
    """Pieces of all variants when that is few enough to be shown, else None."""
    if any(pieces(variant) > (variant["stock__low_threshold"] or 0) for variant in facts.variants):
        return None
    return sum(max(0, pieces(variant)) for variant in facts.variants)


def card_of(facts: Facts) -> ProductCard:
    product, offer = facts.product, cheapest(facts)
    unit_price = Variant(
        price=offer["price"],
        content_quantity=offer["content_quantity"],
        content_unit=offer["content_unit"],
    ).unit_price
    return ProductCard(
        product_id=product["id"],
        category_id=product["category_id"],
        brand_id=product["brand_id"],
        brand_name=product["brand__name"] or "",
        name_fr=product["name_fr"],
        name_en=product["name_en"] or product["name_fr"],
        slug_fr=product["slug_fr"],
        slug_en=product["slug_en"],
        price=offer["price"],
        price_varies=any(variant["price"] != offer["price"] for variant in facts.variants),
        reference_price=offer["reference_price"],
        unit_price=unit_price,
        content_unit=offer["content_unit"] if unit_price is not None else "",
        sku=offer["sku"] if len(facts.variants) == 1 else "",
        in_stock=in_stock(facts),
        pieces_left=_pieces_left(facts),
        picture=facts.image or {},
        tint=facts.place.tint,
        ratings=product["opinion__ratings"] or 0,
        rating_sum=product["opinion__rating_sum"] or 0,
        popularity=product["popularity"],
        published_at=product["published_at"],
        counted=counted_by(facts),
    )
