"""Our own export read back. Unlike the other formats it says everything of a product, so what it leaves out is removed:
images, attributes and texts that are not in the file. Products and variants that are not in the file stay.

An address of a page and the price ledger are taken over only with something new; existing products keep theirs, and a
price that differs from the regular one is a new price from now on.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from apps.catalogue.models import (
    Attribute,
    AttributeValue,
    Brand,
    Category,
    EconomicOperator,
    Product,
    ProductImage,
    Stock,
    Variant,
)
from apps.catalogue.models.product import VatClass
from apps.common.spreadsheets import unguard
from apps.common.tabular.errors import Refusal
from apps.common.tabular.rows import Reject, Row
from apps.common.tabular.table import Table
from apps.imports.catalogue import layout, values
from apps.imports.catalogue.checks import in_file
from apps.imports.catalogue.records import DefinitionRecord, Image, LedgerLine, Parsed, ProductRecord, VariantRecord

COLUMNS = {column: (name,) for column, name in layout.COLUMNS.items()}
REQUIRED = ("type", "code", "parent")
_SANITISED = {"description_fr", "description_en"}


def recognises(header: list[str]) -> bool:
    table = Table(header, COLUMNS)
    return all(table.has(column) for column in REQUIRED)


def parse(header: list[str], rows: Iterator[Row], *, vat: VatClass) -> Iterator[Parsed]:
    """`vat` is for a new product in a file without a column for it."""
    table = Table(header, COLUMNS)
    table.require(REQUIRED)
    yield from table.notices()
    once = in_file()
    product: ProductRecord | None = None
    for row in rows:
        try:
            cell = {column: unguard(text) for column, text in table.read(row).items()}
            kind, code, parent = cell["type"].strip(), cell["code"].strip(), cell["parent"].strip()
            if not code:
                raise Refusal(_("code manquant"))
            if kind == "modele":
                once(_("référence"), code, row)
                variant = _variant(row, code, cell, once)
                if product is None or product.code != parent:
                    if product:
                        yield product
                    product = ProductRecord(row, parent)
                product.variants.append(variant)
                continue
            if product:
                yield product
                product = None
            if kind == "produit":
                once(_("code"), code, row)
                product = _product(row, code, parent, cell, vat)
            else:
                once(f"{kind} {parent}" if kind == "valeur" else kind, code, row)
                yield _definition(row, kind, code, parent, cell)
        except Refusal as refusal:
            yield Reject.of(row, refusal)
    if product:
        yield product


def _definition(row: Row, kind: str, code: str, parent: str, cell: dict[str, str]) -> DefinitionRecord:
    match kind:
        case "rayon":
            columns = {**layout.COMMON, **layout.CATEGORY}
            columns.pop("slug_fr")
            fields = _fields(Category, columns, cell)
            _field(Category, "slug_fr", code, column="code")
        case "marque":
            fields = {"name": _field(Brand, "name", cell.get("name_fr", ""))}
            _field(Brand, "slug", code, column="code")
        case "caracteristique":
            fields = _fields(Attribute, ["name_fr", "name_en", *layout.ATTRIBUTE], cell)
            _field(Attribute, "code", code)
        case "valeur":
            fields = {
                "label_fr": _field(AttributeValue, "label_fr", cell.get("name_fr", "")),
                "label_en": _field(AttributeValue, "label_en", cell.get("name_en", "")),
                "number": _field(AttributeValue, "number", cell.get("number", "")),
            }
            _field(AttributeValue, "slug", code, column="code")
        case _:
            raise Refusal(
                _("type inconnu : « %(kind)s » (rayon, marque, caracteristique, valeur, produit ou modele)")
                % {"kind": kind[:40]}
            )
    return DefinitionRecord(row, kind, (parent, code), fields)


def _product(row: Row, code: str, category: str, cell: dict[str, str], vat: VatClass) -> ProductRecord:
    record = ProductRecord(row, _field(Product, "code", code), category_slug=category, is_complete=True)
    texts = ["name_fr", "name_en", *_SANITISED, *layout.OPTION_NAMES, "state", "published_at", "origin_fr", "origin_en"]
    record.fields = _fields(Product, [*texts, "safety_warnings_fr", "safety_warnings_en", "withdrawal_exception"], cell)
    record.defaults = {name: slug for name in ("slug_fr", "slug_en") if (slug := cell.get(name, ""))}
    for name, slug in record.defaults.items():
        _field(Product, name, slug)
    if "vat_class" in cell and (rate := values.vat_class(cell["vat_class"])) is not None:
        record.fields["vat_class"] = rate
    else:
        record.defaults["vat_class"] = vat
    if "brand" in cell:
        record.brand = _field(Brand, "name", cell["brand"]) if cell["brand"] else ""
    for name in ("manufacturer", "responsible_person"):
        if name in cell:
            record.operators[name] = _operator(cell[name])
    for pair in filter(None, cell.get("attributes", "").split("|")):
        attribute, colon, slug = pair.partition(":")
        if not colon:
            raise Refusal(_("caractéristique illisible : « %(pair)s » (code:valeur)") % {"pair": pair[:60]})
        record.attributes.append((attribute.strip(), slug.strip(), ""))
    record.images = [_image(described) for described in _json(cell.get("images", ""), list)]
    return record


def _variant(row: Row, sku: str, cell: dict[str, str], once: Callable[[str, str, Row], None]) -> VariantRecord:
    variant = VariantRecord(
        row, _field(Variant, "sku", sku, column="code"), price=values.price(cell.get("price", ""), may_be_zero=True)
    )
    columns = [*layout.OPTIONS, "position", "content_quantity", "content_unit", "weight_g", "is_active"]
    variant.fields = _fields(Variant, columns, cell)
    if "ean13" in cell:
        variant.fields["ean13"] = _field(Variant, "ean13", cell["ean13"].strip()) if cell["ean13"].strip() else None
        if cell["ean13"].strip():
            once(_("code-barres"), cell["ean13"], row)
    variant.on_hand = values.pieces(cell.get("on_hand", ""))
    if variant.on_hand is not None and variant.on_hand < 0:
        raise Refusal(_("stock négatif : %(count)s") % {"count": variant.on_hand})
    if cell.get("low_threshold", "").strip():
        variant.low_threshold = _field(Stock, "low_threshold", cell["low_threshold"])
    variant.ledger = [_ledger_line(line) for line in _json(cell.get("ledger", ""), list)]
    return variant


def _fields(model: type[Model], columns: Any, cell: dict[str, str]) -> dict[str, Any]:
    return {column: _field(model, column, cell[column]) for column in columns if column in cell}


def _field(model: type[Model], name: str, raw: str, *, column: str = "") -> Any:
    """The cell as the model's field parses and validates it."""
    field = model._meta.get_field(name)
    column = column or layout.COLUMNS.get(name, "code")
    value: Any = raw
    kind = field.get_internal_type()
    if "\ufffd" in raw:
        raise Refusal(_("« %(column)s » illisible : des caractères sont perdus") % {"column": column})
    if name in _SANITISED:
        value = values.sanitised(raw)
    elif kind == "BooleanField":
        if raw.strip().lower() not in ("oui", "non"):
            raise Refusal(
                _("« %(column)s » : écrire oui ou non, pas « %(raw)s »") % {"column": column, "raw": raw[:20]}
            )
        value = raw.strip().lower() == "oui"
    elif kind == "DecimalField":
        value = raw.strip().replace(",", ".") or None
    elif kind == "DateTimeField":
        value = _instant(raw) if raw.strip() else None
    elif kind.endswith("IntegerField"):
        value = raw.strip() or str(field.get_default())  # type: ignore[union-attr]
    try:
        return field.clean(value, None)  # type: ignore[union-attr]
    except ValidationError as error:
        raise Refusal(
            _("« %(column)s » : %(problem)s") % {"column": column, "problem": " ".join(error.messages)}
        ) from None


