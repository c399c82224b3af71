"""Shopify's product CSV: the rows of one handle are a product, its variants and its images.

- Texts go into the French columns: the file does not say its language.
- A « compare at » price is no reduction. It is a figure that somebody typed, and art. L112-1-1 code de la consommation
  wants the lowest price really asked in the last 30 days; so the product is sold at its price, nothing is struck
  through, nothing is invented in the ledger, and the report warns.
- What Shopify allows and we do not is told apart rather than refused: one SKU on several variants gets the options'
  values behind it, a SKU that is missing is made of the handle and the options.
- A row whose variant is refused leaves the product's other rows; what the file leaves out is not deleted.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.catalogue.models import Product
from apps.catalogue.models.product import VatClass
from apps.common.letters import slug_of
from apps.common.tabular.errors import Refusal
from apps.common.tabular.rows import Reject, Row, Warned
from apps.common.tabular.table import Cells, Table
from apps.imports.catalogue import values
from apps.imports.catalogue.checks import (
    DEFAULT_CATEGORY,
    LONGEST_CODE,
    Notes,
    checked_description,
    checked_path,
    checked_stock,
    composed_sku,
    in_file,
    note_gift_card,
    short_code,
)
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
    "grams": ("Variant Grams", "Weight value (grams)"),
    "tracker": ("Variant Inventory Tracker", "Inventory tracker"),
    "policy": ("Variant Inventory Policy", "Continue selling when out of stock"),
    "requires_shipping": ("Variant Requires Shipping", "Requires shipping"),
    "gift_card": ("Gift Card",),
    "measure": ("Unit Price Total Measure",),
    "measure_unit": ("Unit Price Total Measure Unit",),
    "quantity": ("Variant Inventory Qty", "Inventory quantity"),
    "price": ("Variant Price", "Price"),
    "compare_at": ("Variant Compare At Price", "Compare-at price"),
    "barcode": ("Variant Barcode", "Barcode"),
    "image": ("Image Src", "Product image URL"),
    "image_position": ("Image Position", "Image position"),
    "image_alt": ("Image Alt Text", "Image alt text"),
    "variant_image": ("Variant Image", "Variant image URL"),
}
# Columns that say nothing that a shop here needs, or that say it twice.
_UNDERSTOOD = (
    *("Option1 Linked To", "Option2 Linked To", "Option3 Linked To", "Variant Fulfillment Service", "Variant Taxable"),
    *("Unit Price Base Measure", "Unit Price Base Measure Unit", "Variant Weight Unit", "Weight unit for display"),
    *("Charge tax", "Fulfillment service", "Base measure", "Cost per item", "SEO Title", "SEO Description"),
)
# A column for each place, instead of one for all.
_AT_A_LOCATION = re.compile(r"inventory available:", re.I)
_WHOLE = re.compile(r"-?[0-9]{1,9}")
REQUIRED = ("handle", "title", "price")
TAG = "etiquette"
OPTIONS = ("option1", "option2", "option3")


def recognises(header: list[str]) -> bool:
    table = Table(header, COLUMNS)
    return all(table.has(column) for column in REQUIRED)


def parse(header: list[str], rows: Iterator[Row], *, vat: VatClass) -> Iterator[Parsed]:
    """`vat` is for new products: Shopify's file does not know French rates."""
    locations = [at for at, name in enumerate(header) if _AT_A_LOCATION.match(name.strip())]
    table = Table(header, COLUMNS, understood=[*_UNDERSTOOD, *(header[at] for at in locations)])
    table.require(REQUIRED)
    yield from table.notices()
    once = in_file()
    skus: dict[str, str] = {}
    current, group = "", list[tuple[Row, Cells]]()
    for item in _readable(table, rows, [] if table.has("quantity") else locations):
        if isinstance(item, Reject):
            yield item
            continue
        handle = item[1]["handle"].strip()
        if handle != current and group:
            yield from _product(current, group, vat, once, skus)
            group = []
        current = handle
        group.append(item)
    if group:
        yield from _product(current, group, vat, once, skus)


