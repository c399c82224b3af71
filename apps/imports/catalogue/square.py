"""Square's catalogue: each row a variation with a token of its own, those of one item under one name or handle.

The pieces of several places are added up; a tax's own column says whether an item has its rate. Columns are those of
the library's export (squareup.com/help, « Item Library »), as programs that read it list them: Reference Handle, Token,
Item Name, Variation Name, SKU, Description, Categories « Livres (T2B3ROTJ3HFGVBO22QLOOJDE) », Reporting Category, GTIN,
Square Online Item Visibility, Item Type « Physical good », Weight, Price, Archived, Option Name 1, Current Quantity
and the place, Tax - and its name.
"""

import re
from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _

from apps.catalogue.models import Product
from apps.catalogue.models.product import VatClass
from apps.common.letters import slug_of
from apps.common.tabular.errors import Refusal
from apps.common.tabular.header import normalised
from apps.common.tabular.rows import Reject, Row
from apps.common.tabular.table import Cells, Table
from apps.imports.catalogue import values
from apps.imports.catalogue.checks import (
    DEFAULT_CATEGORY,
    Notes,
    checked_description,
    checked_path,
    checked_stock,
    composed_sku,
    in_file,
    note_gift_card,
    short_code,
)
from apps.imports.catalogue.records import Parsed, ProductRecord, VariantRecord

COLUMNS = {
    "handle": ("Reference Handle",),
    "token": ("Token",),
    "name": ("Item Name", "Nom de l’article", "Nom de l'article"),
    "variation": ("Variation Name", "Nom de la variante", "Nom de la variation"),
    "sku": ("SKU", "UGS"),
    "description": ("Description",),
    "category": ("Category", "Categories", "Reporting Category", "Catégorie"),
    "gtin": ("GTIN",),
    "visibility": ("Square Online Item Visibility",),
    "kind": ("Item Type",),
    "kilograms": ("Weight (kg)", "Poids (kg)"),
    "pounds": ("Weight (lb)",),
    "price": ("Price", "Prix"),
    "sale_price": ("Online Sale Price",),
    "archived": ("Archived",),
    **{f"option{number}_name": (f"Option Name {number}",) for number in (1, 2, 3)},
    **{f"option{number}": (f"Option Value {number}",) for number in (1, 2, 3)},
}
_OPTIONS = ("option1", "option2", "option3")
_TAX = re.compile(r"tax - .*\((\d{1,2}(?:[.,]\d+)?) ?%\)$", re.I)
_QUANTITY = re.compile(r"current_quantity(?:_.+)?$")
_GOODS = ("physical", "physical good", "food and beverage", "prepared food", "prepared food and beverage")
# The number that Square puts behind a category's name.
_TOKEN = re.compile(r"\s*\([A-Z0-9]{16,}\)\s*$")
_ONLY = ("regular", "normal", "standard", "par_defaut")


class _Layout:
    def __init__(self, header: list[str]) -> None:
        names = [normalised(name) for name in header]
        self.quantities = [at for at, name in enumerate(names) if _QUANTITY.fullmatch(name)]
        self.taxes = {at: found[1] for at, name in enumerate(header) if (found := _TAX.search(name.strip()))}
        counted = [header[at] for at in (*self.quantities, *self.taxes)]
        self.table = Table(header, COLUMNS, understood=counted)


def recognises(header: list[str]) -> bool:
    table = Table(header, COLUMNS)
    return all(table.has(column) for column in ("token", "name", "variation", "price"))


def parse(header: list[str], rows: Iterator[Row], *, vat: VatClass) -> Iterator[Parsed]:
    """`vat` is for what no column of a tax says."""
    layout = _Layout(header)
    yield from layout.table.notices()
    once = in_file()
    current, group = "", list[tuple[Row, Cells]]()
    for row in rows:
        try:
            cell = layout.table.read(row)
            key = cell.get("handle", "").strip() or cell["name"].strip()
            if not key:
                raise Refusal(_("nom manquant"))
        except Refusal as refusal:
            yield Reject.of(row, refusal)
            continue
        if key != current and group:
            yield from _product(layout, current, group, vat, once)
            group = []
        current = key
        group.append((row, cell))
    if group:
        yield from _product(layout, current, group, vat, once)