def _instant(raw: object) -> datetime:
    try:
        instant = parse_datetime(raw.strip()) if isinstance(raw, str) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise Refusal(_("date illisible : « %(raw)s » (2026-11-20T09:00:00+00:00)") % {"raw": str(raw)[:40]})
    return instant


def _json(raw: str, kind: type) -> Any:
    if not raw.strip():
        return kind()
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, kind):
        raise Refusal(_("cellule JSON illisible : « %(raw)s »") % {"raw": raw[:40]})
    return value


def _operator(raw: str) -> tuple[str, str, str] | None:
    if not raw.strip():
        return None
    parts = _json(raw, list)
    if len(parts) != 3 or not all(isinstance(part, str) for part in parts):
        raise Refusal(_("opérateur illisible : [nom, adresse postale, adresse électronique] attendu"))
    name, postal, electronic = parts
    return (
        _field(EconomicOperator, "name", name),
        _field(EconomicOperator, "postal_address", postal),
        _field(EconomicOperator, "electronic_address", electronic),
    )


def _image(described: object) -> Image:
    if not isinstance(described, dict):
        raise Refusal(_("image illisible : un objet JSON attendu"))

    def text(name: str, longest: int) -> str:
        value = described.get(name, "")
        if not isinstance(value, str) or len(value) > longest:
            raise Refusal(_("image illisible : « %(name)s »") % {"name": name})
        return value

    def size(name: str) -> int:
        value = described.get(name, 0)
        if not isinstance(value, int) or not 0 <= value <= 100_000:
            raise Refusal(_("image illisible : « %(name)s »") % {"name": name})
        return value

    renditions, state, file = described.get("renditions", []), text("state", 8), text("file", 100)
    if not isinstance(renditions, list) or (state and state not in ProductImage.State.values):
        raise Refusal(_("image illisible : « %(name)s »") % {"name": "state"})
    if file.startswith("/") or ".." in file.split("/") or "\\" in file:
        raise Refusal(
            _("image refusée : « %(file)s » n’est pas un nom de fichier de la boutique") % {"file": file[:80]}
        )
    return Image(
        url=values.image_url(text("url", 500)),
        file=file,
        alt_fr=text("alt_fr", 200),
        alt_en=text("alt_en", 200),
        sku=text("sku", 80),
        state=state,
        width=size("width"),
        height=size("height"),
        renditions=tuple(renditions),
        failure=text("failure", 200),
    )


def _ledger_line(line: object) -> LedgerLine:
    match line:
        case [str(instant), str(amount), "REGULAR" | "REDUCTION" as kind, str(reason)] if len(reason) <= 120:
            return LedgerLine(values.price(amount, may_be_zero=True), kind, _instant(instant), reason)
    raise Refusal(_("historique des prix illisible : [date, montant, nature, motif] attendus"))