def _readable(table: Table, rows: Iterator[Row], locations: list[int]) -> Iterator[tuple[Row, Cells] | Reject]:
    """`locations` are the columns of pieces of a shop with several places: they are added up."""
    for row in rows:
        try:
            cell = table.read(row)
            if counts := [row.cells[at].strip() for at in locations if at < len(row.cells) and row.cells[at].strip()]:
                whole = all(_WHOLE.fullmatch(count) for count in counts)
                cell["quantity"] = str(sum(map(int, counts))) if whole else " + ".join(counts)
            if not cell["handle"].strip():
                raise Refusal(_("« Handle » manquant : le produit de cette ligne est inconnu"))
        except Refusal as refusal:
            yield Reject.of(row, refusal)
        else:
            yield row, cell


def _product(
    handle: str,
    rows: list[tuple[Row, Cells]],
    vat: VatClass,
    once: Callable[[str, str, Row], None],
    skus: dict[str, str],
) -> Iterator[Parsed]:
    """`skus` are those of the file so far, with the handle that each belongs to."""
    first, cell = rows[0]
    warnings: list[Warned] = []
    refused: set[int] = set()
    about = Notes()
    try:
        record = _head(handle, first, cell, vat, about)
        once(_("« Handle »"), handle, first)
    except Refusal as refusal:
        yield from (Reject.of(row, refusal) for row, _cell in rows)
        return
    has_options = any(
        row.get("option1", "").strip() not in ("", "Default Title") or row.get("option2", "").strip()
        for _row, row in rows
    )
    written = [row.get("sku", "").strip() for _row, row in rows if row.get("sku", "").strip()]
    repeated = {sku for sku in written if written.count(sku) > 1}
    for row, cell in rows:
        notes = Notes()
        try:
            if cell["price"].strip() or cell.get("sku", "").strip() or cell.get("option1", "").strip():
                variant = _variant(record, row, cell, notes, has_options=has_options)
                _distinguish(variant, handle, cell, repeated, skus, notes)
                once(_("référence"), variant.sku, row)
                skus[variant.sku] = handle
                if ean := variant.fields.get("ean13"):
                    once(_("code-barres"), ean, row)
                record.variants.append(variant)
            elif not cell.get("image", "").strip():
                raise Refusal(_("ligne sans modèle et sans image"))
        except Refusal as refusal:
            refused.add(row.line)
            yield Reject.of(row, refusal)
            continue
        warnings += notes.of(row)
        record.is_doubtful |= notes.are_doubts
    if refused and not record.variants:
        rest = [row for row, _cell in rows if row.line not in refused]
        yield from (Reject(row, _("aucun modèle de ce produit n’a pu être importé")) for row in rest)
        return
    record.images, about_images = _images(record, rows)
    record.is_doubtful |= about.are_doubts
    yield from about.of(first)
    yield from warnings + about_images
    if record.variants or record.images:
        yield record


def _head(handle: str, row: Row, cell: Cells, vat: VatClass, notes: Notes) -> ProductRecord:
    record = ProductRecord(row, short_code(values.identifier(handle, longest=255, what=_("« Handle »"))))
    record.defaults |= {"state": _state(cell, notes), "vat_class": vat}
    if title := cell.parse("title", values.named, longest=200, what=_("nom")):
        record.fields["name_fr"] = title
        record.fields["description_fr"] = checked_description([cell.get("body", "")], notes)
        record.brand = cell.parse("vendor", values.named, longest=120, what=_("marque")) or None
        record.category = _category(cell, notes)
        for option in OPTIONS:
            name = values.named(cell.get(f"{option}_name", ""), longest=60, what=_("nom d’option"))
            record.fields[f"{option}_name_fr"] = "" if name == "Title" else name
        for tag in cell.get("tags", "").split(","):
            label = values.named(tag, longest=120, what=_("étiquette"))
            if slug := slug_of(label)[:80]:
                record.attributes.append((TAG, slug, label))
    note_gift_card(f"{title} / {cell.get('type', '')}", notes, is_one=_is(cell, "gift_card"))
    if not notes.are_doubts and cell.get("requires_shipping", "").strip() and not _is(cell, "requires_shipping"):
        notes.doubt(_("produit sans livraison (fichier, service) : gardé en brouillon"))
    return record


def _is(cell: Cells, column: str) -> bool:
    try:
        return values.truth(cell.get(column, "")) is True
    except Refusal:
        return False


