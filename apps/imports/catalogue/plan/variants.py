"""Computes what a record would change of one variant, with its price and its stock."""

from datetime import datetime

from django.utils.translation import gettext as _

from apps.catalogue.models import Stock, Variant
from apps.catalogue.services import prices
from apps.common.errors import DomainError
from apps.common.tabular.errors import Refusal
from apps.common.tabular.rows import Warned
from apps.imports.catalogue.plan.compare import compare_fields
from apps.imports.catalogue.plan.existing import Existing
from apps.imports.catalogue.plan.plans import Difference, ProductPlan, VariantPlan, preview
from apps.imports.catalogue.records import VariantRecord


def plan_variant(plan: ProductPlan, record: VariantRecord, existing: Existing, now: datetime) -> VariantPlan:
    variant = existing.variants.get(record.sku) or _under_former_sku(record, existing)
    if variant is not None and (plan.product is None or variant.product_id != plan.product.pk):
        raise Refusal(_("la référence « %(sku)s » est déjà celle d’un autre produit") % {"sku": record.sku})
    holder = existing.by_ean.get(record.fields.get("ean13") or "")
    if holder is not None and (variant is None or holder.pk != variant.pk):
        raise Refusal(
            _("le code-barres %(ean)s est déjà celui du modèle « %(sku)s »") % {"ean": holder.ean13, "sku": holder.sku}
        )
    variant_plan = VariantPlan(record, variant)
    if variant is None:
        variant_plan.fields = {**record.defaults, **record.fields}
        variant_plan.amounts = _amounts(record, now)
        return variant_plan
    compare_fields(plan, variant, record.fields, variant_plan.fields, record.sku)
    # The file holds regular prices: a reduction that staff announced goes on until its regular price changes.
    if record.price is not None and record.price != variant.regular_price and not record.is_price_doubtful:
        variant_plan.new_price = True
        plan.differences.append(
            Difference(
                record.sku,
                "price",
                preview(variant.regular_price),
                preview(record.price),
                is_big=abs(record.price - variant.regular_price) * 10 > variant.regular_price * 3,
            )
        )
    stock: Stock | None = getattr(variant, "stock", None)
    counted = stock.on_hand if stock else None
    if record.on_hand is not None:
        promised = stock.reserved if stock else 0
        if record.on_hand < promised:
            plan.warnings.append(
                Warned(record.row.line, _("stock sous les pièces promises à des commandes : celles-ci sont gardées"))
            )
        if max(record.on_hand, promised) != counted:
            variant_plan.new_stock = True
            plan.differences.append(Difference(record.sku, "on_hand", preview(counted), preview(record.on_hand)))
    threshold = stock.low_threshold if stock else None
    if record.low_threshold is not None and record.low_threshold != threshold:
        variant_plan.new_threshold = True
        plan.differences.append(
            Difference(record.sku, "low_threshold", preview(threshold), preview(record.low_threshold))
        )
    return variant_plan


def _under_former_sku(record: VariantRecord, existing: Existing) -> Variant | None:
    """The variant that an earlier import made of this row, if its options are still the same."""
    variant = existing.variants.get(record.former_sku)
    options = {name: value for name, value in record.fields.items() if name.startswith("option")}
    return variant if variant and all(getattr(variant, name) == value for name, value in options.items()) else None


def _amounts(record: VariantRecord, now: datetime) -> prices.Amounts:
    if record.price is None:
        raise Refusal(_("prix manquant"))
    if not record.ledger:
        return prices.Amounts(record.price, record.price, None)
    try:
        amounts = prices.read_ledger([(line.effective_at, line.amount, line.kind) for line in record.ledger], now=now)
    except DomainError as error:
        raise Refusal(error.message) from None
    if amounts.regular_price != record.price:
        raise Refusal(_("le prix n’est pas le dernier prix courant de l’historique des prix"))
    return amounts
