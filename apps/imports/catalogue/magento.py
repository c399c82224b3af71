"""Magento's product CSV (also Adobe Commerce): a configurable product names its variants, which are rows of their own.

The rows of variants may stand before or after the product's; what no product names is one by itself. Columns are those
of Adobe's reference (experienceleague.adobe.com/docs/commerce-admin/systems/data-transfer/data-attributes-product.html)
and, with an underscore in front, those of version 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.catalogue.models import Product
from apps.catalogue.models.product import VatClass
from apps.common.letters import fold
from apps.common.tabular.errors import Refusal
from apps.common.tabular.rows import Reject, Row, Warned
from apps.common.tabular.table import Cells, Table
from apps.imports.catalogue import values
from apps.imports.catalogue.checks import (
    DEFAULT_CATEGORY,
    Notes,
    checked_description,
    checked_path,
    checked_stock,
    in_file,
    note_gift_card,
    refuse_total,
)
from apps.imports.catalogue.merchant import images_of
from apps.imports.catalogue.records import Parsed, ProductRecord, VariantRecord

COLUMNS = {
    "sku": ("sku",),
    "store": ("store_view_code", "_store"),
    "set": ("attribute_set_code", "_attribute_set"),
    "kind": ("product_type", "_type"),
    "category": ("categories", "_category"),
    "name": ("name",),
    "description": ("description",),
    "summary": ("short_description",),
    "weight": ("weight",),
    "online": ("product_online", "status"),
    "visibility": ("visibility",),
    "price": ("price",),
    "special_price": ("special_price",),
    "brand": ("manufacturer",),
    "image": ("base_image", "image"),
    "images": ("additional_images",),
    "quantity": ("qty",),
    "variations": ("configurable_variations",),
    "labels": ("configurable_variation_labels",),
}
_ROOTS = ("default category", "root catalog", "categorie par defaut")
_HIDDEN = ("not visible individually", "1")
_NUMBERS = ("1", "2", "3")


@dataclass(slots=True)
class _Item:
    row: Row
    cell: Cells


def recognises(header: list[str]) -> bool:
    table = Table(header, COLUMNS)
    return all(table.has(column) for column in ("sku", "set", "kind", "name", "price"))


def parse(header: list[str], rows: Iterator[Row], *, vat: VatClass) -> Iterator[Parsed]:
    """`vat` is for all: classes of taxes have names of the shop's own."""
    table = Table(header, COLUMNS, understood=["product_websites", "url_key", "tax_class_name"])
    yield from table.notices()
    yield Warned(1, _("« %(name)s » est lu comme un prix TTC") % {"name": table.name("price")})
    once = in_file()
    parents: list[_Item] = []
    variants: dict[str, _Item] = {}
    for row in rows:
        try:
            refuse_total(row)
            item = _Item(row, table.read(row))
            if store := item.cell.get("store", "").strip():
                text = _("texte de la vue « %(store)s » : seule la vue par défaut est reprise")
                yield Warned(row.line, text % {"store": store[:40]})
                continue
            kind = item.cell["kind"].strip().lower()
            sku = item.cell.parse("sku", values.identifier, longest=80, what=_("référence"))
            if not sku:
                raise Refusal(_("référence manquante"))
            if kind in ("bundle", "grouped"):
                raise Refusal(_("produit groupé ou vendu ailleurs : il n’a pas d’équivalent ici"))
            once(_("référence"), sku, row)
        except Refusal as refusal:
            yield Reject.of(row, refusal)
            continue
        if kind == "configurable":
            parents.append(item)
        elif _is_hidden(item):
            # It waits for the product that names it.
            variants[sku] = item
        else:
            yield from _simple(item, sku, vat)
    for parent in parents:
        yield from _configurable(parent, variants, vat)
    for sku, item in variants.items():
        yield from _simple(item, sku, vat)


def _is_hidden(item: _Item) -> bool:
    return item.cell.get("visibility", "").strip().lower() in _HIDDEN


def _simple(item: _Item, sku: str, vat: VatClass) -> Iterator[Parsed]:
    notes = Notes()
    try:
        record = _head(item, sku, vat, notes)
        record.variants.append(_variant(item, sku, notes))
    except Refusal as refusal:
        yield Reject.of(item.row, refusal)
        return
    if _is_hidden(item):
        record.defaults["state"] = Product.State.DRAFT
    record.is_doubtful = notes.are_doubts
    yield from notes.of(item.row)
    yield record


