"""The merchant's list: one product a line, under the names of columns that tills, suppliers and PrestaShop use.

A reference names the product from one import to the next; without one its bar code does, whether or not it is a valid
EAN-13: shops print codes of their own, and a product whose code was mistyped can be sold all the same. Only a valid
code is published as EAN-13; the others are stored as the product's reference, with a warning.
"""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.catalogue.models import Product
from apps.catalogue.models.product import VAT_RATES, VatClass
from apps.common.money import round_cents
from apps.common.tabular.errors import Refusal
from apps.common.tabular.header import normalised
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
from apps.imports.catalogue.merchant_columns import COLUMNS, IMAGES, OF_PRESTASHOP
from apps.imports.catalogue.records import Image, Parsed, ProductRecord, VariantRecord
from apps.shop.identity import current

# The rules of taxes of a French PrestaShop as it is installed. Shops change them, so the price has to prove the rate.
TAX_RULES = {
    "1": VatClass.STANDARD,
    "2": VatClass.INTERMEDIATE,
    "3": VatClass.REDUCED,
    "4": VatClass.SUPER_REDUCED,
}
# PrestaShop writes six decimals, made from a price in whole cents.
_PROOF = Decimal("0.00001")
# Words in the name of a column that say that a shopper pays its price.
_TAX_INCLUDED = {"ttc", "pvttc", "public", "retail", "included", "incl", "incluse", "pvc", "pvp"}
_SOLD_OUT = {"out_of_stock", "en_rupture_de_stock", "rupture_de_stock", "rupture", "epuise", "indisponible"}
ROOTS = {"accueil", "home", "racine", "root"}


def _table(header: list[str]) -> Table:
    names = set(map(normalised, header))
    is_prestashop = not names.isdisjoint(COLUMNS["tax_rule"])
    return Table(header, COLUMNS | OF_PRESTASHOP if is_prestashop else COLUMNS)


def recognises(header: list[str]) -> bool:
    table = _table(header)
    return _has_code(table) and table.has("name") and _has_price(table)


def _has_code(table: Table) -> bool:
    return any(table.has(column) for column in ("ean", "reference", "id"))


def _has_price(table: Table) -> bool:
    return table.has("price") or table.has("net_price")


def parse(header: list[str], rows: Iterator[Row], *, vat: VatClass) -> Iterator[Parsed]:
    """`vat` is for files without a column for it."""
    table = _table(header)
    table.require(
        [
            *([] if _has_code(table) else ["ean"]),
            "name",
            *([] if _has_price(table) else ["price"]),
            *(["category"] if not table.has("category") and table.near("category") else []),
        ]
    )
    yield from table.notices()
    if not table.has("category"):
        yield Warned(
            1, _("pas de colonne de rayon : les nouveaux produits vont dans « %(name)s »") % {"name": DEFAULT_CATEGORY}
        )
    if table.has("price") and not _TAX_INCLUDED & set(normalised(table.name("price")).split("_")):
        yield Warned(1, _("« %(name)s » est lu comme un prix TTC") % {"name": table.name("price")})
    once = in_file()
    for row in rows:
        notes = Notes()
        try:
            refuse_total(row)
            record = _record(table, row, vat, notes)
            once(_("code"), record.code, row)
            if ean := record.variants[0].fields.get("ean13"):
                once(_("code-barres"), ean, row)
        except Refusal as refusal:
            yield Reject.of(row, refusal)
            continue
        yield from notes.of(row)
        yield record


