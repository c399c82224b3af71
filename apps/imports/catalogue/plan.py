"""Computes what a batch of records would change, with a handful of reads and without writing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.catalogue.models import Category, PageAddress, Product, ProductImage, Stock, Variant
from apps.catalogue.models.filter_address import former_codes
from apps.catalogue.models.product import VatClass
from apps.catalogue.services import prices
from apps.common.errors import DomainError
from apps.common.letters import fold, slug_of
from apps.common.tabular.errors import Refusal
from apps.common.tabular.rows import Reject, Warned
from apps.imports.catalogue.records import Image, ProductRecord, VariantRecord
from apps.imports.models import ImportedProduct

_Row = TypeVar("_Row")
# Columns that are shown by their label.
_CHOICES: dict[str, dict[Any, Any]] = {"state": dict(Product.State.choices), "vat_class": dict(VatClass.choices)}


@dataclass(slots=True, frozen=True)
class Difference:
    """One value before and after, as displayed."""

    code: str
    column: str
    before: str
    after: str
    # A price that changes by more than 30 %.
    is_big: bool = False

    def as_row(self) -> tuple[str, str, str, str]:
        return self.code, self.column, self.before, self.after


@dataclass(slots=True)
class VariantPlan:
    record: VariantRecord
    variant: Variant | None
    fields: dict[str, Any] = field(default_factory=dict)
    new_price: bool = False
    new_stock: bool = False
    new_threshold: bool = False
    amounts: prices.Amounts | None = None

    @property
    def on_hand_after(self) -> int:
        if self.record.on_hand is not None:
            return self.record.on_hand
        stock: Stock | None = getattr(self.variant, "stock", None) if self.variant else None
        return stock.on_hand if stock else 0

    @property
    def changes(self) -> bool:
        return self.variant is None or bool(self.fields) or self.new_price or self.new_stock or self.new_threshold


@dataclass(slots=True)
class ProductPlan:
    record: ProductRecord
    product: Product | None
    fields: dict[str, Any] = field(default_factory=dict)
    relations: set[str] = field(default_factory=set)
    variants: list[VariantPlan] = field(default_factory=list)
    existing_variants: list[Variant] = field(default_factory=list)
    new_images: list[Image] = field(default_factory=list)
    changed_images: list[tuple[ProductImage, Image, int]] = field(default_factory=list)
    gone_images: list[ProductImage] = field(default_factory=list)
    missing_values: list[tuple[str, str, str]] = field(default_factory=list)
    surplus_values: list[int] = field(default_factory=list)
    next_position: int = 0
    is_new_category: bool = False
    # Primary keys of rayons that writing it created.
    new_categories: list[int] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        return (
            self.product is None
            or bool(self.fields or self.relations or self.new_images or self.changed_images or self.gone_images)
            or bool(self.missing_values or self.surplus_values)
            or any(variant.changes for variant in self.variants)
        )

    @property
    def is_published(self) -> bool:
        return self.fields.get("state") == Product.State.PUBLISHED

    @property
    def is_sold_out(self) -> bool:
        """Everything that the file says of it has no piece left, and shoppers see or will see it."""
        stocks = [variant.on_hand_after for variant in self.variants]
        is_public = self.is_published or (self.product is not None and self.product.state == Product.State.PUBLISHED)
        counts = [variant for variant in self.variants if variant.variant is None or variant.new_stock]
        return bool(counts) and not any(stocks) and is_public

    def first_values(self) -> list[list[str]]:
        """What a new product begins with, as rows of a difference from nothing."""
        record = self.record
        state = Product.State(self.fields.get("state", Product.State.DRAFT))
        rows = [
            [record.code, "category", "", " > ".join(record.category or ()) or record.category_slug],
            [record.code, "state", "", str(state.label)],
        ]
        if vat := self.fields.get("vat_class"):
            rows.append([record.code, "vat_class", "", _preview(str(VatClass(vat).label))])
        for item in self.variants:
            rows.append([item.record.sku, "price", "", _preview(item.record.price)])
            rows.append([item.record.sku, "on_hand", "", _preview(item.record.on_hand or 0)])
            if weight := item.fields.get("weight_g"):
                rows.append([item.record.sku, "weight_g", "", _preview(weight)])
        return rows

    @property
    def has_no_stock(self) -> bool:
        """Nothing in the file says how many there are of anything new here: it is sold out at once."""
        new = [variant for variant in self.variants if variant.variant is None]
        return bool(new) and all(variant.record.on_hand is None for variant in new)


class CategoryPaths:
    """The rayons, by path of names and by slug. Read once per run; `write` adds the rayons that it creates."""

    def __init__(self) -> None:
        self.slug_to_id: dict[str, int] = {}
        self.children: dict[tuple[int, str], int] = {}
        paths: dict[str, int] = {}
        for category in Category.objects.order_by("path"):
            above = paths.get(category.path[: -Category.steplen], 0)
            paths[category.path] = category.pk
            self.add(category, above)
        former = PageAddress.objects.filter(kind=PageAddress.Kind.CATEGORY, language="fr")
        parents = {pk: paths.get(path[: -Category.steplen], 0) for path, pk in paths.items()}
        for slug, pk in former.values_list("slug", "category_id"):
            if pk in parents:
                # The file has the rayon's former name.
                self.slug_to_id.setdefault(slug, pk)
                self.children.setdefault((parents[pk], f"/{slug}"), pk)

    def add(self, category: Category, above: int) -> None:
        """A rayon is indexed under its parent by name and by slug: renamed by staff, it is still found."""
        self.slug_to_id[category.slug_fr] = category.pk
        self.children.setdefault((above, fold(category.name_fr)), category.pk)
        self.children.setdefault((above, f"/{category.slug_fr}"), category.pk)

    def create(self, above: int, fields: dict[str, str]) -> int:
        """A new rayon, last under the one with primary key `above` or, for 0, last at the top."""
        if above:
            category = Category.objects.add_child(Category.objects.get(pk=above), fields)
        else:
            category = Category.objects.add_root(fields)
        self.add(category, above)
        return category.pk

    def child(self, above: int, name: str) -> int | None:
        return self.children.get((above, fold(name))) or self.children.get((above, f"/{slug_of(name)[:140]}"))

    def find(self, record: ProductRecord) -> int | None:
        if record.category_slug:
            return self.slug_to_id.get(record.category_slug)
        at: int | None = 0
        for name in record.category or ():
            at = self.child(at, name) if at is not None else None
        return at or None


class _InAnyCase(Generic[_Row]):
    """Codes are compared exactly, on both databases. A file with codes in capitals, as a spreadsheet may write them,
    still matches its rows."""

    def __init__(self, rows: Iterable[tuple[str, _Row]]) -> None:
        self._exact = dict(rows)
        self._lower = {code.lower(): row for code, row in self._exact.items()}

    def get(self, code: str) -> _Row | None:
        return self._exact.get(code) or self._lower.get(code.lower())

    @staticmethod
    def spellings(codes: Iterable[str]) -> set[str]:
        """The spellings to look up, by index."""
        return {spelled for code in codes for spelled in (code, code.upper(), code.lower())}


@dataclass(slots=True)
class _Existing:
    """Products by code and variants by SKU: an exact match, else one that differs by case alone."""

    products: "_InAnyCase[Product]"
    variants: "_InAnyCase[Variant]"
    by_ean: dict[str, Variant]
    by_product: dict[int, list[Variant]]
    images: dict[int, list[ProductImage]]
    values: dict[int, dict[tuple[str, str], int]]
    # Archived by the undoing of the import that created them.
    undone: set[int]


def plan_batch(
    records: Sequence[ProductRecord], paths: CategoryPaths, *, announced: set[str], now: datetime
) -> tuple[list[ProductPlan], list[Reject]]:
    """Seven reads for any number of records. `announced` are slugs of rayons that a dry run did not create."""
    existing = _read(records)
    plans, rejects = [], []
    for record in records:
        try:
            plan, refused = _plan(record, existing, paths, announced, now)
        except Refusal as refusal:
            rows = {record.row.line: record.row} | {variant.row.line: variant.row for variant in record.variants}
            rejects += [Reject(row, str(refusal)) for row in rows.values()]
            continue
        if plan is not None:
            plans.append(plan)
        rejects += refused
    return plans, rejects


def _read(records: Sequence[ProductRecord]) -> _Existing:
    codes = [code for record in records for code in (record.code, record.former_code) if code]
    skus = [
        sku for record in records for variant in record.variants for sku in (variant.sku, variant.former_sku) if sku
    ]
    eans = [ean for record in records for variant in record.variants if (ean := variant.fields.get("ean13"))]
    products = list(
        Product.objects.filter(code__in=_InAnyCase.spellings(codes)).select_related(
            "brand", "manufacturer", "responsible_person"
        )
    )
    ids = [product.pk for product in products]
    with_stock = Variant.objects.select_related("stock").order_by("position", "pk")
    variants = {variant.pk: variant for variant in with_stock.filter(product__in=ids)}
    for variant in [*with_stock.filter(sku__in=_InAnyCase.spellings(skus)), *with_stock.filter(ean13__in=eans)]:
        variants.setdefault(variant.pk, variant)
    by_product: dict[int, list[Variant]] = {}
    for variant in variants.values():
        by_product.setdefault(variant.product_id, []).append(variant)
    images: dict[int, list[ProductImage]] = {}
    for image in ProductImage.objects.filter(product__in=ids).order_by("position", "pk"):
        images.setdefault(image.product_id, []).append(image)
    values: dict[int, dict[tuple[str, str], int]] = {}
    if any(record.attributes for record in records) and (former := former_codes()):
        for record in records:
            record.attributes = [(*former.present_value(of, slug), label) for of, slug, label in record.attributes]
    if any(record.attributes or record.is_complete for record in records):
        through = Product.attribute_values.through.objects.filter(product__in=ids)
        for product_id, attribute, slug, value in through.values_list(
            "product_id", "attributevalue__attribute__code", "attributevalue__slug", "attributevalue_id"
        ):
            values.setdefault(product_id, {})[attribute, slug] = value
    return _Existing(
        products=_InAnyCase((product.code, product) for product in products),
        variants=_InAnyCase((variant.sku, variant) for variant in variants.values()),
        by_ean={variant.ean13: variant for variant in variants.values() if variant.ean13},
        by_product=by_product,
        images=images,
        values=values,
        undone=_undone(products),
    )


def _undone(products: Sequence[Product]) -> set[int]:
    archived = [product.pk for product in products if product.state == Product.State.ARCHIVED]
    if not archived:
        return set()
    rows = ImportedProduct.objects.filter(
        product_id__in=archived, outcome=ImportedProduct.Outcome.NEW, undone_at__isnull=False
    )
    return {pk for pk in rows.values_list("product_id", flat=True) if pk is not None}


def _plan(
    record: ProductRecord, existing: _Existing, paths: CategoryPaths, announced: set[str], now: datetime
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
        _compare(plan, product, fields, plan.fields, record.code)
        if product.state == Product.State.PUBLISHED and record.defaults.get("state", product.state) != product.state:
            plan.warnings.append(
                Warned(record.row.line, _("brouillon ou archivé dans le fichier, mais en vente ici : il le reste"))
            )
        _compare_relations(plan, product, category)
    siblings = existing.by_product.get(product.pk, []) if product else []
    plan.existing_variants = siblings
    plan.next_position = max((variant.position + 1 for variant in siblings), default=0)
    refused = []
    for variant_record in record.variants:
        try:
            plan.variants.append(_plan_variant(plan, variant_record, existing, now))
        except Refusal as refusal:
            refused.append(Reject(variant_record.row, str(refusal)))
    if product is None and record.variants and not plan.variants:
        # No variant left: the product's own line is refused with them, each with its reason.
        if record.row.line not in {reject.row.line for reject in refused}:
            refused.append(Reject(record.row, _("aucun modèle de ce produit n’a pu être importé")))
        return None, refused
    _compare_images(plan, existing.images.get(product.pk, []) if product else [])
    _compare_values(plan, existing.values.get(product.pk, {}) if product else {})
    return plan, refused


def _compare(plan: ProductPlan, instance: Any, wanted: dict[str, Any], into: dict[str, Any], code: str) -> None:
    for name, value in wanted.items():
        before = getattr(instance, name)
        if before != value:
            into[name] = value
            choices = _CHOICES.get(name, {})
            plan.differences.append(
                Difference(code, name, _preview(choices.get(before, before)), _preview(choices.get(value, value)))
            )


def _preview(value: Any) -> str:
    text = "" if value is None else number_format(value) if isinstance(value, Decimal) else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _compare_relations(plan: ProductPlan, product: Product, category: int | None) -> None:
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
                Difference(record.code, name, _preview(held and held[0]), _preview(wanted and wanted[0]))
            )


def _plan_variant(plan: ProductPlan, record: VariantRecord, existing: _Existing, now: datetime) -> VariantPlan:
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
    _compare(plan, variant, record.fields, variant_plan.fields, record.sku)
    # The file holds regular prices: a reduction that staff announced goes on until its regular price changes.
    if record.price is not None and record.price != variant.regular_price and not record.is_price_doubtful:
        variant_plan.new_price = True
        plan.differences.append(
            Difference(
                record.sku,
                "price",
                _preview(variant.regular_price),
                _preview(record.price),
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
            plan.differences.append(Difference(record.sku, "on_hand", _preview(counted), _preview(record.on_hand)))
    if record.low_threshold is not None and record.low_threshold != (stock.low_threshold if stock else None):
        variant_plan.new_threshold = True
    return variant_plan


def _under_former_sku(record: VariantRecord, existing: _Existing) -> Variant | None:
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


def _compare_images(plan: ProductPlan, held: list[ProductImage]) -> None:
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
        plan.differences += [Difference(plan.record.code, "images", "", _preview(new.key)) for new in plan.new_images]
        plan.differences += [
            Difference(plan.record.code, "images", _preview(str(gone)), "") for gone in plan.gone_images
        ]


def _compare_values(plan: ProductPlan, held: dict[tuple[str, str], int]) -> None:
    wanted = {(attribute, slug): label for attribute, slug, label in plan.record.attributes}
    plan.missing_values = [(*key, label) for key, label in wanted.items() if key not in held]
    if plan.record.is_complete:
        plan.surplus_values = [value for key, value in held.items() if key not in wanted]
    if plan.product is not None:
        plan.differences += [
            Difference(plan.record.code, "attributes", "", f"{attribute} : {label or slug}")
            for attribute, slug, label in plan.missing_values
        ]
