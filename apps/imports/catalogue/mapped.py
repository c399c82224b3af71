"""A list whose columns a person has chosen: one variant a line, and of each only what was chosen.

What stands in a cell is read as in a merchant's list; an empty cell leaves what the shop has.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from apps.catalogue.models import Product
from apps.catalogue.models.product import VatClass
from apps.common.letters import fold, slug_of
from apps.common.tabular.choice import column_keys
from apps.common.tabular.errors import Refusal
from apps.common.tabular.header import normalised
from apps.common.tabular.rows import Reject, Row, Warned
from apps.common.tabular.table import Cells, Table
from apps.imports.catalogue import merchant, merchant_columns, values
from apps.imports.catalogue.checks import (
    DEFAULT_CATEGORY,
    Notes,
    checked_description,
    checked_path,
    checked_stock,
    composed_sku,
    in_file,
    note_gift_card,
    note_restored,
    refuse_total,
    short_code,
)
from apps.imports.catalogue.reading import KEY_ROLES, Key, New, Reading, Role
from apps.imports.catalogue.records import Parsed, ProductRecord, VariantRecord

# The names by which a merchant's list calls what is read alike.
_NAMES = {
    Role.REFERENCE: "reference",
    Role.EAN: "ean",
    Role.NAME: "nom",
    Role.DESCRIPTION: "description",
    Role.SUMMARY: "resume",
    Role.PRICE: "prix_ttc",
    Role.NET_PRICE: "prix_ht",
    Role.VAT: "tva",
    Role.STOCK: "stock",
    Role.BRAND: "marque",
    Role.NET_WEIGHT: "contenance",
    Role.UNIT: "unite",
}
_WEIGHTS = {"": "poids", "g": "poids_g", "kg": "poids_kg"}
# What a merchant's list has not, and how its cells are called here.
_OWN = (Role.CODE, Role.SUPPLIER, Role.THRESHOLD, Role.SALE_PRICE, Role.TAX_RULE, Role.STATE)


@dataclass(slots=True)
class _Line:
    """The cells of a row by role; of roles that several columns may have, all of them."""

    row: Row
    cell: Cells
    own: dict[Role, str]
    categories: list[str]
    images: list[str]
    options: list[tuple[str, str]] = field(default_factory=list)


class _Layout:
    """Where in a row each role stands."""

    def __init__(self, header: list[str], reading: Reading) -> None:
        self.header, self.reading = header, reading
        keys = column_keys(header, has_header=reading.has_header)
        roles = [reading.columns.get(key, Role.NONE) for key in keys]
        names = {**_NAMES, Role.WEIGHT: _WEIGHTS[reading.weight_unit]}
        self.table = Table([names.get(role, "") for role in roles], merchant_columns.COLUMNS, titles=header)
        self._at = {role: [at for at, each in enumerate(roles) if each == role] for role in Role if role}
        self.lacking = sorted(key for key, role in reading.columns.items() if role and key not in keys)

    def read(self, row: Row) -> _Line:
        cell = self.table.read(row)

        def at(position: int) -> str:
            return row.cells[position].strip() if position < len(row.cells) else ""

        def all_of(role: Role) -> list[str]:
            return [at(position) for position in self._at[role]]

        return _Line(
            row,
            cell,
            own={role: next(iter(all_of(role)), "") for role in _OWN},
            categories=all_of(Role.CATEGORY),
            images=all_of(Role.IMAGE),
            options=[(self.header[position], at(position)) for position in self._at[Role.OPTION]],
        )


def parse(header: list[str], rows: Iterator[Row], *, vat: VatClass, reading: Reading) -> Iterator[Parsed]:
    """Lines of one product that follow each other are its variants. `vat` is for files without a rate."""
    layout = _Layout(header, reading)
    if layout.lacking:
        yield Warned(
            1, _("colonnes choisies et absentes du fichier : %(names)s") % {"names": ", ".join(layout.lacking)}
        )
    once = in_file()
    group: ProductRecord | None = None
    for row in rows:
        notes = Notes()
        try:
            refuse_total(row)
            line = layout.read(row)
            record = _record(layout, line, vat, notes)
            variant = record.variants[0]
            if group is not None and _is_grouped(reading) and group.code == record.code:
                _distinguish(group, variant, line, notes)
            _refuse_twice(once, variant, row)
        except Refusal as refusal:
            yield Reject.of(row, refusal)
            continue
        yield from notes.of(row)
        if group is not None and _is_grouped(reading) and group.code == record.code:
            _join(group, record)
            continue
        if group is not None:
            yield group
        group = record
    if group is not None:
        yield group


def _distinguish(group: ProductRecord, variant: VariantRecord, line: _Line, notes: Notes) -> None:
    """Several variants under one reference: the first has it, the others get their options' values behind it."""
    options = [value for _name, value in line.options if value]
    if options and variant.sku in {each.sku for each in group.variants}:
        was = variant.sku
        variant.sku = composed_sku(was, options, {each.sku for each in group.variants})
        if variant.match == (str(Key.SKU), was):
            variant.match = (str(Key.SKU), variant.sku)
        notes.say(_("même référence pour plusieurs modèles : les options la complètent"))