def _configurable(parent: _Item, variants: dict[str, _Item], vat: VatClass) -> Iterator[Parsed]:
    notes = Notes()
    code = values.identifier(parent.cell["sku"], longest=80, what=_("référence"))
    try:
        record = _head(parent, code, vat, notes)
        named, options = _variations(parent.cell)
        for number, name in zip(_NUMBERS, options, strict=False):
            record.fields[f"option{number}_name_fr"] = values.named(name, longest=60, what=_("nom d’option"))
    except Refusal as refusal:
        yield Reject.of(parent.row, refusal)
        return
    for sku, chosen in named.items():
        item = variants.pop(sku, None)
        if item is None:
            notes.say(_("modèle « %(sku)s » nommé par son produit et absent du fichier") % {"sku": sku[:40]})
            continue
        about = Notes()
        try:
            variant = _variant(item, sku, about)
            for number, value in zip(_NUMBERS, chosen, strict=False):
                variant.fields[f"option{number}_fr"] = values.named(value, longest=80, what=_("valeur d’option"))
        except Refusal as refusal:
            yield Reject.of(item.row, refusal)
            continue
        record.variants.append(variant)
        record.is_doubtful |= about.are_doubts
        yield from about.of(item.row)
    record.is_doubtful |= notes.are_doubts
    if record.variants:
        yield from notes.of(parent.row)
        yield record
    else:
        yield Reject(parent.row, _("aucun modèle de ce produit n’a pu être importé"))


def _variations(cell: Cells) -> tuple[dict[str, list[str]], list[str]]:
    """« sku=P-S,size=S|sku=P-M,size=M » as values by SKU, and the names of the options."""
    labels = dict(part.partition("=")[::2] for part in cell.get("labels", "").split(",") if "=" in part)
    found: dict[str, list[str]] = {}
    names: list[str] = []
    for text in cell.get("variations", "").split("|"):
        pairs = [part.partition("=")[::2] for part in text.split(",") if "=" in part]
        chosen = {name.strip(): value.strip() for name, value in pairs}
        if sku := chosen.pop("sku", ""):
            names = names or [labels.get(name, name.replace("_", " ").capitalize()) for name in chosen]
            found[sku] = list(chosen.values())
    return found, names


def _head(item: _Item, code: str, vat: VatClass, notes: Notes) -> ProductRecord:
    cell = item.cell
    if not (name := cell.parse("name", values.named, longest=200, what=_("nom"))):
        raise Refusal(_("nom manquant"))
    record = ProductRecord(item.row, code)
    texts = [cell.get("summary", ""), cell.get("description", "")]
    record.fields |= {"name_fr": name, "description_fr": checked_description(texts, notes)}
    record.brand = cell.parse("brand", values.named, longest=120, what=_("marque")) or None
    record.category = _category(cell.get("category", ""), notes)
    record.images = images_of([cell.get("image", ""), cell.get("images", "")], notes)
    record.defaults |= {"state": Product.State.PUBLISHED, "vat_class": vat}
    if cell.get("online", "1").strip() not in ("1", ""):
        record.defaults["state"] = Product.State.DRAFT
    kind = cell["kind"].strip().lower()
    note_gift_card(name, notes, is_one="gift" in kind)
    if not notes.are_doubts and kind in ("virtual", "downloadable"):
        notes.doubt(_("produit sans livraison (fichier, service) : gardé en brouillon"))
    return record


def _category(raw: str, notes: Notes) -> tuple[str, ...]:
    """The deepest of the paths, without the root that no shopper sees: « Default Category/Épicerie/Miels »."""
    paths = [[name for name in path.split("/") if name.strip()] for path in raw.split(",")]
    paths = [path[1:] if path and fold(path[0]) in _ROOTS else path for path in paths]
    return checked_path(max(paths, key=len) or [DEFAULT_CATEGORY], notes)


def _variant(item: _Item, sku: str, notes: Notes) -> VariantRecord:
    cell = item.cell
    variant = VariantRecord(item.row, sku, price=cell.parse("price", values.price))
    variant.on_hand = cell.parse("quantity", _whole, notes=notes)
    if weight := cell.get("weight", "").strip().strip("0.,"):
        content = cell.parse("weight", values.quantity)
        if content is not None:
            variant.fields["weight_g"] = values.whole_grams(content[0])
        elif weight:
            notes.doubt(_("poids sans unité connue, non repris : écrivez « 500 g » ou une colonne « unite »"))
    if cell.get("special_price", "").strip():
        notes.say(_("prix promo non repris : ce n’est pas le prix le plus bas des 30 derniers jours"))
    return variant


def _whole(raw: str, *, notes: Notes) -> int | None:
    """Magento counts with four decimals: « 12.0000 »."""
    whole, _sign, decimals = raw.strip().partition(".")
    return checked_stock(whole if not decimals.strip("0") else raw, notes)
