"""Shopify's product CSV: the rows of one handle are a product, its variants and its images.

- Texts go into the French columns: the file does not say its language.
- A « compare at » price is no reduction. It is a figure that somebody typed, and art. L112-1-1 code de la consommation
  wants the lowest price really asked in the last 30 days; so the product is sold at its price, nothing is struck
  through, nothing is invented in the ledger, and the report warns.
- A row whose variant is refused leaves the product's other rows; what the file leaves out is not deleted.
"""

from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _

from apps.catalogue.models import Product
from apps.catalogue.models.product import VatClass
from apps.common.letters import slug_of
from apps.common.tabular.errors import Refusal
from apps.common.tabular.rows import Reject, Row, Warned
from apps.common.tabular.table import Table
from apps.imports.catalogue import values
from apps.imports.catalogue.checks import checked_stock, in_file
from apps.imports.catalogue.merchant import category_path
from apps.imports.catalogue.records import Image, Parsed, ProductRecord, VariantRecord

COLUMNS = {
    "handle": ("Handle", "URL handle"),
    "title": ("Title",),
    "body": ("Body (HTML)", "Description"),
    "vendor": ("Vendor",),
    "category": ("Product Category", "Product category"),
    "type": ("Type",),
    "tags": ("Tags",),
    "published": ("Published", "Published on online store"),
    "status": ("Status",),
    "option1_name": ("Option1 Name",),
    "option1": ("Option1 Value",),
    "option2_name": ("Option2 Name",),
    "option2": ("Option2 Value",),
    "option3_name": ("Option3 Name",),
    "option3": ("Option3 Value",),
    "sku": ("Variant SKU", "SKU"),
    "grams": ("Variant Grams",),
    "quantity": ("Variant Inventory Qty", "Inventory quantity"),
    "price": ("Variant Price", "Price"),
    "compare_at": ("Variant Compare At Price", "Compare-at price"),
    "barcode": ("Variant Barcode", "Barcode"),
    "image": ("Image Src", "Product image URL"),
    "image_position": ("Image Position", "Image position"),
    "image_alt": ("Image Alt Text", "Image alt text"),
    "variant_image": ("Variant Image", "Variant image URL"),
}
REQUIRED = ("handle", "title", "price")
TAG = "etiquette"
OPTIONS = ("option1", "option2", "option3")
DEFAULT_CATEGORY = "Divers"


def recognises(header: list[str]) -> bool:
    table = Table(header, COLUMNS)
    return all(table.has(column) for column in REQUIRED) and "Handle" in header


def parse(header: list[str], rows: Iterator[Row], *, vat: VatClass) -> Iterator[Parsed]:
    """`vat` is for new products: Shopify's file has no French rates."""
    table = Table(header, COLUMNS)
    table.require(REQUIRED)
    once = in_file()
    current, group = "", list[tuple[Row, dict[str, str]]]()
    for item in _readable(table, rows):
        if isinstance(item, Reject):
            yield item
            continue
        handle = item[1]["handle"].strip()
        if handle != current and group:
            yield from _product(current, group, vat, once)
            group = []
        current = handle
        group.append(item)
    if group:
        yield from _product(current, group, vat, once)


def _readable(table: Table, rows: Iterator[Row]) -> Iterator[tuple[Row, dict[str, str]] | Reject]:
    for row in rows:
        try:
            cell = table.read(row)
            if not cell["handle"].strip():
                raise Refusal(_("« Handle » manquant : le produit de cette ligne est inconnu"))
        except Refusal as refusal:
            yield Reject(row, str(refusal))
        else:
            yield row, cell


def _product(
    handle: str, rows: list[tuple[Row, dict[str, str]]], vat: VatClass, once: Callable[[str, str, Row], None]
) -> Iterator[Parsed]:
    first, cell = rows[0]
    warnings: list[Warned] = []
    refused: set[int] = set()
    try:
        record = _head(handle, first, cell, vat)
        once(_("« Handle »"), handle, first)
    except Refusal as refusal:
        yield from (Reject(row, str(refusal)) for row, _cell in rows)
        return
    has_options = any(
        row["option1"].strip() not in ("", "Default Title") or row.get("option2", "").strip() for _row, row in rows
    )
    for row, cell in rows:
        notes: list[str] = []
        try:
            if cell["price"].strip() or cell.get("sku", "").strip() or cell.get("option1", "").strip():
                variant = _variant(record, row, cell, notes, has_options=has_options)
                once(_("référence"), variant.sku, row)
                if ean := variant.fields.get("ean13"):
                    once(_("code-barres"), ean, row)
                record.variants.append(variant)
            elif not cell.get("image", "").strip():
                raise Refusal(_("ligne sans modèle et sans image"))
        except Refusal as refusal:
            refused.add(row.line)
            yield Reject(row, str(refusal))
            continue
        warnings += [Warned(row.line, note) for note in notes]
    if refused and not record.variants:
        rest = [row for row, _cell in rows if row.line not in refused]
        yield from (Reject(row, _("aucun modèle de ce produit n’a pu être importé")) for row in rest)
        return
    record.images, about_images = _images(record, rows)
    yield from warnings + about_images
    if record.variants or record.images:
        yield record