def _refuse_twice(once: Callable[[str, str, Row], None], variant: VariantRecord, row: Row) -> None:
    once(_("référence"), variant.sku, row)
    if ean := variant.fields.get("ean13"):
        once(_("code-barres"), ean, row)


def _is_grouped(reading: Reading) -> bool:
    return reading.has(Role.CODE, Role.OPTION)


def _join(group: ProductRecord, record: ProductRecord) -> None:
    """One more variant; what the first line left empty of the product, a later one may give."""
    group.variants += record.variants
    group.fields = {**record.fields, **group.fields}
    held = {image.url for image in group.images}
    group.images += [image for image in record.images if image.url not in held]
    group.category = group.category or record.category
    group.brand = group.brand or record.brand
    group.is_doubtful |= record.is_doubtful


def _record(layout: _Layout, line: _Line, vat: VatClass, notes: Notes) -> ProductRecord:
    reading, table, cell = layout.reading, layout.table, line.cell
    codes = {
        Role.REFERENCE: cell.parse("reference", values.identifier, longest=80, what=_("référence")),
        Role.EAN: cell.parse("ean", values.identifier, longest=80, what=_("code-barres")),
        Role.CODE: values.identifier(line.own[Role.CODE], longest=80, what=_("code")),
        Role.SUPPLIER: values.identifier(line.own[Role.SUPPLIER], longest=80, what=_("référence du fournisseur")),
    }
    name = cell.parse("name", values.named, longest=200, what=_("nom"))
    if restored := values.restored_ean(codes[Role.EAN]):
        codes[Role.EAN] = restored
        note_restored(notes)
    variant = VariantRecord(line.row, _sku(codes, line), defaults=values.net_content(name))
    record = ProductRecord(line.row, _code(codes, name, variant.sku, reading), variants=[variant])
    variant.match = (str(reading.key), _key(codes, reading))
    variant.supplier_reference = codes[Role.SUPPLIER]
    if name:
        record.fields["name_fr"] = name
        note_gift_card(name, notes)
    _read_amounts(layout, line, vat, record, notes)
    if table.has("stock"):
        variant.on_hand = cell.parse("stock", checked_stock, notes=notes)
    if threshold := line.own[Role.THRESHOLD]:
        variant.low_threshold = checked_stock(threshold, notes=notes)
    if codes[Role.EAN]:
        merchant.read_ean(variant, codes[Role.EAN], notes)
    merchant.read_weight(table, cell, variant, notes)
    _read_options(line, record, variant)
    record.category = _category(line, reading, notes)
    record.default_category = (DEFAULT_CATEGORY,)
    texts = [cell.get(column, "") for column in ("summary", "description")]
    if any(text.strip() for text in texts):
        record.fields["description_fr"] = checked_description(texts, notes)
    record.brand = cell.parse("brand", values.named, longest=120, what=_("marque")) or None
    record.images = merchant.images_of(line.images, notes)
    _read_state(line, reading, record, notes)
    record.is_doubtful = notes.are_doubts
    return record


def _sku(codes: dict[Role, str], line: _Line) -> str:
    own = codes[Role.REFERENCE] or codes[Role.EAN] or codes[Role.SUPPLIER]
    if own:
        return own
    options = [value for _name, value in line.options if value]
    if not codes[Role.CODE]:
        raise Refusal(_("référence manquante"))
    return composed_sku(codes[Role.CODE], options)


def _code(codes: dict[Role, str], name: str, sku: str, reading: Reading) -> str:
    if codes[Role.CODE]:
        return codes[Role.CODE]
    if reading.has(Role.OPTION) and name:
        return short_code(slug_of(name)) or sku
    return sku


