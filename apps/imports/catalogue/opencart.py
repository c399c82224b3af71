"""OpenCart's « Products », as its usual tool for exports writes them: one row a product, prices before VAT.

OpenCart itself exports nothing. The columns are those of the Export/Import Tool
(github.com/ruOpenCart/export-import-tool): product_id, name(fr-fr), categories, sku, upc, ean, …, quantity, model,
manufacturer, image_name, shipping, price, …, weight, weight_unit, …, status, tax_class_id, description(fr-fr), …,
tags(fr-fr), …, minimum. Rayons are numbers there, and options stand on other sheets: neither is taken along, and both
are said.
"""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from apps.catalogue.models import Product
from apps.catalogue.models.product import VatClass
from apps.common.letters import slug_of
from apps.common.tabular.errors import Refusal
from apps.common.tabular.header import normalised
from apps.common.tabular.rows import Reject, Row, Warned
from apps.common.tabular.table import Cells, Table
from apps.imports.catalogue import merchant, values
from apps.imports.catalogue.checks import (
    DEFAULT_CATEGORY,
    Notes,
    checked_description,
    checked_stock,
    in_file,
    note_gift_card,
    refuse_total,
)
from apps.imports.catalogue.etsy import TAG
from apps.imports.catalogue.records import Parsed, ProductRecord, VariantRecord

COLUMNS = {
    "id": ("product_id",),
    "categories": ("categories",),
    "sku": ("sku",),
    "upc": ("upc",),
    "ean": ("ean",),
    "model": ("model",),
    "brand": ("manufacturer",),
    "image": ("image_name",),
    "shipping": ("shipping", "requires shipping"),
    # Before VAT, as OpenCart keeps it: `merchant.read_price` makes the price of it that a shopper pays.
    "net_price": ("price",),
    "quantity": ("quantity",),
    "weight": ("weight",),
    "unit": ("weight_unit", "unit"),
    "state": ("status", "status enabled"),
    "tax": ("tax_class_id",),
}
# One column for each language of the shop: French first, else the first that there is.
_TRANSLATED = ("name", "description", "tags")
_UNDERSTOOD = (
    *("points", "date_added", "date_modified", "date_available", "viewed", "seo_keyword", "stock_status_id"),
    *("store_ids", "layout", "related_ids", "sort_order", "subtract", "minimum", "language_id"),
)


def recognises(header: list[str]) -> bool:
    table = _table(header)
    return all(table.has(column) for column in ("id", "name", "model", "image", "net_price", "tax"))


def _table(header: list[str]) -> Table:
    columns = {**COLUMNS, **{name: _in_languages(header, name) for name in _TRANSLATED}}
    beginnings = ("meta_", *(f"{name}_" for name in _TRANSLATED))
    others = [title for title in header if normalised(title).startswith(beginnings)]
    return Table(header, columns, understood=[*_UNDERSTOOD, *others])


def _in_languages(header: list[str], column: str) -> list[str]:
    found = [name for title in header if (name := normalised(title)) == column or name.startswith(f"{column}_")]
    return sorted(found, key=lambda name: not name.startswith(f"{column}_fr"))


def parse(header: list[str], rows: Iterator[Row], *, vat: VatClass) -> Iterator[Parsed]:
    """`vat` is for all: classes of taxes are numbers of the shop's own."""
    table = _table(header)
    yield from table.notices()
    numbers = _("les rayons d’OpenCart sont des numéros : les nouveaux produits vont dans « %(name)s »")
    yield Warned(1, numbers % {"name": DEFAULT_CATEGORY})
    yield Warned(1, _("les options d’OpenCart sont sur une autre feuille : chaque produit n’a qu’un modèle"))
    once = in_file()
    taken: set[str] = set()
    for row in rows:
        notes = Notes()
        try:
            refuse_total(row)
            record = _record(table, row, vat, taken, notes)
            if ean := record.variants[0].fields.get("ean13"):
                once(_("code-barres"), ean, row)
        except Refusal as refusal:
            yield Reject.of(row, refusal)
            continue
        taken.add(record.code)
        record.is_doubtful = notes.are_doubts
        yield from notes.of(row)
        yield record


def _record(table: Table, row: Row, vat: VatClass, taken: set[str], notes: Notes) -> ProductRecord:
    cell = table.read(row)
    number = cell.parse("id", values.identifier, longest=40, what=_("code"))
    code = cell.parse("sku", values.identifier, longest=80, what=_("référence"))
    code = code or cell.parse("model", values.identifier, longest=80, what=_("référence")) or number
    if code in taken and number:
        # OpenCart lets several products have one model.
        code = f"{code[:39]}-{number}"
        notes.say(_("même référence pour plusieurs produits : le numéro de l’ancienne boutique la complète"))
    if not code or code in taken:
        raise Refusal(_("référence manquante"))
    if not (name := cell.parse("name", values.named, longest=200, what=_("nom"))):
        raise Refusal(_("nom manquant"))
    variant = VariantRecord(row, code, defaults=values.net_content(name))
    record = ProductRecord(row, code, variants=[variant], category=(DEFAULT_CATEGORY,))
    record.fields |= {"name_fr": name, "description_fr": checked_description([cell.get("description", "")], notes)}
    record.defaults |= {"state": Product.State.PUBLISHED, "vat_class": vat}
    if values.truth(cell.get("state", "")) is False:
        record.defaults["state"] = Product.State.DRAFT
    merchant.read_price(table, cell, None, vat, variant, notes)
    variant.on_hand = cell.parse("quantity", checked_stock, notes=notes)
    if _decimals(cell.get("weight", "")).strip("0.,"):
        variant.fields["weight_g"] = cell.parse("weight", _grams, unit=cell.get("unit", ""))
    merchant.read_ean(variant, _bar_code(cell), notes)
    record.brand = cell.parse("brand", values.named, longest=120, what=_("marque")) or None
    record.images = merchant.images_of([cell.get("image", "")], notes)
    for text in cell.get("tags", "").split(","):
        label = values.named(text, longest=120, what=_("étiquette"))
        if slug := slug_of(label)[:80]:
            record.attributes.append((TAG, slug, label))
    note_gift_card(name, notes)
    if not notes.are_doubts and values.truth(cell.get("shipping", "")) is False:
        notes.doubt(_("produit sans livraison (fichier, service) : gardé en brouillon"))
    return record


def _bar_code(cell: Cells) -> str:
    codes = [cell.parse(column, values.identifier, longest=80, what=_("code-barres")) for column in ("ean", "upc")]
    return next(filter(None, codes), "")


def _decimals(raw: str) -> str:
    """OpenCart keeps eight: « 0.50000000 »."""
    return raw.strip().rstrip("0").rstrip(".") if "." in raw else raw.strip()


def _grams(raw: str, *, unit: str) -> int | None:
    return values.grams(_decimals(raw), unit=unit)
