"""The data of many products, read at once from their own tables; the denormalised rows are made from it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from apps.catalogue.models import AttributeValue, Category, Product, ProductImage, Variant


@dataclass
class Facts:
    """What pages show of one product."""

    product: dict[str, Any]
    variants: list[dict[str, Any]] = field(default_factory=list)
    image: dict[str, Any] | None = None
    values: list[int] = field(default_factory=list)
    characteristics: list[dict[str, Any]] = field(default_factory=list)
    place: "Place" = field(default_factory=lambda: Place((), "", ()))

    @property
    def categories(self) -> Sequence[int]:
        return self.place.ids


class Place(NamedTuple):
    """A visible rayon: its primary key after those above it, its tint, and their names, (French, English)."""

    ids: tuple[int, ...]
    tint: str
    names: tuple[tuple[str, str], ...]


def read(ids: Sequence[int]) -> Iterator[Facts]:
    """The visible products among these with at least one variant on sale."""
    places = _visible_places()
    facts: dict[int, Facts] = {}
    columns = [
        *("id", "category_id", "brand_id", "brand__name", "name_fr", "name_en", "slug_fr", "slug_en"),
        *("description_fr", "description_en", "origin_fr", "origin_en", "popularity", "published_at", "created_at"),
        *("opinion__ratings", "opinion__rating_sum"),
    ]
    for product in Product.objects.visible().filter(pk__in=ids).order_by("pk").values(*columns):
        product["published_at"] = product["published_at"] or product["created_at"]
        if product["category_id"] in places:
            facts[product["id"]] = Facts(product, place=places[product["category_id"]])
    variants = Variant.objects.filter(product__in=list(facts), is_active=True).order_by("position", "pk")
    for variant in variants.values(
        *("product_id", "sku", "ean13", "price", "reference_price", "content_quantity", "content_unit"),
        *(f"option{n}_{tongue}" for n in "123" for tongue in ("fr", "en")),
        *("stock__on_hand", "stock__reserved", "stock__low_threshold"),
    ):
        facts[variant["product_id"]].variants.append(variant)
    images = ProductImage.objects.filter(product__in=list(facts), state=ProductImage.State.READY).exclude(file="")
    for image in images.order_by("product", "position", "pk").values(
        "product_id", "file", "renditions", "width", "height", "alt_fr", "alt_en"
    ):
        picture: dict[str, Any] = dict(image)
        of_product = facts[picture.pop("product_id")]
        of_product.image = of_product.image or picture
    values = AttributeValue.objects.filter(products__in=list(facts))
    for value in values.values(
        *("products", "pk", "slug", "label_fr", "label_en", "attribute__kind", "attribute__is_facet"),
        *("attribute__code", "attribute__name_fr", "attribute__name_en"),
    ):
        if of_value := facts.get(value["products"]):
            of_value.characteristics.append(value)
            if value["attribute__is_facet"]:
                of_value.values.append(value["pk"])
    return (product for product in facts.values() if product.variants)


def _visible_places() -> dict[int, Place]:
    """Each rayon that is visible with all those above it."""
    places: dict[str, Place] = {"": Place((), "", ())}
    result = {}
    columns = ("pk", "path", "is_visible", "tint", "name_fr", "name_en")
    for pk, path, is_visible, tint, french, english in Category.objects.order_by("path").values_list(*columns):
        above = places.get(path[: -Category.steplen])
        if is_visible and above is not None:
            names = (*above.names, (french, english or french))
            places[path] = result[pk] = Place((*above.ids, pk), tint or above.tint, names)
    return result


def pieces(variant: dict[str, Any]) -> int:
    return (variant["stock__on_hand"] or 0) - (variant["stock__reserved"] or 0)


def cheapest(facts: Facts) -> dict[str, Any]:
    """The variant whose price stands on the card: the cheapest one in stock, else the cheapest."""
    return min(facts.variants, key=lambda variant: (pieces(variant) <= 0, variant["price"]))


def in_stock(facts: Facts) -> bool:
    return any(pieces(variant) > 0 for variant in facts.variants)