def _key(codes: dict[Role, str], reading: Reading) -> str:
    """What the line is found by. An EAN that is none finds nothing, and would be taken for a new product."""
    code = codes[KEY_ROLES[reading.key]]
    if not code:
        raise Refusal(_("la ligne ne dit pas de quel produit elle parle : %(what)s vide") % {"what": _what(reading)})
    if reading.key == "ean":
        ean = values.ean13(code)
        if ean is None:
            raise Refusal(_("code-barres faux : « %(code)s » (chiffre de contrôle)") % {"code": code[:40]})
        return ean
    return code


def _what(reading: Reading) -> str:
    names = {"sku": _("référence"), "code": _("code"), "ean": _("code-barres"), "supplier": _("référence fournisseur")}
    return names[reading.key]


def _read_amounts(layout: _Layout, line: _Line, vat: VatClass, record: ProductRecord, notes: Notes) -> None:
    reading, table, cell, variant = layout.reading, layout.table, line.cell, record.variants[0]
    rate = _rate(layout, line)
    if cell.get("price", "").strip() or cell.get("net_price", "").strip():
        merchant.read_price(table, cell, rate, vat, variant, notes)
    elif reading.has(Role.PRICE, Role.NET_PRICE):
        notes.say(_("prix vide : celui de la boutique reste"))
    if raw := line.own[Role.SALE_PRICE]:
        sale = values.price(raw)
        if not reading.charges_sale_price:
            notes.say(_("prix promo non repris : ce n’est pas le prix le plus bas des 30 derniers jours"))
        elif variant.price is not None and sale > variant.price:
            raise Refusal(_("prix promotionnel au-dessus du prix courant"))
        else:
            variant.price = sale
    if rate is not None and not variant.is_price_doubtful:
        record.fields["vat_class"] = rate
    else:
        record.defaults["vat_class"] = rate or vat


def _rate(layout: _Layout, line: _Line) -> VatClass | None:
    if layout.table.has("vat") and line.cell["vat"].strip():
        return line.cell.parse("vat", values.vat_class)
    if rule := line.own[Role.TAX_RULE]:
        if rule not in layout.reading.rates:
            raise Refusal(
                _("règle de taxes « %(rule)s » : son taux n’est pas choisi à l’écran des colonnes")
                % {"rule": rule[:40]}
            )
        return layout.reading.rates[rule]
    return None


def _read_options(line: _Line, record: ProductRecord, variant: VariantRecord) -> None:
    for number, (name, value) in enumerate(line.options, 1):
        if value:
            record.fields[f"option{number}_name_fr"] = values.named(name, longest=60, what=_("nom d’option"))
            variant.fields[f"option{number}_fr"] = values.named(value, longest=80, what=_("valeur d’option"))


def _category(line: _Line, reading: Reading, notes: Notes) -> tuple[str, ...] | None:
    """The deepest of a cell's rayons; several columns are levels, from the top."""
    levels: list[str] = []
    for cell in line.categories:
        paths = [path for path in (cell.split(reading.lists) if reading.lists else [cell]) if path.strip()]
        if len(paths) > 1:
            notes.say(_("plusieurs rayons : le plus précis est repris, un produit n’en a qu’un"))
        split = [path.split(reading.levels) if reading.levels else [path] for path in paths]
        split.sort(key=len, reverse=True)
        levels += split[0] if split else []
    names = [name for name in levels if name.strip()]
    names = [name for name in names if normalised(name) not in merchant.ROOTS] or names
    return checked_path(names, notes) if names else None


def _read_state(line: _Line, reading: Reading, record: ProductRecord, notes: Notes) -> None:
    record.starts_as_draft = reading.new != New.PUBLISHED
    if not reading.has(Role.STATE):
        if not record.starts_as_draft:
            record.defaults["state"] = Product.State.PUBLISHED
        return
    raw = line.own[Role.STATE]
    state = reading.states.get(fold(raw))
    if state is None:
        try:
            is_visible = values.truth(raw)
        except Refusal as refusal:
            notes.doubt(_("état de publication non compris (%(why)s)") % {"why": refusal})
            return
        if is_visible is None:
            return
        state = Product.State.PUBLISHED if is_visible else Product.State.DRAFT
    record.fields["state"] = str(state)
