"""Plans a batch: each record against what the shop has."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from apps.catalogue.models import Product
from apps.common.tabular.errors import Refusal
from apps.common.tabular.rows import Reject, Warned
from apps.imports.catalogue.plan.category_paths import CategoryPaths
from apps.imports.catalogue.plan.compare import compare_fields, compare_images, compare_relations, compare_values
from apps.imports.catalogue.plan.existing import Existing, read_existing
from apps.imports.catalogue.plan.plans import ProductPlan
from apps.imports.catalogue.plan.variants import plan_variant
from apps.imports.catalogue.records import ProductRecord


def plan_batch(
    records: Sequence[ProductRecord], paths: CategoryPaths, *, announced: set[str], now: datetime
) -> tuple[list[ProductPlan], list[Reject]]:
    """Seven reads for any number of records. `announced` are slugs of rayons that a dry run did not create."""
    existing = read_existing(records)
    plans, rejects = [], []
    for record in records:
        try:
            plan, refused = _plan(record, existing, paths, announced, now)
        except Refusal as refusal:
            rows = {record.row.line: record.row} | {variant.row.line: variant.row for variant in record.variants}
            rejects += [Reject.of(row, refusal) for row in rows.values()]
            continue
        if plan is not None:
            plans.append(plan)
        rejects += refused
    return plans, rejects


def _plan(
    record: ProductRecord, existing: Existing, paths: CategoryPaths, announced: set[str], now: datetime
) -> tuple[ProductPlan | None, list[Reject]]:
    product = existing.products.get(record.code) or existing.products.get(record.former_code)
    plan = ProductPlan(record, product)
    category = paths.find(record)
    if record.category_slug and category is None and record.category_slug not in announced:
        raise Refusal(_("rayon inconnu : « %(slug)s »") % {"slug": record.category_slug})
    if product is None:
        if not record.fields.get("name_fr"):
            raise Refusal(_("produit inconnu « %(code)s » : la ligne qui le décrit manque") % {"code": record.code})
        if not record.category and not record.category_slug:
            record.category = record.default_category
            category = paths.find(record)
        if not record.category and not record.category_slug:
            raise Refusal(_("rayon manquant"))
        if not record.variants and not record.is_complete:
            raise Refusal(_("aucun modèle : un produit sans prix ne se vend pas"))
        plan.fields = {**record.defaults, **record.fields}
        plan.is_new_category = category is None and record.category_slug not in announced
        is_held = record.is_doubtful or record.starts_as_draft
        if is_held and plan.fields.get("state") == Product.State.PUBLISHED:
            plan.fields["state"] = Product.State.DRAFT
    else:
        fields = record.fields
        if product.pk in existing.undone and "state" not in fields:
            # It comes again as it came first.
            is_held = record.is_doubtful or record.starts_as_draft
            fields = {
                **fields,
                "state": Product.State.DRAFT if is_held else record.defaults.get("state", product.state),
            }
        compare_fields(plan, product, fields, plan.fields, record.code)
        if product.state == Product.State.PUBLISHED and record.defaults.get("state", product.state) != product.state:
            plan.warnings.append(
                Warned(record.row.line, _("brouillon ou archivé dans le fichier, mais en vente ici : il le reste"))
            )
        compare_relations(plan, product, category)
    siblings = existing.by_product.get(product.pk, []) if product else []
    plan.existing_variants = siblings
    plan.next_position = max((variant.position + 1 for variant in siblings), default=0)
    refused = []
    for variant_record in record.variants:
        try:
            plan.variants.append(plan_variant(plan, variant_record, existing, now))
        except Refusal as refusal:
            refused.append(Reject.of(variant_record.row, refusal))
    if product is None and record.variants and not plan.variants:
        # No variant left: the product's own line is refused with them, each with its reason.
        if record.row.line not in {reject.row.line for reject in refused}:
            refused.append(Reject(record.row, _("aucun modèle de ce produit n’a pu être importé")))
        return None, refused
    compare_images(plan, existing.images.get(product.pk, []) if product else [])
    compare_values(plan, existing.values.get(product.pk, {}) if product else {})
    return plan, refused
