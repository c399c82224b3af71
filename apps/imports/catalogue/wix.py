"""Wix's product CSV, with the headers of its former and of its present export.

The rows of one handle are a product and its variants. A variant's price is the product's with a surcharge; what the
file calls « InStock » is not counted.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.catalogue.models import Product
from apps.catalogue.models.product import VatClass
from apps.common.tabular.errors import Refusal
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
)
from apps.imports.catalogue.merchant import images_of
from apps.imports.catalogue.records import Image, Parsed, ProductRecord, VariantRecord

COLUMNS = {
    "handle": ("handleId", "handle"),
    "kind": ("fieldType",),
    "name": ("name",),
    "description": ("description", "plainDescription"),
    "images": ("productImageUrl", "media"),
    "category": ("collection", "collections", "categories"),
    "sku": ("sku",),
    "barcode": ("barcode",),
    "price": ("price",),
    "surcharge": ("surcharge",),
    "visible": ("visible",),
    "discount": ("discountValue", "strikethroughPrice"),
    "stock": ("inventory",),
    "weight": ("weight",),
    "brand": ("brand",),
    **{f"option{number}_name": (f"productOptionName{number}", f"productOptionName[{number}]") for number in (1, 2, 3)},
    **{
        f"option{number}": (
            f"productOptionDescription{number}",
            f"productOptionChoices{number}",
            f"productOptionChoices[{number}]",
        )
        for number in (1, 2, 3)
    },
}
REQUIRED = ("handle", "kind", "name", "price")
_OPTIONS = ("option1", "option2", "option3")
_PICTURES = "https://static.wixstatic.com/media/"
_Group = list[tuple[Row, Cells]]


def recognises(header: list[str]) -> bool:
    table = Table(header, COLUMNS)
    return all(table.has(column) for column in REQUIRED)


def parse(header: list[str], rows: Iterator[Row], *, vat: VatClass) -> Iterator[Parsed]:
    """`vat` is for new products: the file knows no rates."""
    table = Table(header, COLUMNS)
    table.require(REQUIRED)
    yield from table.notices()
    once = in_file()
    current, group = "", _Group()
    for row in rows:
        try:
            cell = table.read(row)
            if not (handle := cell["handle"].strip()):
                raise Refusal(
                    _("« %(column)s » manquant : le produit de cette ligne est inconnu")
                    % {"column": table.name("handle")}
                )
        except Refusal as refusal:
            yield Reject.of(row, refusal)
            continue
        if handle != current and group:
            yield from _product(group, vat, once)
            group = []
        current = handle
        group.append((row, cell))
    if group:
        yield from _product(group, vat, once)


def _product(group: _Group, vat: VatClass, once: Callable[[str, str, Row], None]) -> Iterator[Parsed]:
    row, cell = group[0]
    notes = Notes()
    try:
        if cell["kind"].strip().casefold() != "product":
            raise Refusal(
                _("produit inconnu « %(code)s » : la ligne qui le décrit manque") % {"code": cell["handle"].strip()}
            )
        record = _head(row, cell, vat, notes)
        once(_("code"), record.code, row)
    except Refusal as refusal:
        yield from (Reject.of(each, refusal) for each, _cell in group)
        return
    variants = [(each, of) for each, of in group[1:] if of["kind"].strip().casefold() == "variant"]
    yield from (
        Reject(each, _("ni produit ni modèle : « %(kind)s »") % {"kind": of["kind"].strip()[:20]})
        for each, of in group[1:]
        if of["kind"].strip().casefold() != "variant"
    )
    for each, of in variants or [(row, cell)]:
        about = notes if each is row else Notes()
        try:
            variant = _variant(record, each, of, cell, about, is_option=bool(variants))
            once(_("référence"), variant.sku, each)
            if ean := variant.fields.get("ean13"):
                once(_("code-barres"), ean, each)
        except Refusal as refusal:
            yield Reject.of(each, refusal)
            continue
        record.variants.append(variant)
        record.is_doubtful |= about.are_doubts
        if about is not notes:
            yield from about.of(each)
    yield from notes.of(row)
    record.is_doubtful |= notes.are_doubts
    if record.variants:
        yield record
    elif variants:
        yield Reject(row, _("aucun modèle de ce produit n’a pu être importé"))


def _head(row: Row, cell: Cells, vat: VatClass, notes: Notes) -> ProductRecord:
    record = ProductRecord(row, values.identifier(cell["handle"], longest=80, what=_("code")))
    if not (name := cell.parse("name", values.named, longest=200, what=_("nom"))):
        raise Refusal(_("nom manquant"))
    record.fields |= {"name_fr": name, "description_fr": checked_description([cell.get("description", "")], notes)}
    record.brand = values.named(cell.get("brand", ""), longest=120, what=_("marque")) or None
    record.category = checked_path([cell.get("category", "").split(";")[0].strip() or DEFAULT_CATEGORY], notes)
    for option in _OPTIONS:
        record.fields[f"{option}_name_fr"] = values.named(
            cell.get(f"{option}_name", ""), longest=60, what=_("nom d’option")
        )
    record.images = _images(cell.get("images", ""), notes)
    note_gift_card(name, notes)
    record.defaults |= {"state": Product.State.PUBLISHED, "vat_class": vat}
    try:
        if values.truth(cell.get("visible", "")) is False:
            record.defaults["state"] = Product.State.DRAFT
    except Refusal as refusal:
        notes.doubt(_("état de publication non compris (%(why)s)") % {"why": refusal})
    return record


def _images(raw: str, notes: Notes) -> list[Image]:
    """Addresses, or the names that Wix's own server gives its files."""
    parts = [part.strip() for part in raw.split(";") if part.strip()]
    return images_of(
        [part if part.lower().startswith("http") or "://" in part else f"{_PICTURES}{part}" for part in parts], notes
    )


