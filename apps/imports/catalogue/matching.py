"""Finds the variants that lines of a mapped file speak of, by the key that a person chose."""

from collections.abc import Iterable, Sequence

from django.db.models import Count
from django.utils.translation import gettext as _

from apps.catalogue.models import Product, Variant
from apps.common.tabular.rows import Reject, Warned
from apps.imports.catalogue.reading import Key, New, Reading
from apps.imports.catalogue.records import ProductRecord, VariantRecord
from apps.imports.models import ColumnMapping, SuppliedVariant


class Supplier:
    """The variants that a supplier's files name, across imports; nothing is remembered of files without one."""

    def __init__(self, mapping: ColumnMapping | None) -> None:
        self.mapping = mapping
        self.seen: set[int] = set()
        self._refused: set[str] = set()

    @classmethod
    def named(cls, name: str) -> "Supplier":
        return cls(ColumnMapping.objects.filter(name=name).first() if name else None)

    def references(self, wanted: Iterable[str]) -> dict[str, int]:
        if self.mapping is None:
            return {}
        rows = self.mapping.supplied.filter(reference__in=list(wanted))
        return dict(rows.values_list("reference", "variant"))

    def see(self, found: Iterable[tuple[int, str]], *, write: bool) -> None:
        """Variants of the file with the supplier's reference. Within the transaction that writes them."""
        pairs = dict(found)
        self.seen |= pairs.keys()
        if self.mapping is None or not write or not pairs:
            return
        held = {row.variant_id: row for row in self.mapping.supplied.filter(variant__in=pairs)}
        SuppliedVariant.objects.bulk_create(
            SuppliedVariant(mapping=self.mapping, variant_id=pk, reference=reference)
            for pk, reference in pairs.items()
            if pk not in held
        )
        changed = [row for pk, row in held.items() if pairs[pk] and row.reference != pairs[pk]]
        for row in changed:
            row.reference = pairs[row.variant_id]
        SuppliedVariant.objects.bulk_update(changed, ["reference"])

    def refuse(self, reject: Reject) -> None:
        """A refused line is in the file all the same: what it may name is not missing."""
        self._refused |= {cell.strip() for cell in reject.row.cells if cell.strip()}

    def missing(self) -> list[int]:
        """Variants of earlier files that this one does not name."""
        if self.mapping is None:
            return []
        rows = self.mapping.supplied.values_list("variant", "reference", "variant__sku", "variant__ean13")
        return [pk for pk, *codes in rows if pk not in self.seen and not self._refused & set(codes)]


def match_records(
    records: Sequence[ProductRecord], reading: Reading, supplier: Supplier
) -> tuple[list[ProductRecord], list[Reject], list[Warned]]:
    """The records under the shop's own codes: one for each product, in order. A repeat gives the same.

    Lines whose product the shop lacks are left out where nothing is to be created, and that is said.
    """
    variants = [variant for record in records for variant in record.variants if variant.match]
    found = _found(variants, supplier)
    single = _single_variants(records) if reading.key == Key.CODE else {}
    rejects: list[Reject] = []
    notices: list[Warned] = []
    matched: dict[str, ProductRecord] = {}
    for record in records:
        remaining: list[VariantRecord] = []
        for variant in record.variants:
            existing = found.get(variant.match) if variant.match else None
            if existing is not None:
                variant.sku, record.code = existing.sku, existing.product.code
            elif record.code in single:
                if (only := single[record.code]) is None:
                    rejects.append(
                        Reject(variant.row, _("ce produit a plusieurs modèles : dites lequel par sa référence"))
                    )
                    continue
                variant.sku = only
            elif reading.new == New.SKIP:
                notices.append(Warned(variant.row.line, _("inconnu de la boutique : laissé de côté")))
                continue
            remaining.append(variant)
        record.variants = remaining
        if not remaining:
            continue
        if (held := matched.get(record.code)) is not None and held is not record:
            _merge(held, record, notices)
        else:
            matched[record.code] = record
    return list(matched.values()), rejects, notices


def _merge(held: ProductRecord, record: ProductRecord, notices: list[Warned]) -> None:
    if any(held.fields.get(name, value) != value for name, value in record.fields.items()):
        notices.append(Warned(record.row.line, _("plusieurs lignes décrivent ce produit : la première compte")))
    present = {variant.sku for variant in held.variants}
    held.variants += [variant for variant in record.variants if variant.sku not in present]
    held.fields = {**record.fields, **held.fields}
    urls = {image.url for image in held.images}
    held.images += [image for image in record.images if image.url not in urls]


def _found(variants: Sequence[VariantRecord], supplier: Supplier) -> dict[tuple[str, str], Variant]:
    wanted: dict[str, set[str]] = {}
    for variant in variants:
        if variant.match:
            wanted.setdefault(variant.match[0], set()).add(variant.match[1])
    rows = Variant.objects.select_related("product").only("sku", "ean13", "product__code")
    found: dict[tuple[str, str], Variant] = {}
    if codes := wanted.get(Key.EAN):
        found |= {(Key.EAN, row.ean13): row for row in rows.filter(ean13__in=codes) if row.ean13}
    if codes := wanted.get(Key.SKU):
        spellings = {spelled for code in codes for spelled in (code, code.upper(), code.lower())}
        by_sku = {row.sku: row for row in rows.filter(sku__in=spellings)}
        folded = {sku.lower(): row for sku, row in by_sku.items()}
        for code in codes:
            if row := by_sku.get(code) or folded.get(code.lower()):
                found[Key.SKU, code] = row
    if codes := wanted.get(Key.SUPPLIER):
        references = supplier.references(codes)
        by_id = rows.in_bulk(set(references.values()))
        found |= {(Key.SUPPLIER, code): by_id[pk] for code, pk in references.items() if pk in by_id}
    return found


def _single_variants(records: Sequence[ProductRecord]) -> dict[str, str | None]:
    """The SKU of products with one variant by code, None of those with several. Only where a line names no variant."""
    codes = [record.code for record in records if len(record.variants) == 1]
    products = Product.objects.filter(code__in=codes).annotate(count=Count("variants"))
    many = {product.code: None for product in products if product.count != 1}
    ones = Variant.objects.filter(product__code__in=codes).exclude(product__code__in=many)
    return {**many, **dict(ones.values_list("product__code", "sku"))}
