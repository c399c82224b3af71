"""WooCommerce's product CSV, under its French and its English headers.

A variable product and its variations are rows of their own that need not stand together: « Parent » says the SKU or,
as « id:12 », the number of the product. A sale price is no reduction, for the reason that `shopify` gives.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from apps.catalogue.models import Product
from apps.catalogue.models.product import VatClass
from apps.common.letters import slug_of
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
    refuse_total,
)
from apps.imports.catalogue.merchant import images_of
from apps.imports.catalogue.records import Image, Parsed, ProductRecord, VariantRecord

TAG = "etiquette"
COLUMNS = {
    "id": ("ID",),
    "type": ("Type",),
    "sku": ("UGS", "SKU"),
    "ean": ("GTIN, UPC, EAN ou ISBN", "GTIN, UPC, EAN, or ISBN"),
    "name": ("Nom", "Name"),
    "published": ("Publié", "Published"),
    "visibility": ("Visibilité dans le catalogue", "Visibility in catalog"),
    "summary": ("Description courte", "Short description"),
    "description": ("Description",),
    "tax_status": ("État de la TVA", "Tax status"),
    "tax_class": ("Classe de TVA", "Tax class"),
    "in_stock": ("En stock ?", "In stock?"),
    "stock": ("Stock",),
    "kilograms": ("Poids (kg)", "Weight (kg)"),
    "grams": ("Poids (g)", "Weight (g)"),
    "pounds": ("Poids (lbs)", "Weight (lbs)"),
    "ounces": ("Poids (oz)", "Weight (oz)"),
    "sale_price": ("Tarif promo", "Sale price"),
    "price": ("Tarif régulier", "Regular price"),
    "category": ("Catégories", "Categories"),
    "tags": ("Étiquettes", "Tags"),
    "images": ("Images",),
    "parent": ("Parent",),
    "brand": ("Marques", "Brands", "Marque", "Brand"),
    **{
        f"option{number}_name": (
            f"Nom de l’attribut {number}",
            f"Nom de l'attribut {number}",
            f"Attribute {number} name",
        )
        for number in (1, 2, 3)
    },
    **{
        f"option{number}": (
            f"Valeur(s) de l’attribut {number}",
            f"Valeur(s) de l'attribut {number}",
            f"Attribute {number} value(s)",
        )
        for number in (1, 2, 3)
    },
}
REQUIRED = ("type", "name", "price")
_OPTIONS = ("option1", "option2", "option3")
_UNITS = {"grams": "g", "kilograms": "kg", "pounds": "lbs", "ounces": "oz"}


@dataclass(slots=True)
class _Family:
    """A variable product, with its variations as they come."""

    record: ProductRecord
    row: Row
    variations: list[tuple[Row, Cells]] = field(default_factory=list)


def recognises(header: list[str]) -> bool:
    table = Table(header, COLUMNS)
    return all(table.has(column) for column in REQUIRED) and (table.has("parent") or table.has("in_stock"))


def parse(header: list[str], rows: Iterator[Row], *, vat: VatClass) -> Iterator[Parsed]:
    """`vat` is that of WooCommerce's standard class, which has no name in its file."""
    table = Table(header, COLUMNS)
    table.require(REQUIRED)
    yield from table.notices()
    once = in_file()
    families: dict[str, _Family] = {}
    orphans: list[tuple[Row, Cells]] = []
    for row in rows:
        notes = Notes()
        try:
            refuse_total(row)
            cell = table.read(row)
            kinds = {kind.strip().lower() for kind in cell["type"].split(",")}
            if "variation" in kinds:
                family = families.get(cell.get("parent", "").strip())
                (family.variations if family else orphans).append((row, cell))
                continue
            if kinds & {"grouped", "external"}:
                raise Refusal(_("produit groupé ou vendu ailleurs : il n’a pas d’équivalent ici"))
            record = _product(row, cell, vat, kinds, notes)
            once(_("code"), record.code, row)
            if "variable" in kinds:
                family = _Family(record, row)
                families |= {
                    key: family for key in (cell.get("sku", "").strip(), f"id:{cell.get('id', '').strip()}") if key
                }
            else:
                record.variants.append(_variant(row, cell, record.code, once, notes))
                record.is_doubtful |= notes.are_doubts
                yield record
            yield from notes.of(row)
        except Refusal as refusal:
            yield Reject.of(row, refusal)
    for row, cell in orphans:
        parent = cell.get("parent", "").strip()
        if parent in families:
            families[parent].variations.append((row, cell))
        else:
            yield Reject(row, _("produit inconnu « %(code)s » : la ligne qui le décrit manque") % {"code": parent})
    for family in {id(family): family for family in families.values()}.values():
        yield from _with_variations(family, once)


def _with_variations(family: _Family, once: Callable[[str, str, Row], None]) -> Iterator[Parsed]:
    for row, cell in sorted(family.variations, key=lambda item: item[0].line):
        notes = Notes()
        try:
            _vary(family.record, row, cell, once, notes)
            yield from notes.of(row)
        except Refusal as refusal:
            yield Reject.of(row, refusal)
    if family.record.variants:
        yield family.record
    else:
        yield Reject(family.row, _("aucun modèle de ce produit n’a pu être importé"))


