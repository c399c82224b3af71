"""A few products of a preview as their pages would look: kept with the report, and built into what a page shows.

Nothing of it is in the catalogue. A sample is JSON:

    line, code, product     where it stands in the file, its code, and the id of the product that it changes, if any
    fields                  columns of the product that its page shows
    brand, category         names, the rayon from the top
    attributes              [[code of the attribute, label], …] that it adds
    variants                [{columns of the variant, "on_hand": pieces, "low_threshold": …}, …]
    images                  how many pictures are to be fetched
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from apps.catalogue.listing import Offer, Option, ProductPage, Rayon, StockState, tree
from apps.catalogue.listing.cards import unit_label
from apps.catalogue.listing.product import Content
from apps.catalogue.models import (
    Attribute,
    AttributeValue,
    Brand,
    Product,
    ProductImage,
    ProductOpinion,
    Stock,
    Variant,
)
from apps.catalogue.pictures import Picture, picture
from apps.common.letters import fold
from apps.common.tabular.rows import Row
from apps.common.translation import current_language
from apps.imports.catalogue.plan import ProductPlan, VariantPlan
from apps.imports.catalogue.records import VariantRecord

MOST_OF_A_KIND = 3
_LONGEST_DESCRIPTION = 20_000
_MOST_VARIANTS = 60
_OF_PRODUCT = (
    *("name_fr", "name_en", "description_fr", "description_en", "origin_fr", "origin_en", "withdrawal_exception"),
    *("safety_warnings_fr", "safety_warnings_en"),
    *(f"option{number}_name_{language}" for number in (1, 2, 3) for language in ("fr", "en")),
)
_OF_VARIANT = (
    *("ean13", "content_unit", "weight_g"),
    *(f"option{number}_{language}" for number in (1, 2, 3) for language in ("fr", "en")),
)


def sample_of(plan: ProductPlan) -> dict[str, Any]:
    """Before the plan is written. Reads what is loaded already."""
    record, product = plan.record, plan.product
    fields = {
        name: plan.fields.get(name, getattr(product, name, "") if product else "")
        for name in _OF_PRODUCT
        if plan.fields.get(name) or (product and getattr(product, name))
    }
    for name in ("description_fr", "description_en"):
        if name in fields:
            fields[name] = fields[name][:_LONGEST_DESCRIPTION]
    brand = record.brand if record.brand is not None else product.brand.name if product and product.brand else ""
    planned = {item.variant.pk for item in plan.variants if item.variant}
    others = [VariantPlan(_unchanged(each), each) for each in plan.existing_variants if each.pk not in planned]
    return {
        "line": record.row.line,
        "code": record.code,
        "product": product.pk if product else None,
        "fields": fields,
        "brand": brand,
        "category": list(record.category or ()),
        "attributes": [[code, label or slug] for code, slug, label in record.attributes],
        "variants": [_variant(item) for item in [*plan.variants, *others][:_MOST_VARIANTS]],
        "images": len(plan.new_images),
    }


def _unchanged(variant: Variant) -> VariantRecord:
    return VariantRecord(Row(0, []), variant.sku)


def _variant(item: VariantPlan) -> dict[str, Any]:
    variant, record = item.variant, item.record
    columns = {
        name: item.fields.get(name, getattr(variant, name, None) if variant else None)
        for name in (*_OF_VARIANT, "content_quantity")
    }
    quantity = columns.pop("content_quantity")
    price = record.price if variant is None or item.new_price else variant.price
    stock = getattr(variant, "stock", None) if variant else None
    return {
        **{name: value for name, value in columns.items() if value},
        "sku": record.sku,
        "content_quantity": str(quantity) if quantity else None,
        "price": str(price or 0),
        "on_hand": item.on_hand_after - (stock.reserved if stock else 0),
        "low_threshold": record.low_threshold or (stock or Stock()).low_threshold,
    }


def page_of(sample: Mapping[str, Any], *, url: str) -> ProductPage:
    """What its page would show, at `url`. A handful of queries."""
    names = {column.attname for column in Product._meta.concrete_fields}
    product = Product(code=sample["code"], **{name: text for name, text in sample["fields"].items() if name in names})
    product.brand = Brand(name=sample["brand"]) if sample["brand"] else None
    existing = Product.objects.filter(pk=sample["product"]).select_related("manufacturer", "responsible_person").first()
    if existing is not None:
        product.slug_fr, product.slug_en = existing.slug_fr, existing.slug_en
        product.manufacturer, product.responsible_person = existing.manufacturer, existing.responsible_person
    product.opinion = ProductOpinion()
    variants = [_row(product, each) for each in sample["variants"]]
    content = Content(
        product=product,
        alternates={},
        options=_options(product, variants),
        offers=tuple(_offer(number, each) for number, each in enumerate(variants)),
        pictures=_pictures(existing, product.name_fr),
        attributes=_attributes(existing, sample["attributes"]),
        siblings=(),
    )
    return ProductPage(rows=(), content=content, url=url, rayon=_rayon(sample["category"], existing))


def _row(product: Product, sample: Mapping[str, Any]) -> tuple[Variant, Mapping[str, Any]]:
    amount = Decimal(sample["price"])
    quantity = Decimal(sample["content_quantity"]) if sample["content_quantity"] else None
    fields = {name: sample[name] for name in _OF_VARIANT if name in sample}
    variant = Variant(
        product=product, sku=sample["sku"], price=amount, regular_price=amount, content_quantity=quantity, **fields
    )
    return variant, sample


def _offer(number: int, row: tuple[Variant, Mapping[str, Any]]) -> Offer:
    variant, sample = row
    count = sample["on_hand"]
    is_low = 0 < count <= (sample["low_threshold"] or 0)
    return Offer(
        variant_id=-number,
        sku=variant.sku,
        ean13=variant.ean13 or "",
        label=variant.label,
        options=_values(variant),
        price=variant.price,
        reference_price=None,
        reduction=0,
        unit_price=variant.unit_price,
        unit=unit_label(variant.content_unit),
        stock=StockState.OUT if count <= 0 else StockState.LOW if is_low else StockState.IN,
        pieces_left=count if is_low else 0,
        weight_g=variant.weight_g,
        picture=None,
    )


def _values(variant: Variant) -> tuple[str, str, str]:
    return variant.option1, variant.option2, variant.option3


def _options(product: Product, variants: Iterable[tuple[Variant, Any]]) -> tuple[Option, ...]:
    names = (product.option1_name, product.option2_name, product.option3_name)
    rows = [_values(variant) for variant, _sample in variants]
    return tuple(
        Option(name, tuple(dict.fromkeys(row[place] for row in rows if row[place])))
        for place, name in enumerate(names)
        if name
    )


def _pictures(existing: Product | None, alt: str) -> tuple[Picture, ...]:
    """Those that the product has; those of the file are fetched once it is imported."""
    if existing is None:
        return ()
    ready = ProductImage.objects.filter(product=existing, state=ProductImage.State.READY).order_by("position", "pk")
    found = (
        picture(
            file=image.file.name or "",
            renditions=image.renditions,
            width=image.width,
            height=image.height,
            alt=image.alt or alt,
        )
        for image in ready
    )
    return tuple(each for each in found if each)


def _attributes(existing: Product | None, added: Iterable[Sequence[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    pairs = [
        (value.attribute.code, value.label_fr)
        for value in AttributeValue.objects.filter(products=existing).select_related("attribute")
        if existing is not None
    ]
    pairs += [(code, label) for code, label in added if (code, label) not in pairs]
    names = dict(Attribute.objects.filter(code__in={code for code, _label in pairs}).values_list("code", "name_fr"))
    grouped: dict[str, list[str]] = {}
    for code, label in pairs:
        grouped.setdefault(names.get(code) or code.replace("-", " ").capitalize(), []).append(label)
    return tuple((name, tuple(labels)) for name, labels in grouped.items())


def _rayon(path: Sequence[str], existing: Product | None) -> Rayon:
    """The rayon of the path, as far as the shop has it; below that, one that has no page yet."""
    rayons = tree(current_language())
    if not path and existing is not None and existing.category_id in rayons.by_id:
        return rayons.by_id[existing.category_id]
    found: Rayon | None = None
    for name in path:
        among = found.children if found else rayons.roots
        found = next((rayon for rayon in among if fold(rayon.name) == fold(name)), None) or Rayon(
            id=0,
            name=name,
            slug="",
            url=found.url if found else "/",
            tint=found.tint if found else "",
            description="",
            parent=found,
            children=[],
            alternates={},
            size=0,
            revision=rayons.revision,
        )
    return found or Rayon(0, "", "", "/", "", "", None, [], {}, 0, rayons.revision)
