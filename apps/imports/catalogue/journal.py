"""What an import would change or has changed, product by product: its preview, its report, and what undoing needs.

`ImportedProduct.undo` is JSON:

    created     whether the import created the product
    fields      {column: [before, after]} of the product, as `value_to_string` writes them
    variants    {id: {"created": …, "fields": …, "price": [before, after], "reduced": price of the reduction it ended,
                "stock": [before, after], "threshold": [before, after]}}
    images      URLs and names of files of pictures that it added
    gone        the same of pictures that it removed
    values      ids of values of characteristics that it added
    lost        the same of those that it removed
    categories  ids of rayons that it created
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Field, Model

from apps.catalogue.models import CatalogueImport, Product, Stock, Variant
from apps.common.insert import insert
from apps.common.tabular.rows import Reject
from apps.imports.catalogue.plan import ProductPlan
from apps.imports.models import ImportedProduct

_BATCH = 100
_RELATIONS = ("category", "brand", "manufacturer", "responsible_person")
_MOST_DETAILS = 40
_LONGEST_CODE, _LONGEST_NAME = 80, 200

Snapshot = dict[str, str | None]


def snapshot(instance: Model, columns: Iterable[str]) -> Snapshot:
    """Values as text, by column; `restored` reads them."""
    found: Snapshot = {}
    for column in columns:
        field = field_of(type(instance), column)
        attribute = getattr(instance, field.attname)
        found[column] = None if attribute is None else str(field.value_to_string(instance))
    return found


def restored(model: type[Model], column: str, text: str | None) -> Any:
    return None if text is None else field_of(model, column).to_python(text)


def field_of(model: type[Model], column: str) -> Field:
    field = model._meta.get_field(column)
    assert isinstance(field, Field)  # noqa: S101
    return field


class Journal:
    """Rows of one import. Called within the transaction of each batch: `before` it is written, then `after`."""

    def __init__(self, received: CatalogueImport, *, is_written: bool) -> None:
        self.received, self.is_written = received, is_written
        self._before: dict[int, dict[str, Any]] = {}

    def begin(self) -> None:
        """Removes what an earlier preview left, and refusals, which are found again."""
        rows = ImportedProduct.objects.filter(received=self.received)
        _delete(rows.filter(is_written=False))
        _delete(rows.filter(outcome=ImportedProduct.Outcome.REFUSED))

    def before(self, plans: Sequence[ProductPlan]) -> None:
        self._before = {}
        for plan in plans:
            if not plan.changes:
                continue
            touched = [*plan.fields, *(name for name in _RELATIONS if name in plan.relations)]
            if plan.fields.get("state"):
                touched.append("published_at")
            self._before[id(plan)] = {
                "created": plan.product is None,
                "fields": snapshot(plan.product, dict.fromkeys(touched)) if plan.product else {},
                "variants": {
                    item.variant.pk: {
                        "fields": snapshot(item.variant, item.fields),
                        "price": [str(item.variant.regular_price), str(item.record.price)] if item.new_price else None,
                        "reduced": str(item.variant.price)
                        if item.new_price and item.variant.price != item.variant.regular_price
                        else None,
                        "stock": _on_hand(item.variant) if item.new_stock else None,
                        "threshold": [_threshold(item.variant), item.record.low_threshold]
                        if item.new_threshold
                        else None,
                    }
                    for item in plan.variants
                    if item.variant is not None and item.changes
                },
                "images": [image.key for image in plan.new_images],
                "gone": [image.source_url or image.file.name for image in plan.gone_images],
                "values": [[attribute, slug] for attribute, slug, _label in plan.missing_values],
                "lost": list(plan.surplus_values),
            }

    def rows(self, plans: Sequence[ProductPlan], rejects: Sequence[Reject]) -> list[ImportedProduct]:
        """One for each product and refused line, before the plans are written and so emptied."""
        rows = [self._row(plan) for plan in plans if plan.changes or not self.is_written]
        return [*rows, *(self._refused(reject) for reject in rejects)]

    def after(self, plans: Sequence[ProductPlan], rows: Sequence[ImportedProduct]) -> None:
        """Writes the rows, with what undoing them needs. `rows` begin with those of the plans that changed anything."""
        if self.is_written:
            counts = self._counts(plans)
            changed = [plan for plan in plans if id(plan) in self._before]
            for row, plan in zip(rows, changed, strict=False):
                row.undo = self._undo(plan, counts)
                row.product_id = plan.product.pk if plan.product else None
        for start in range(0, len(rows), _BATCH):
            insert(*rows[start : start + _BATCH])

    def _counts(self, plans: Sequence[ProductPlan]) -> dict[int, int]:
        pks = [item.variant.pk for plan in plans if id(plan) in self._before for item in plan.variants if item.variant]
        return dict(Stock.objects.filter(pk__in=pks).values_list("pk", "on_hand"))

    def _undo(self, plan: ProductPlan, counts: Mapping[int, int]) -> dict[str, Any]:
        before = self._before[id(plan)]
        product = plan.product
        assert product is not None  # noqa: S101
        now = snapshot(product, before["fields"])
        variants: dict[str, Any] = {}
        for item in plan.variants:
            variant = item.variant
            if variant is None:
                continue
            held = before["variants"].get(variant.pk)
            if held is None:
                if variant.pk not in {each.pk for each in plan.existing_variants}:
                    variants[str(variant.pk)] = {"created": True, "stock": [0, counts.get(variant.pk, 0)]}
                continue
            changed: dict[str, Any] = {"created": False}
            fields = snapshot(variant, held["fields"])
            changed["fields"] = {name: [held["fields"][name], value] for name, value in fields.items()}
            for name in ("price", "reduced", "threshold"):
                if held[name] is not None:
                    changed[name] = held[name]
            if held["stock"] is not None:
                changed["stock"] = [held["stock"], counts.get(variant.pk, 0)]
            variants[str(variant.pk)] = changed
        return {
            "created": before["created"],
            "fields": {name: [value, now[name]] for name, value in before["fields"].items() if value != now[name]},
            "variants": variants,
            **{name: before[name] for name in ("images", "gone", "values", "lost")},
            "categories": list(plan.new_categories),
        }

    def _row(self, plan: ProductPlan) -> ImportedProduct:
        outcome = ImportedProduct.Outcome
        is_new = plan.product is None
        name = plan.record.fields.get("name_fr") or (plan.product.name_fr if plan.product else "")
        return ImportedProduct(
            received=self.received,
            line=plan.record.row.line,
            code=plan.record.code[:_LONGEST_CODE],
            name=name[:_LONGEST_NAME],
            outcome=outcome.NEW if is_new else outcome.CHANGED if plan.changes else outcome.UNCHANGED,
            attention=attention_of(plan),
            details=(plan.first_values() if is_new else [list(each.as_row()) for each in plan.differences])[
                :_MOST_DETAILS
            ],
            is_written=self.is_written,
            product_id=plan.product.pk if plan.product else None,
        )

    def _refused(self, reject: Reject) -> ImportedProduct:
        return ImportedProduct(
            received=self.received,
            line=reject.row.line,
            name=" · ".join(cell.strip() for cell in reject.row.cells if cell.strip())[:_LONGEST_NAME],
            outcome=ImportedProduct.Outcome.REFUSED,
            details=[["", "", "", reject.sentence]],
            is_written=self.is_written,
        )


def attention_of(plan: ProductPlan) -> str:
    """The most serious of what stands out."""
    kinds = ImportedProduct.Attention
    if any(difference.is_big for difference in plan.differences):
        return kinds.PRICE
    if plan.is_sold_out:
        return kinds.SOLD_OUT
    if plan.is_published and plan.product is not None and plan.product.state != Product.State.PUBLISHED:
        return kinds.PUBLISHED
    return kinds.DOUBTFUL if plan.record.is_doubtful else kinds.NONE


def _on_hand(variant: Variant) -> int:
    stock: Stock | None = getattr(variant, "stock", None)
    return stock.on_hand if stock else 0


def _threshold(variant: Variant) -> int | None:
    stock: Stock | None = getattr(variant, "stock", None)
    return stock.low_threshold if stock else None


def _delete(rows: Any) -> None:
    while pks := list(rows.values_list("pk", flat=True)[:5000]):
        rows.filter(pk__in=pks).order_by()._raw_delete(rows.db)