def _record(table: Table, row: Row, vat: VatClass, notes: Notes) -> ProductRecord:
    cell = table.read(row)
    ean = cell.parse("ean", values.identifier, longest=80, what=_("code"))
    restored = values.restored_ean(ean)
    reference = cell.parse("reference", values.identifier, longest=80, what=_("code"))
    code = reference or restored or ean or cell.parse("id", values.identifier, longest=80, what=_("code"))
    if not code:
        raise Refusal(_("référence manquante") if table.has("reference") else _("code-barres manquant"))
    name = cell.parse("name", values.named, longest=200, what=_("nom"))
    if not name:
        raise Refusal(_("nom manquant"))
    rate = _vat_class(table, cell)
    variant = VariantRecord(row, code, defaults=values.net_content(name))
    record = ProductRecord(row, code, variants=[variant])
    if (reference or restored) and ean:
        # Before references were read, a list's bar codes named its products, with the zeros that they had lost.
        variant.former_sku = record.former_code = ean
    note_gift_card(name, notes)
    read_price(table, cell, rate, vat, variant, notes)
    if table.has("stock"):
        variant.on_hand = cell.parse("stock", checked_stock, notes=notes)
    if variant.on_hand is None and normalised(cell.get("availability", "")) in _SOLD_OUT:
        variant.on_hand = 0
    read_ean(variant, ean if table.has("ean") else code, notes)
    read_weight(table, cell, variant, notes)
    _read_unit_price(cell, variant)
    record.category = _category(table, cell, notes)
    record.fields["name_fr"] = name
    record.defaults["state"] = Product.State.PUBLISHED
    _read_state(cell, record, notes)
    if table.has("description") or table.has("summary"):
        record.fields["description_fr"] = checked_description(
            [cell.get(column, "") for column in ("summary", "description")], notes
        )
    if table.has("brand") and (brand := cell.parse("brand", values.named, longest=120, what=_("marque"))):
        record.brand = brand
    if rate is not None and not variant.is_price_doubtful:
        record.fields["vat_class"] = rate
    else:
        record.defaults["vat_class"] = rate or vat
    record.images = images_of([cell.get(column, "") for column in IMAGES], notes)
    record.is_doubtful = notes.are_doubts
    return record


def _vat_class(table: Table, cell: Cells) -> VatClass | None:
    """The rate that the row says; None in a file that says none."""
    if table.has("vat"):
        return cell.parse("vat", values.vat_class)
    if table.has("tax_rule"):
        rule = cell["tax_rule"].strip()
        if rule not in TAX_RULES:
            raise Refusal(
                _("règle de taxes « %(rule)s » inconnue : ajoutez une colonne « tva » avec le taux")
                % {"rule": rule[:20]}
            )
        return TAX_RULES[rule]
    return None


def percent_of(rate: VatClass) -> Decimal:
    """What is charged on top of a price without VAT: nothing in a shop that does not charge it (art. 293 B CGI)."""
    return Decimal(0) if current().vat_franchise else VAT_RATES[rate]


def read_price(
    table: Table, cell: Cells, rate: VatClass | None, vat: VatClass, variant: VariantRecord, notes: Notes
) -> None:
    """The gross price as written, or the net one with VAT; where both stand they have to agree."""
    net_raw = cell.get("net_price", "").strip()
    if table.has("price") and (cell["price"].strip() or not net_raw):
        variant.price = cell.parse("price", values.price)
        if net_raw and rate is not None:
            gross = cell.parse("net_price", values.net_price) * (100 + percent_of(rate)) / 100
            if abs(gross - variant.price) > max(Decimal("0.02"), variant.price / 100):
                raise Refusal(_("prix HT, prix TTC et TVA ne s’accordent pas"))
        return
    exact = cell.parse("net_price", values.net_price) * (100 + percent_of(rate or vat)) / 100
    variant.price = round_cents(exact)
    if not variant.price:
        raise Refusal(_("prix nul : un produit gratuit est presque toujours une erreur"))
    if rate is None and not current().vat_franchise:
        notes.doubt(_("prix TTC calculé avec la TVA choisie pour l’import : le fichier ne dit pas le taux"))
        variant.is_price_doubtful = True
    elif rate and table.has("tax_rule") and not table.has("vat") and abs(exact - variant.price) > _PROOF:
        notes.doubt(
            _("règle de taxes %(rule)s lue comme %(rate)s, ce que le prix ne prouve pas")
            % {"rule": cell["tax_rule"].strip(), "rate": rate.label}
        )
        variant.is_price_doubtful = True