def _head(handle: str, row: Row, cell: dict[str, str], vat: VatClass) -> ProductRecord:
    code = values.named(handle, longest=80, what=_("« Handle »"))
    record = ProductRecord(row, code)
    if title := values.named(cell["title"], longest=200, what=_("nom")):
        record.fields["name_fr"] = title
        record.fields["description_fr"] = values.described(cell.get("body", ""))
        record.brand = values.named(cell.get("vendor", ""), longest=120, what=_("marque")) or None
        record.category = _category(cell)
        for option in OPTIONS:
            name = values.named(cell.get(f"{option}_name", ""), longest=60, what=_("nom d’option"))
            record.fields[f"{option}_name_fr"] = "" if name == "Title" else name
        for tag in cell.get("tags", "").split(","):
            label = values.named(tag, longest=120, what=_("étiquette"))
            if slug := slug_of(label)[:80]:
                record.attributes.append((TAG, slug, label))
    hidden = cell.get("published", "").strip().lower() == "false" or cell.get("status", "").strip().lower() == "draft"
    archived = cell.get("status", "").strip().lower() == "archived"
    record.defaults |= {
        "state": Product.State.ARCHIVED if archived else Product.State.DRAFT if hidden else Product.State.PUBLISHED,
        "vat_class": vat,
    }
    return record


def _category(cell: dict[str, str]) -> tuple[str, ...]:
    kind = cell.get("type", "").replace("/", " ").strip()
    path = "/".join(part.replace("/", " ") for part in cell.get("category", "").split(">"))
    return category_path(kind or path.strip() or DEFAULT_CATEGORY)


def _variant(
    record: ProductRecord, row: Row, cell: dict[str, str], notes: list[str], *, has_options: bool
) -> VariantRecord:
    chosen = {}
    for option in OPTIONS:
        value = values.named(cell.get(option, ""), longest=80, what=_("valeur d’option"))
        chosen[f"{option}_fr"] = value if has_options else ""
    sku = values.named(cell.get("sku", "").strip().removeprefix("'"), longest=80, what=_("référence"))
    if not sku:
        sku = "-".join([record.code, *(slug_of(value) for value in chosen.values() if value)])[:80]
    variant = VariantRecord(row, sku, price=values.price(cell["price"]), fields=dict(chosen))
    variant.on_hand = checked_stock(cell.get("quantity", ""), notes)
    if cell.get("grams", "").strip():
        grams = values.pieces(cell["grams"].split(".")[0])
        if grams and grams > 0:
            variant.fields["weight_g"] = grams
    barcode = cell.get("barcode", "").strip().removeprefix("'")
    if ean := values.ean13(barcode):
        variant.fields["ean13"] = ean
    elif barcode and not values.is_ean8(barcode):
        notes.append(_("code-barres douteux : vendu sans EAN-13"))
    if cell.get("compare_at", "").strip() and variant.price is not None:
        try:
            struck = values.price(cell["compare_at"]) > variant.price
        except Refusal:
            struck = True
        if struck:
            notes.append(_("prix barré non repris : ce n’est pas le prix le plus bas des 30 derniers jours"))
    return variant


def _images(record: ProductRecord, rows: list[tuple[Row, dict[str, str]]]) -> tuple[list[Image], list[Warned]]:
    """The product's pictures in the order of « Image Position »; a variant's picture carries its SKU."""
    warnings: list[Warned] = []
    skus = {variant.row.line: variant.sku for variant in record.variants}
    found: dict[str, tuple[int, str]] = {}
    owner: dict[str, str] = {}
    for row, cell in rows:
        for column in ("image", "variant_image"):
            try:
                url = values.image_url(cell.get(column, ""))
            except Refusal as refusal:
                warnings.append(Warned(row.line, str(refusal)))
                continue
            if not url:
                continue
            position = cell.get("image_position", "").strip()
            rank = int(position) if column == "image" and position.isdecimal() and len(position) < 5 else 9999
            alt = values.plain(cell.get("image_alt", ""))[:200] if column == "image" else ""
            if url not in found or found[url][0] > rank:
                found[url] = (rank, alt or found.get(url, (0, ""))[1])
            if column == "variant_image" and row.line in skus:
                owner.setdefault(url, skus[row.line])
    ordered = sorted(found.items(), key=lambda item: item[1][0])
    return [Image(url=url, alt_fr=alt, sku=owner.get(url, "")) for url, (_rank, alt) in ordered], warnings