def _variant(
    record: ProductRecord, row: Row, cell: Cells, head: Cells, notes: Notes, *, is_option: bool
) -> VariantRecord:
    chosen = {}
    for option in _OPTIONS:
        # « #FF0000:Rouge » is a colour with its name.
        value = (
            cell.get(option, "").rsplit(":", 1)[-1] if cell.get(option, "").startswith("#") else cell.get(option, "")
        )
        chosen[f"{option}_fr"] = values.named(value, longest=80, what=_("valeur d’option")) if is_option else ""
    sku = cell.parse("sku", values.identifier, longest=80, what=_("référence"))
    options = [value for value in chosen.values() if value]
    taken = {variant.sku for variant in record.variants}
    if not sku:
        base = values.identifier(head.get("sku", ""), longest=80, what=_("référence")) or record.code
        sku = composed_sku(base, options, taken)
    elif sku in taken and options:
        sku = composed_sku(sku, options, taken)
        notes.say(_("même référence pour plusieurs modèles : les options la complètent"))
    own = cell["price"].strip()
    price = (cell if own else head).parse("price", values.price)
    if is_option and cell.get("surcharge", "").strip():
        extra = values.price(cell["surcharge"].strip().removeprefix("+"), may_be_zero=True)
        price = values.price(head["price"]) + extra
    variant = VariantRecord(row, sku, price=price, fields=dict(chosen))
    if _is_reduced(cell):
        notes.say(_("prix promo non repris : ce n’est pas le prix le plus bas des 30 derniers jours"))
    stock = cell.get("stock", "").strip()
    if stock.casefold() == "outofstock":
        variant.on_hand = 0
    elif stock.casefold() != "instock":
        variant.on_hand = cell.parse("stock", checked_stock, notes=notes)
    if weight := cell.get("weight", "").strip() or head.get("weight", "").strip():
        quantity = values.quantity(weight)
        if quantity is not None:
            variant.fields["weight_g"] = values.whole_grams(quantity[0])
        elif Decimal(weight.replace(",", ".")):
            notes.doubt(_("poids sans unité connue, non repris : écrivez « 500 g » ou une colonne « unite »"))
    if ean := values.ean13(cell.get("barcode", "")):
        variant.fields["ean13"] = ean
    return variant


def _is_reduced(cell: Cells) -> bool:
    return bool(cell.get("discount", "").strip().strip("0.,"))