def read_ean(variant: VariantRecord, raw: str, notes: Notes) -> None:
    # A code that became doubtful does not wipe an EAN-13 that staff entered, so None is no statement.
    if ean := values.ean13(raw):
        variant.fields["ean13"] = ean
    elif ean := values.restored_ean(raw):
        variant.fields["ean13"] = ean
        notes.say(
            _("code-barres dont un tableur avait retiré les zéros du début : remis, son chiffre de contrôle le prouve")
        )
    elif raw == variant.sku and raw.isdigit() and not values.is_ean8(raw):
        notes.say(_("code-barres douteux : vendu sous ce code, sans EAN-13"))
    elif raw and raw != variant.sku and not values.is_ean8(raw):
        notes.say(_("code-barres douteux : vendu sans EAN-13"))


def read_weight(table: Table, cell: Cells, variant: VariantRecord, notes: Notes) -> None:
    unit = cell.get("unit", "").strip().lower()
    for column, implied_unit in (("grams", "g"), ("kilograms", "kg"), ("net_weight", unit), ("weight", unit)):
        raw = cell.get(column, "").strip()
        if not raw:
            continue
        if not implied_unit and "kg" in normalised(table.name(column)).split("_"):
            implied_unit = "kg"
        if not implied_unit and table.has("tax_rule"):
            implied_unit = "kg"  # PrestaShop's, as it is installed.
        content = cell.parse(column, values.quantity, unit=implied_unit)
        if content is None:
            notes.doubt(_("poids sans unité connue, non repris : écrivez « 500 g » ou une colonne « unite »"))
            continue
        quantity, kind = content
        if not quantity:
            continue
        if kind == "GRAM" or column != "weight":
            variant.fields["weight_g"] = values.whole_grams(quantity)
        if column == "net_weight" or (column == "weight" and unit):
            variant.defaults |= {"content_quantity": quantity.quantize(Decimal("0.001")), "content_unit": kind}
        return


def _read_unit_price(cell: Cells, variant: VariantRecord) -> None:
    """What a piece contains, by PrestaShop's price of a kilo: a piece at 9 € and a kilo at 18 € are 500 g."""
    unity, price = cell.get("unity", "").strip(), cell.get("net_price", "") or cell.get("price", "")
    if not unity or not cell.get("unit_price", "").strip(" 0.,") or not price.strip(" 0.,"):
        return
    try:
        content = values.quantity(unity if unity[:1].isdigit() else f"1 {unity}")
        per_unit, whole = values.net_price(cell["unit_price"]), values.net_price(price)
    except Refusal:
        return
    if content is not None:
        quantity = whole / per_unit * content[0]
        # Both prices are rounded: what is no whole number of grams is no proof.
        if (rounded := round(quantity)) and abs(quantity - rounded) <= quantity / 100:
            variant.defaults |= {"content_quantity": Decimal(rounded), "content_unit": content[1]}


def _category(table: Table, cell: Cells, notes: Notes) -> tuple[str, ...] | None:
    """« Épicerie salée/Apéritif », « Épicerie > Apéritif », or PrestaShop's « Accueil,Épicerie,Apéritif »."""
    if not table.has("category"):
        return (DEFAULT_CATEGORY,)
    raw = cell["category"]
    if normalised(table.name("category")).endswith("x_y_z"):
        names = [name for name in raw.split(",") if normalised(name) not in ROOTS]
        return checked_path(names or [DEFAULT_CATEGORY], notes)
    return checked_path((raw if ">" not in raw else raw.replace("/", " ").replace(">", "/")).split("/"), notes)


def _read_state(cell: dict[str, str], record: ProductRecord, notes: Notes) -> None:
    try:
        is_visible = values.truth(cell.get("state", ""))
    except Refusal as refusal:
        notes.doubt(_("état de publication non compris (%(why)s)") % {"why": refusal})
        return
    if is_visible is False:
        record.defaults["state"] = Product.State.DRAFT


def images_of(cells: list[str], notes: Notes) -> list[Image]:
    """Each address, or name of a file, once and in order; one that cannot be fetched is said and costs nothing else."""
    found: dict[str, Image] = {}
    for cell in cells:
        if names := values.image_names(cell):
            found |= {name.lower(): Image(name=name) for name in names if name.lower() not in found}
            continue
        for candidate in values.image_urls(cell):
            try:
                if url := values.image_url(candidate):
                    found.setdefault(url, Image(url=url))
            except Refusal as refusal:
                notes.say(str(refusal))
    return list(found.values())