def _state(cell: Cells, notes: Notes) -> Product.State:
    status = cell.get("status", "").strip().casefold()
    if status in ("archived", "archivé"):
        return Product.State.ARCHIVED
    for column in ("status", "published"):
        try:
            is_visible = values.truth(cell.get(column, ""))
        except Refusal as refusal:
            notes.doubt(_("état de publication non compris (%(why)s)") % {"why": refusal})
            return Product.State.DRAFT
        if is_visible is False:
            return Product.State.DRAFT
    return Product.State.PUBLISHED


def _category(cell: Cells, notes: Notes) -> tuple[str, ...]:
    kind = cell.get("type", "").replace("/", " ").strip()
    path = [kind] if kind else cell.get("category", "").split(">")
    return checked_path(path if any(name.strip() for name in path) else [DEFAULT_CATEGORY], notes)


def _variant(record: ProductRecord, row: Row, cell: Cells, notes: Notes, *, has_options: bool) -> VariantRecord:
    chosen = {}
    for option in OPTIONS:
        value = cell.parse(option, values.named, longest=80, what=_("valeur d’option"))
        chosen[f"{option}_fr"] = value if has_options else ""
    sku = cell.parse("sku", values.identifier, longest=80, what=_("référence"))
    variant = VariantRecord(row, sku, price=cell.parse("price", values.price), fields=dict(chosen))
    variant.on_hand = cell.parse("quantity", checked_stock, notes=notes)
    if (
        not _is_tracked(cell)
        and not variant.on_hand
        and cell.get("policy", "").strip().lower() in ("continue", "true", "vrai")
    ):
        notes.say(_("vendu sans compter dans Shopify : ici le stock se compte, donnez-en un"))
    _read_measures(cell, variant)
    barcode = cell.get("barcode", "").strip().removeprefix("'")
    if ean := values.ean13(barcode):
        variant.fields["ean13"] = ean
    elif barcode and not values.is_ean8(barcode):
        notes.say(_("code-barres douteux : vendu sans EAN-13"))
    if cell.get("compare_at", "").strip() and variant.price is not None:
        try:
            struck = values.price(cell["compare_at"]) > variant.price
        except Refusal:
            struck = True
        if struck:
            notes.say(_("prix barré non repris : ce n’est pas le prix le plus bas des 30 derniers jours"))
    return variant


def _is_tracked(cell: Cells) -> bool:
    return "tracker" not in cell or bool(cell["tracker"].strip())


def _read_measures(cell: Cells, variant: VariantRecord) -> None:
    """The weight that is sent, and the quantity by which Shopify shows a price per litre or kilo."""
    if weight := cell.parse("grams", values.grams, unit="g"):
        variant.fields["weight_g"] = weight
    if cell.get("measure", "").strip() and cell.get("measure_unit", "").strip():
        content = values.quantity(cell["measure"], unit=cell["measure_unit"])
        if content is not None and content[0] > 0:
            quantity, kind = content
            variant.defaults |= {"content_quantity": quantity.quantize(Decimal("0.001")), "content_unit": kind}


def _distinguish(
    variant: VariantRecord, handle: str, cell: Cells, repeated: set[str], skus: dict[str, str], notes: Notes
) -> None:
    """A reference of its own for a variant that has none, or one that others of its product have as well."""
    chosen = [variant.fields[f"{option}_fr"] for option in OPTIONS if variant.fields[f"{option}_fr"]]
    if not variant.sku:
        before = "-".join([handle, *(slug_of(value) for value in chosen)])[:LONGEST_CODE]
        variant.sku = composed_sku(handle, chosen, skus)
    elif cell["sku"].strip() in repeated and chosen:
        notes.say(_("même référence pour plusieurs modèles : les options la complètent"))
        before, variant.sku = variant.sku, composed_sku(variant.sku, chosen, skus)
    else:
        return
    # Of several variants that came to one reference the first was taken, and the others refused.
    if before != variant.sku and skus.setdefault(f"/{before}", variant.sku) == variant.sku:
        variant.former_sku = before


def _images(record: ProductRecord, rows: list[tuple[Row, Cells]]) -> tuple[list[Image], list[Warned]]:
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