def _product(row: Row, cell: Cells, vat: VatClass, kinds: set[str], notes: Notes) -> ProductRecord:
    sku = cell.parse("sku", values.identifier, longest=80, what=_("référence"))
    number = values.named(cell.get("id", ""), longest=40, what=_("code"))
    if not sku and not number:
        raise Refusal(_("référence manquante"))
    record = ProductRecord(row, sku or f"woo-{number}")
    if not (name := cell.parse("name", values.named, longest=200, what=_("nom"))):
        raise Refusal(_("nom manquant"))
    record.fields["name_fr"] = name
    record.fields["description_fr"] = checked_description(
        [cell.get(column, "").replace("\\n", "\n") for column in ("summary", "description")], notes
    )
    record.category = _category(cell.get("category", ""), notes)
    record.brand = values.named(cell.get("brand", "").split(",")[0], longest=120, what=_("marque")) or None
    record.images = images_of([cell.get("images", "")], notes)
    for tag in cell.get("tags", "").split(","):
        label = values.named(tag, longest=120, what=_("étiquette"))
        if slug := slug_of(label)[:80]:
            record.attributes.append((TAG, slug, label))
    tax_class = cell.get("tax_class", "").strip().lower()
    if cell.get("tax_status", "").strip().lower() == "none":
        cell.parse("tax_status", lambda _status: values.vat_class("0"))
    if tax_class in ("", "standard"):
        record.defaults["vat_class"] = vat
    elif (rate := cell.parse("tax_class", values.vat_class)) is not None:
        record.fields["vat_class"] = rate
    else:
        record.defaults["vat_class"] = vat
    if "variable" in kinds:
        for option in _OPTIONS:
            option_name = values.named(cell.get(f"{option}_name", ""), longest=60, what=_("nom d’option"))
            record.fields[f"{option}_name_fr"] = option_name
    elif cell.get("option1", "").strip():
        notes.say(_("caractéristiques d’un produit sans modèles non reprises"))
    record.defaults["state"] = Product.State.PUBLISHED if _is_visible(cell, notes) else Product.State.DRAFT
    note_gift_card(name, notes, is_one=any("gift" in kind for kind in kinds))
    if not notes.are_doubts and kinds & {"virtual", "downloadable"}:
        notes.doubt(_("produit sans livraison (fichier, service) : gardé en brouillon"))
    record.is_doubtful = notes.are_doubts
    return record


def _is_visible(cell: Cells, notes: Notes) -> bool:
    try:
        is_published = values.truth(cell.get("published", ""))
    except Refusal as refusal:
        notes.doubt(_("état de publication non compris (%(why)s)") % {"why": refusal})
        return False
    return is_published is not False and cell.get("visibility", "").strip().lower() not in ("hidden", "caché")


def _category(raw: str, notes: Notes) -> tuple[str, ...]:
    """The deepest of the paths: « Épicerie, Épicerie > Miels »."""
    paths = [[name for name in path.split(">") if name.strip()] for path in raw.split(",")]
    return checked_path(max(paths, key=len) or [DEFAULT_CATEGORY], notes)


def _variant(row: Row, cell: Cells, sku: str, once: Callable[[str, str, Row], None], notes: Notes) -> VariantRecord:
    if not cell["price"].strip():
        raise Refusal(_("prix manquant"))
    variant = VariantRecord(row, sku, price=cell.parse("price", values.price))
    if cell.get("sale_price", "").strip():
        notes.say(_("prix promo non repris : ce n’est pas le prix le plus bas des 30 derniers jours"))
    if cell.get("stock", "").strip().lower() != "parent":
        variant.on_hand = cell.parse("stock", checked_stock, notes=notes)
    if variant.on_hand is None and _is_out(cell):
        variant.on_hand = 0
    for column, unit in _UNITS.items():
        if weight := cell.parse(column, values.grams, unit=unit):
            variant.fields["weight_g"] = weight
    raw = cell.parse("ean", values.identifier, longest=80, what=_("code-barres"))
    if ean := values.ean13(raw):
        once(_("code-barres"), ean, row)
        variant.fields["ean13"] = ean
    elif raw and not values.is_ean8(raw):
        notes.say(_("code-barres douteux : vendu sans EAN-13"))
    return variant


def _is_out(cell: Cells) -> bool:
    try:
        return values.truth(cell.get("in_stock", "").replace("backorder", "")) is False
    except Refusal:
        return False


def _vary(record: ProductRecord, row: Row, cell: Cells, once: Callable[[str, str, Row], None], notes: Notes) -> None:
    chosen = {}
    for option in _OPTIONS:
        chosen[f"{option}_fr"] = values.named(cell.get(option, ""), longest=80, what=_("valeur d’option"))
    sku = cell.parse("sku", values.identifier, longest=80, what=_("référence"))
    taken = {variant.sku for variant in record.variants}
    options = [value for value in chosen.values() if value]
    if not sku or sku == record.code:
        sku = composed_sku(record.code, options, taken)
    elif sku in taken and options:
        sku = composed_sku(sku, options, taken)
        notes.say(_("même référence pour plusieurs modèles : les options la complètent"))
    once(_("référence"), sku, row)
    variant = _variant(row, cell, sku, once, notes)
    variant.fields |= chosen
    _add_images(record, images_of([cell.get("images", "")], notes), sku)
    record.variants.append(variant)
    record.is_doubtful |= notes.are_doubts


def _add_images(record: ProductRecord, images: list[Image], sku: str) -> None:
    """A variation's own pictures, of which the product may have some already."""
    positions = {image.url: at for at, image in enumerate(record.images)}
    for image in images:
        if image.url not in positions:
            record.images.append(replace(image, sku=sku))
        elif not record.images[positions[image.url]].sku:
            record.images[positions[image.url]] = replace(record.images[positions[image.url]], sku=sku)
