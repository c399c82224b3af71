"""Compares what a record says of a product, beside its variants, with what the shop has."""

from typing import Any

from apps.catalogue.models import Product, ProductImage
from apps.catalogue.models.product import VatClass
from apps.imports.catalogue.plan.plans import Difference, ProductPlan, preview

# Columns that are shown by their label.
_CHOICES: dict[str, dict[Any, Any]] = {"state": dict(Product.State.choices), "vat_class": dict(VatClass.choices)}


def compare_fields(plan: ProductPlan, instance: Any, wanted: dict[str, Any], into: dict[str, Any], code: str) -> None:
    for name, value in wanted.items():
        before = getattr(instance, name)
        if before != value:
            into[name] = value
            choices = _CHOICES.get(name, {})
            plan.differences.append(
                Difference(code, name, preview(choices.get(before, before)), preview(choices.get(value, value)))
            )


def compare_relations(plan: ProductPlan, product: Product, category: int | None) -> None:
    record = plan.record
    if (record.category or record.category_slug) and category != product.category_id:
        plan.relations.add("category")
        plan.is_new_category = category is None
        path = "/".join(record.category or (record.category_slug,))
        plan.differences.append(Difference(record.code, "category", "", path))
    if record.brand is not None:
        before = product.brand.name if product.brand else ""
        if before != record.brand:
            plan.relations.add("brand")
            plan.differences.append(Difference(record.code, "brand", before, record.brand))
    for name, wanted in record.operators.items():
        operator = getattr(product, name)
        held = (operator.name, operator.postal_address, operator.electronic_address) if operator else None
        if held != wanted:
            plan.relations.add(name)
            plan.differences.append(
                Difference(record.code, name, preview(held and held[0]), preview(wanted and wanted[0]))
            )


def compare_images(plan: ProductPlan, held: list[ProductImage]) -> None:
    wanted = plan.record.images
    by_key = {key: image for image in reversed(held) for key in (image.source_url, image.file.name) if key}
    matched: set[int] = set()
    for position, image in enumerate(wanted):
        match = by_key.get(image.file) or by_key.get(image.url)
        if match is None:
            plan.new_images.append(image)
            continue
        matched.add(match.pk)
        if plan.record.is_complete and (match.alt_fr, match.alt_en, match.position) != (
            image.alt_fr,
            image.alt_en,
            position,
        ):
            plan.changed_images.append((match, image, position))
    if plan.record.is_complete:
        plan.gone_images = [image for image in held if image.pk not in matched]
    if plan.product is not None:
        plan.differences += [Difference(plan.record.code, "images", "", preview(new.key)) for new in plan.new_images]
        plan.differences += [
            Difference(plan.record.code, "images", preview(str(gone)), "") for gone in plan.gone_images
        ]


def compare_values(plan: ProductPlan, held: dict[tuple[str, str], int]) -> None:
    wanted = {(attribute, slug): label for attribute, slug, label in plan.record.attributes}
    plan.missing_values = [(*key, label) for key, label in wanted.items() if key not in held]
    if plan.record.is_complete:
        plan.surplus_values = [value for key, value in held.items() if key not in wanted]
    if plan.product is not None:
        plan.differences += [
            Difference(plan.record.code, "attributes", "", f"{attribute} : {label or slug}")
            for attribute, slug, label in plan.missing_values
        ]