def _product(
    layout: _Layout,
    key: str,
    group: list[tuple[Row, Cells]],
    vat: VatClass,
    once: Callable[[str, str, Row], None],
) -> Iterator[Parsed]:
    row, cell = group[0]
    about = Notes()
    try:
        record = _head(layout, key, row, cell, vat, about)
        once(_("code"), record.code, row)
    except Refusal as refusal:
        yield from (Reject.of(each, refusal) for each, _cell in group)
        return
    for each, of in group:
        notes = Notes()
        try:
            variant = _variant(layout, record, each, of, notes, is_only=len(group) == 1)
            once(_("référence"), variant.sku, each)
            if ean := variant.fields.get("ean13"):
                once(_("code-barres"), ean, each)
        except Refusal as refusal:
            yield Reject.of(each, refusal)
            continue
        record.variants.append(variant)
        record.is_doubtful |= notes.are_doubts
        yield from notes.of(each)
    yield from about.of(row)
    record.is_doubtful |= about.are_doubts
    if record.variants:
        yield record


def _head(layout: _Layout, key: str, row: Row, cell: Cells, vat: VatClass, notes: Notes) -> ProductRecord:
    name = cell.parse("name", values.named, longest=200, what=_("nom"))
    record = ProductRecord(row, short_code(slug_of(key.removeprefix("#"))) or short_code(key))
    record.fields |= {"name_fr": name, "description_fr": checked_description([cell.get("description", "")], notes)}
    path = [_TOKEN.sub("", part) for part in cell.get("category", "").split(",")[0].split(">")]
    record.category = checked_path(path if any(part.strip() for part in path) else [DEFAULT_CATEGORY], notes)
    for option in _OPTIONS:
        record.fields[f"{option}_name_fr"] = cell.parse(
            f"{option}_name", values.named, longest=60, what=_("nom d’option")
        )
    hidden = cell.get("visibility", "").strip().lower() in ("hidden", "unavailable", "unlisted")
    is_archived = cell.get("archived", "").strip().upper() in ("Y", "YES", "TRUE", "OUI")
    state = Product.State.ARCHIVED if is_archived else Product.State.DRAFT if hidden else Product.State.PUBLISHED
    record.defaults["state"] = state
    rates = {rate for at, rate in layout.taxes.items() if at < len(row.cells) and row.cells[at].strip().upper() == "Y"}
    if len(rates) == 1 and (rate := values.vat_class(rates.pop())) is not None:
        record.fields["vat_class"] = rate
    else:
        record.defaults["vat_class"] = vat
    kind = cell.get("kind", "").strip().lower()
    note_gift_card(name, notes, is_one="gift" in kind)
    if not notes.are_doubts and kind and kind not in _GOODS:
        notes.doubt(_("produit sans livraison (fichier, service) : gardé en brouillon"))
    return record


def _variant(
    layout: _Layout, record: ProductRecord, row: Row, cell: Cells, notes: Notes, *, is_only: bool
) -> VariantRecord:
    chosen = {option: cell.parse(option, values.named, longest=80, what=_("valeur d’option")) for option in _OPTIONS}
    label = cell.parse("variation", values.named, longest=80, what=_("valeur d’option"))
    if not any(chosen.values()) and label and not (is_only and normalised(label) in _ONLY):
        record.fields["option1_name_fr"] = record.fields["option1_name_fr"] or _("Modèle")
        chosen["option1"] = label
    options = [value for value in chosen.values() if value]
    taken = {variant.sku for variant in record.variants}
    sku = cell.parse("sku", values.identifier, longest=80, what=_("référence"))
    if not sku or (sku in taken and options):
        sku = composed_sku(sku or record.code, options, taken)
    variant = VariantRecord(row, sku, price=cell.parse("price", values.price))
    variant.fields |= {f"{option}_fr": value for option, value in chosen.items()}
    counts = [row.cells[at] for at in layout.quantities if at < len(row.cells) and row.cells[at].strip()]
    if counts:
        variant.on_hand = sum(checked_stock(count, notes) or 0 for count in counts)
    for column, unit in (("kilograms", "kg"), ("pounds", "lb")):
        if weight := cell.parse(column, values.grams, unit=unit):
            variant.fields["weight_g"] = weight
    raw = cell.parse("gtin", values.identifier, longest=80, what=_("code-barres"))
    if ean := values.ean13(raw):
        variant.fields["ean13"] = ean
    if cell.get("sale_price", "").strip():
        notes.say(_("prix promo non repris : ce n’est pas le prix le plus bas des 30 derniers jours"))
    return variant
