"""Etsy's list of listings: one row a listing, with the values of its variations but neither price nor stock of each.

Columns are those of « EtsyListingsDownload.csv » (Settings, Options, Download Data), of a real one and as programs that
read it list them: TITLE, DESCRIPTION, PRICE, CURRENCY_CODE, QUANTITY, TAGS, MATERIALS, IMAGE1 to IMAGE10, VARIATION 1
TYPE, NAME and VALUES, the same for 2 and, in some, 3, SKU.
"""

from collections.abc import Iterator

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
    checked_stock,
    in_file,
    note_gift_card,
    short_code,
)
from apps.imports.catalogue.merchant import images_of
from apps.imports.catalogue.records import Parsed, ProductRecord, VariantRecord

TAG = "etiquette"
_IMAGES = tuple(f"image{number}" for number in range(1, 11))
COLUMNS = {
    "title": ("TITLE",),
    "description": ("DESCRIPTION",),
    "price": ("PRICE",),
    "currency": ("CURRENCY_CODE", "CURRENCY CODE"),
    "quantity": ("QUANTITY",),
    "tags": ("TAGS",),
    "materials": ("MATERIALS",),
    "sku": ("SKU",),
    **{image: (image.upper(),) for image in _IMAGES},
    **{f"values{number}": (f"VARIATION {number} VALUES",) for number in (1, 2, 3)},
}
_UNDERSTOOD = tuple(f"VARIATION {number} {what}" for number in (1, 2, 3) for what in ("TYPE", "NAME"))


def recognises(header: list[str]) -> bool:
    table = Table(header, COLUMNS)
    return all(table.has(column) for column in ("title", "price", "currency", "materials"))


def parse(header: list[str], rows: Iterator[Row], *, vat: VatClass) -> Iterator[Parsed]:
    """`vat` is for all: Etsy's list has no rates."""
    table = Table(header, COLUMNS, understood=_UNDERSTOOD)
    yield from table.notices()
    once = in_file()
    for row in rows:
        notes = Notes()
        try:
            record = _record(row, table.read(row), vat, notes)
            once(_("code"), record.code, row)
        except Refusal as refusal:
            yield Reject.of(row, refusal)
            continue
        record.is_doubtful = notes.are_doubts
        yield from notes.of(row)
        yield record


def _record(row: Row, cell: Cells, vat: VatClass, notes: Notes) -> ProductRecord:
    name = cell.parse("title", values.named, longest=200, what=_("nom"))
    if not name:
        raise Refusal(_("nom manquant"))
    if (currency := cell["currency"].strip().upper()) not in ("", "EUR"):
        raise Refusal(_("prix en %(currency)s : la boutique vend en euros") % {"currency": currency[:8]})
    skus = [sku.strip() for sku in cell.get("sku", "").split(",") if sku.strip()]
    first = values.identifier(skus[0] if skus else "", longest=80, what=_("référence"))
    code = first or short_code(slug_of(name))
    if not code:
        raise Refusal(_("référence manquante"))
    variant = VariantRecord(row, code, price=cell.parse("price", values.price), defaults=values.net_content(name))
    variant.on_hand = cell.parse("quantity", checked_stock, notes=notes)
    record = ProductRecord(row, code, variants=[variant], category=(DEFAULT_CATEGORY,))
    record.fields |= {"name_fr": name, "description_fr": checked_description([cell.get("description", "")], notes)}
    record.defaults |= {"state": Product.State.PUBLISHED, "vat_class": vat}
    record.images = images_of([cell.get(image, "") for image in _IMAGES], notes)
    for column, attribute in (("tags", TAG), ("materials", "matiere")):
        for text in cell.get(column, "").split(","):
            label = values.named(text.replace("_", " "), longest=120, what=_("étiquette"))
            if slug := slug_of(label)[:80]:
                record.attributes.append((attribute, slug, label))
    if any("," in cell.get(f"values{number}", "") for number in (1, 2, 3)):
        notes.doubt(_("modèles non repris : Etsy n’en donne ni les prix ni les stocks. À compléter avant la vente"))
    note_gift_card(name, notes)
    return record
