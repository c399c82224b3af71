"""The French merchant's list: one product a line, semicolons, decimal commas.

Its bar code names the product from one import to the next, whether or not it is a valid EAN-13: shops print codes of
their own, and a product whose code was mistyped can be sold all the same. Only a valid code is published as EAN-13;
the others are stored as the product's reference, with a warning.
"""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from apps.catalogue.models import Product
from apps.catalogue.models.product import VatClass
from apps.common.tabular.errors import Refusal
from apps.common.tabular.rows import Reject, Row, Warned
from apps.common.tabular.table import Table
from apps.imports.catalogue import values
from apps.imports.catalogue.checks import checked_stock, in_file
from apps.imports.catalogue.records import Image, Parsed, ProductRecord, VariantRecord

COLUMNS = {
    "code": ("code_barres", "code_barre", "ean", "ean13", "gencod", "code", "reference"),
    "name": ("nom", "libelle", "designation", "titre"),
    "description": ("description", "descriptif"),
    "category": ("rayon", "categorie"),
    "price": ("prix_ttc", "prix", "prix_vente_ttc"),
    "vat": ("tva", "taux_tva"),
    "stock": ("stock", "quantite"),
    "image": ("image_url", "image", "photo"),
}
REQUIRED = ("code", "name", "category", "price")


def recognises(header: list[str]) -> bool:
    table = Table(header, COLUMNS)
    return all(table.has(column) for column in ("code", "name", "price"))


def parse(header: list[str], rows: Iterator[Row], *, vat: VatClass) -> Iterator[Parsed]:
    """`vat` is for files without a column for it."""
    table = Table(header, COLUMNS)
    table.require(REQUIRED)
    yield from table.notices()
    once = in_file()
    for row in rows:
        warnings: list[str] = []
        try:
            record = _record(table, row, vat, warnings)
            once(_("code"), record.code, row)
            if ean := record.variants[0].fields.get("ean13"):
                once(_("code-barres"), ean, row)
        except Refusal as refusal:
            yield Reject(row, str(refusal))
            continue
        yield from (Warned(row.line, warning) for warning in warnings)
        yield record


def _record(table: Table, row: Row, vat: VatClass, warnings: list[str]) -> ProductRecord:
    cell = table.read(row)
    code = values.named(cell["code"], longest=80, what=_("code")).removeprefix("'")
    if not code:
        raise Refusal(_("code-barres manquant"))
    name = values.named(cell["name"], longest=200, what=_("nom"))
    if not name:
        raise Refusal(_("nom manquant"))
    variant = VariantRecord(row, code, price=values.price(cell["price"]), defaults=values.net_content(name))
    if table.has("stock"):
        variant.on_hand = checked_stock(cell["stock"], warnings)
    # A code that became doubtful does not wipe an EAN-13 that staff entered, so None is no statement.
    if ean := values.ean13(code):
        variant.fields["ean13"] = ean
    elif code.isdigit() and not values.is_ean8(code):
        warnings.append(_("code-barres douteux : vendu sous ce code, sans EAN-13"))
    record = ProductRecord(row, code, category=category_path(cell["category"]), variants=[variant])
    record.fields["name_fr"] = name
    record.defaults["state"] = Product.State.PUBLISHED
    if table.has("description"):
        record.fields["description_fr"] = values.described(cell["description"])
    if table.has("vat"):
        record.fields["vat_class"] = values.vat_class(cell["vat"])
    else:
        record.defaults["vat_class"] = vat
    try:
        if url := values.image_url(cell.get("image", "")):
            record.images.append(Image(url=url))
    except Refusal as refusal:
        warnings.append(str(refusal))
    return record


def category_path(raw: str) -> tuple[str, ...]:
    """A rayon's path, from the top: « Épicerie salée/Apéritif »."""
    path = tuple(name for part in raw.split("/") if (name := values.named(part, longest=120, what=_("nom de rayon"))))
    if not path:
        raise Refusal(_("rayon manquant"))
    if len(path) > 5:
        raise Refusal(_("rayon trop profond : %(depth)s niveaux, 5 au plus") % {"depth": len(path)})
    return path
