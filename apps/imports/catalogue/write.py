"""Writes plans to the database: a few bulk statements per table, whatever the number of products."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max, Model
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from apps.accounts.models import User
from apps.catalogue.models import (
    Attribute,
    AttributeValue,
    Brand,
    Category,
    EconomicOperator,
    FilterAddress,
    PageAddress,
    PriceEntry,
    Product,
    ProductImage,
    Stock,
    Variant,
)
from apps.catalogue.services import prices, stock
from apps.common.letters import fold, slug_of
from apps.imports.catalogue.plan import CategoryPaths, ProductPlan, VariantPlan
from apps.imports.catalogue.records import LedgerLine

_BATCH = 200
_OPERATORS = ("manufacturer", "responsible_person")


def write_batch(plans: Sequence[ProductPlan], paths: CategoryPaths, *, author: User | None, now: datetime) -> list[int]:
    """Write what the plans change, inside the caller's transaction; returns the ids of the products concerned.

    A concurrent writer of the same codes shows as IntegrityError. Locks variants for prices, then stocks.
    """
    plans = [plan for plan in plans if plan.changes]
    if not plans:
        return []
    reason = _("import du catalogue")
    _resolve_relations(plans, paths)
    _create_products([plan for plan in plans if plan.product is None], author, reason, now)
    _update_products([plan for plan in plans if plan.fields or plan.relations], author, reason, now)
    _create_variants(plans, author, reason, now)
    _update_variants(plans, author, reason, now)
    _write_images(plans)
    _write_values(plans)
    return [product.pk for plan in plans if (product := plan.product)]


def _resolve_relations(plans: Sequence[ProductPlan], paths: CategoryPaths) -> None:
    """Turn names of rayons, brands and operators into rows, created where they are new."""
    brands = _brands({plan.record.brand for plan in plans if plan.record.brand})
    for plan in plans:
        is_new = plan.product is None
        if is_new or "category" in plan.relations:
            plan.fields["category_id"] = paths.find(plan.record) or _make_path(plan, paths)
        if plan.record.brand is not None and (is_new or "brand" in plan.relations):
            plan.fields["brand_id"] = brands[fold(plan.record.brand)].pk if plan.record.brand else None
        for name in _OPERATORS:
            if name in plan.record.operators and (is_new or name in plan.relations):
                wanted = plan.record.operators[name]
                plan.fields[f"{name}_id"] = _operator(wanted).pk if wanted else None


def _make_path(plan: ProductPlan, paths: CategoryPaths) -> int:
    above = 0
    for name in plan.record.category or ():
        found = paths.child(above, name)
        if found is None:
            slug = _free_category_slug(name, above)
            fields = {"name_fr": name, "slug_fr": slug, "slug_en": slug}
            found = paths.create(above, fields)
            plan.new_categories.append(found)
        above = found
    return above


def _free_category_slug(name: str, above: int) -> str:
    base = slug_of(name)[:120] or "rayon"
    tries = [base]
    if above:
        tries.append(f"{Category.objects.get(pk=above).slug_fr}-{base}"[:130])
    tries += [f"{base}-{number}" for number in range(2, 1000)]
    rows = PageAddress.objects.filter(kind=PageAddress.Kind.CATEGORY, slug__in=tries)
    taken = set(rows.values_list("slug", flat=True))
    return next(slug for slug in tries if slug not in taken)


def _brands(names: set[str]) -> dict[str, Brand]:
    # All of them, not those written exactly so: « Nestle » in a file is the brand « Nestlé », on both databases.
    by_name = {fold(brand.name): brand for brand in Brand.objects.all()} if names else {}
    for name in sorted(names):
        if fold(name) in by_name:
            continue
        base = slug_of(name)[:130] or "marque"
        tries = [base, *(f"{base}-{number}" for number in range(2, 1000))]
        taken = set(Brand.objects.filter(slug__in=tries).values_list("slug", flat=True))
        former = FilterAddress.objects.filter(scope=Brand.filter_scope(0), slug__in=tries)
        taken |= set(former.values_list("slug", flat=True))
        slug = next(slug for slug in tries if slug not in taken)
        by_name[fold(name)] = Brand.objects.create(name=name, slug=slug)
    return by_name


def _operator(wanted: tuple[str, str, str]) -> EconomicOperator:
    name, postal, electronic = wanted
    fields = {"name": name, "postal_address": postal, "electronic_address": electronic}
    return EconomicOperator.objects.filter(**fields).order_by("pk").first() or EconomicOperator.objects.create(**fields)


def _create_products(plans: Sequence[ProductPlan], author: User | None, reason: str, now: datetime) -> None:
    if not plans:
        return
    for language in ("fr", "en"):
        _name_pages(plans, language)
    for plan in plans:
        if plan.fields.get("state") == Product.State.PUBLISHED and not plan.fields.get("published_at"):
            plan.fields["published_at"] = now
        plan.product = Product(code=plan.record.code, created_at=now, **plan.fields)
        plan.fields, plan.relations = {}, set()
    _create_with_history([plan.product for plan in plans if plan.product], Product, "code", author, reason)


def _name_pages(plans: Sequence[ProductPlan], language: str) -> None:
    """Give each new product a slug of its own: its name, with its code where the name is or was taken."""
    column = f"slug_{language}"
    wanted: list[tuple[ProductPlan, list[str]]] = []
    for plan in plans:
        fields, code = plan.fields, slug_of(plan.record.code)[:80]
        name = fields.get(f"name_{language}") or fields["name_fr"]
        base = fields.get(column) or slug_of(name)[:130].strip("-") or f"produit-{code}"
        coded = f"{base[:130]}-{code}".strip("-")
        wanted.append((plan, [base, coded, *(f"{coded[:210]}-{number}" for number in range(2, 12))]))
    tries = [slug for _plan, choices in wanted for slug in choices[:2]]
    rows = PageAddress.objects.filter(kind=PageAddress.Kind.PRODUCT, language=language)
    taken = set(rows.filter(slug__in=[slug.lower() for slug in tries]).values_list("slug", flat=True))
    for plan, choices in wanted:
        slug = next((slug for slug in choices[:2] if slug.lower() not in taken), "")
        if not slug:
            lower = [slug.lower() for slug in choices]
            rest = set(rows.filter(slug__in=lower).values_list("slug", flat=True)) | taken
            slug = next(slug for slug in choices if slug.lower() not in rest)
        taken.add(slug.lower())
        plan.fields[column] = slug


def _create_with_history(instances: list[Any], model: type[Model], key: str, author: User | None, reason: str) -> None:
    """Bulk insert with history. MySQL returns no primary keys from it, so they are read back by `key`."""
    model._default_manager.bulk_create(instances, batch_size=_BATCH)
    if instances and instances[0].pk is None:
        keys = [getattr(instance, key) for instance in instances]
        ids = dict(model._default_manager.filter(**{f"{key}__in": keys}).values_list(key, "pk"))
        for instance in instances:
            instance.pk = ids[getattr(instance, key)]
    model.history.bulk_history_create(  # type: ignore[attr-defined]
        instances, batch_size=_BATCH, default_user=author, default_change_reason=reason
    )


def update_with_history(
    changes: Iterable[tuple[Any, dict[str, Any]]], model: type[Model], author: User | None, reason: str, now: datetime
) -> None:
    instances, columns = [], {"updated_at"}
    for instance, fields in changes:
        for name, value in fields.items():
            setattr(instance, name, value)
            columns.add(name.removesuffix("_id"))
        instance.updated_at = now
        instances.append(instance)
    if instances:
        bulk_update_with_history(
            instances,
            model,
            sorted(columns),
            batch_size=_BATCH,
            default_user=author,
            default_change_reason=reason,
        )


def _update_products(plans: Sequence[ProductPlan], author: User | None, reason: str, now: datetime) -> None:
    for plan in plans:
        product = plan.product
        published = plan.fields.get("state") == Product.State.PUBLISHED
        if published and product and not (plan.fields.get("published_at") or product.published_at):
            plan.fields["published_at"] = now
    changes = [(plan.product, plan.fields) for plan in plans if plan.fields]
    update_with_history(changes, Product, author, reason, now)


def _create_variants(plans: Sequence[ProductPlan], author: User | None, reason: str, now: datetime) -> None:
    created: list[VariantPlan] = []
    for plan in plans:
        for position, item in enumerate(item for item in plan.variants if item.variant is None):
            assert item.amounts is not None  # noqa: S101
            assert plan.product is not None  # noqa: S101
            item.fields.setdefault("position", plan.next_position + position)
            item.variant = Variant(
                product=plan.product,
                sku=item.record.sku,
                created_at=now,
                price=item.amounts.price,
                regular_price=item.amounts.regular_price,
                reference_price=item.amounts.reference_price,
                **item.fields,
            )
            item.fields = {}
            item.new_price = item.new_stock = item.new_threshold = False
            created.append(item)
    if not created:
        return
    variants = [item.variant for item in created if item.variant]
    _create_with_history(variants, Variant, "sku", author, reason)
    stock.open_stocks(
        counts={variant.pk: item.record.on_hand or 0 for item in created if (variant := item.variant)},
        thresholds={
            variant.pk: item.record.low_threshold
            for item in created
            if (variant := item.variant) and item.record.low_threshold is not None
        },
        author=author,
        note=reason,
        now=now,
    )
    first = [variant for item in created if (variant := item.variant) and not item.record.ledger]
    prices.open_ledgers(variants=first, author=author, reason=reason, now=now)
    PriceEntry.objects.bulk_create(
        [_entry(variant, line) for item in created if (variant := item.variant) for line in item.record.ledger],
        batch_size=_BATCH,
    )


def _entry(variant: Variant, line: LedgerLine) -> PriceEntry:
    return PriceEntry(
        variant=variant, amount=line.amount, kind=line.kind, effective_at=line.effective_at, reason=line.reason
    )


def _update_variants(plans: Sequence[ProductPlan], author: User | None, reason: str, now: datetime) -> None:
    existing = [(item, item.variant) for plan in plans for item in plan.variants if item.variant and item.changes]
    update_with_history(
        [(variant, item.fields) for item, variant in existing if item.fields], Variant, author, reason, now
    )
    new_prices = {
        variant.pk: item.record.price for item, variant in existing if item.new_price and item.record.price is not None
    }
    prices.set_prices(amounts=new_prices, author=author, reason=reason, now=now)
    counts = {
        variant.pk: item.record.on_hand
        for item, variant in existing
        if item.new_stock and item.record.on_hand is not None
    }
    stock.count_stocks(counts=counts, author=author, note=reason, now=now)
    for item, variant in existing:
        if item.new_threshold and item.record.low_threshold is not None:
            Stock.objects.update_or_create(variant=variant, defaults={"low_threshold": item.record.low_threshold})


def _write_images(plans: Sequence[ProductPlan]) -> None:
    """New pictures by URL wait for the task that fetches them."""
    last = dict(
        ProductImage.objects.filter(product__in=[plan.product for plan in plans])
        .order_by()
        .values_list("product")
        .annotate(last=Max("position"))
    )
    added = []
    for plan in plans:
        assert plan.product is not None  # noqa: S101
        variants = {fold(item.record.sku): item.variant for item in plan.variants}
        positions = {image.key: position for position, image in enumerate(plan.record.images)}
        for number, image in enumerate(plan.new_images):
            after = last.get(plan.product.pk, -1) + 1 + number
            fields: dict[str, Any] = {}
            if image.file:
                fields = {
                    "file": image.file,
                    "width": image.width,
                    "height": image.height,
                    "renditions": list(image.renditions),
                }
            added.append(
                ProductImage(
                    product=plan.product,
                    variant=variants.get(fold(image.sku)) if image.sku else None,
                    source_url=image.url,
                    alt_fr=image.alt_fr,
                    alt_en=image.alt_en,
                    position=min(positions[image.key] if plan.record.is_complete else after, 32767),
                    state=image.state or ProductImage.State.WANTED,
                    failure=image.failure,
                    **fields,
                )
            )
        for held, image, position in plan.changed_images:
            held.alt_fr, held.alt_en, held.position = image.alt_fr, image.alt_en, position
    ProductImage.objects.bulk_create(added, batch_size=_BATCH)
    changed = [held for plan in plans for held, _image, _position in plan.changed_images]
    if changed:
        ProductImage.objects.bulk_update(changed, ["alt_fr", "alt_en", "position"], batch_size=_BATCH)
    gone = [image.pk for plan in plans for image in plan.gone_images]
    if gone:
        ProductImage.objects.filter(pk__in=gone).delete()


def _write_values(plans: Sequence[ProductPlan]) -> None:
    through = Product.attribute_values.through
    wanted = {(attribute, slug): label for plan in plans for attribute, slug, label in plan.missing_values}
    if wanted:
        ids = _attribute_values(wanted)
        through.objects.bulk_create(
            (
                through(product_id=plan.product.pk, attributevalue_id=ids[attribute, slug])
                for plan in plans
                if plan.product
                for attribute, slug, _label in plan.missing_values
            ),
            batch_size=_BATCH,
            ignore_conflicts=True,
        )
    for plan in plans:
        if plan.surplus_values:
            through.objects.filter(product=plan.product, attributevalue__in=plan.surplus_values).delete()


def _attribute_values(wanted: dict[tuple[str, str], str]) -> dict[tuple[str, str], int]:
    """Ids of attribute values by attribute code and slug; missing ones are created, named by their label or slug."""
    codes = {attribute for attribute, _slug in wanted}
    attributes = {attribute.code: attribute for attribute in Attribute.objects.filter(code__in=codes)}
    for code in sorted(codes - attributes.keys()):
        attributes[code] = Attribute.objects.create(code=code, name_fr=code.replace("-", " ").capitalize())
    held = AttributeValue.objects.filter(attribute__in=attributes.values(), slug__in={slug for _code, slug in wanted})
    ids = {(code, slug): pk for code, slug, pk in held.values_list("attribute__code", "slug", "pk")}
    for (code, slug), label in wanted.items():
        if (code, slug) not in ids:
            ids[code, slug] = AttributeValue.objects.create(
                attribute=attributes[code], slug=slug, label_fr=label or slug
            ).pk
    return ids
