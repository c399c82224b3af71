"""What a file would change of one product and its variants."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format

from apps.catalogue.models import Product, ProductImage, Stock, Variant
from apps.catalogue.models.product import VatClass
from apps.catalogue.services import prices
from apps.common.tabular.rows import Warned
from apps.imports.catalogue.records import Image, ProductRecord, VariantRecord


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
            rows.append([record.code, "vat_class", "", preview(str(VatClass(vat).label))])
        for item in self.variants:
            rows.append([item.record.sku, "price", "", preview(item.record.price)])
            rows.append([item.record.sku, "on_hand", "", preview(item.record.on_hand or 0)])
            if weight := item.fields.get("weight_g"):
                rows.append([item.record.sku, "weight_g", "", preview(weight)])
        return rows

    @property
    def has_no_stock(self) -> bool:
        """Nothing in the file says how many there are of anything new here: it is sold out at once."""
        new = [variant for variant in self.variants if variant.variant is None]
        return bool(new) and all(variant.record.on_hand is None for variant in new)


def preview(value: Any) -> str:
    text = "" if value is None else number_format(value) if isinstance(value, Decimal) else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
