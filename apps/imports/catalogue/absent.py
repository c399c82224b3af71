"""Plans for what a supplier's earlier files had and this one has not: without stock, or off sale."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from apps.catalogue.models import Product, Variant
from apps.common.tabular.rows import Row
from apps.imports.catalogue.plan import Difference, ProductPlan, VariantPlan
from apps.imports.catalogue.reading import Missing
from apps.imports.catalogue.records import ProductRecord, VariantRecord


def plan_absent(variant_ids: Sequence[int], missing: Missing) -> list[ProductPlan]:
    """A product goes off sale when all of its variants are absent; pieces that orders were promised stay."""
    absent = set(variant_ids)
    found = Variant.objects.filter(pk__in=absent).values_list("product", flat=True)
    products = Product.objects.filter(pk__in=found).select_related("brand", "manufacturer", "responsible_person")
    by_product: dict[int, list[Variant]] = {}
    for variant in Variant.objects.filter(product__in=found).select_related("stock").order_by("pk"):
        by_product.setdefault(variant.product_id, []).append(variant)
    plans = []
    for product in products.order_by("pk"):
        siblings = by_product[product.pk]
        row = Row(0, [])
        plan = ProductPlan(ProductRecord(row, product.code), product, existing_variants=siblings)
        if missing == Missing.ZERO:
            plan.variants = [each for variant in siblings if variant.pk in absent and (each := _emptied(plan, variant))]
        elif product.state == Product.State.PUBLISHED and all(variant.pk in absent for variant in siblings):
            plan.fields["state"] = Product.State.DRAFT
            plan.differences.append(Difference(product.code, "state", _("publié"), _("brouillon")))
        plans.append(plan)
    return plans


def _emptied(plan: ProductPlan, variant: Variant) -> VariantPlan | None:
    stock = getattr(variant, "stock", None)
    if stock is None or stock.on_hand <= stock.reserved:
        return None
    record = VariantRecord(plan.record.row, variant.sku, on_hand=stock.reserved)
    plan.differences.append(Difference(variant.sku, "on_hand", str(stock.on_hand), str(stock.reserved)))
    return VariantPlan(record, variant, new_stock=True)
