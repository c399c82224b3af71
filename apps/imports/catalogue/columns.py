"""What the columns of an unknown file look like: by their names, in French or English, and by what stands in them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from apps.common.letters import fold
from apps.common.tabular.choice import SURVEYED_ROWS, survey
from apps.common.tabular.errors import Refusal
from apps.common.tabular.header import normalised
from apps.common.tabular.rows import Row
from apps.common.tabular.table import REJECT_LINE, REJECT_REASON
from apps.imports.catalogue import merchant, merchant_columns, values
from apps.imports.catalogue.reading import REPEATED, Key, Reading, Role

# Names of columns beyond those that are read without asking.
_NAMES: dict[Role, tuple[str, ...]] = {
    Role.CODE: (
        *("code_parent", "reference_parent", "ref_parent", "parent", "parent_sku", "code_modele", "handle"),
        *("product_group", "item_group_id", "groupe_de_modeles", "modele_parent", "style", "code_style"),
        *("code_du_produit", "product_code"),
    ),
    Role.SUPPLIER: (
        *("reference_fournisseur", "ref_fournisseur", "ref_fourn", "code_fournisseur", "supplier_reference"),
        *("supplier_sku", "supplier_code", "vendor_sku", "mpn", "reference_fabricant", "ref_fabricant"),
    ),
    Role.SALE_PRICE: (
        *("prix_promo", "prix_promo_ttc", "prix_promotionnel", "prix_solde", "prix_barre", "prix_remise"),
        *("sale_price", "special_price", "prix_reduit", "prix_apres_remise", "tarif_promo", "promo"),
    ),
    Role.THRESHOLD: (
        *("seuil", "seuil_stock", "seuil_de_stock", "seuil_d_alerte", "stock_minimum", "stock_mini", "stock_min"),
        *("low_stock_amount", "low_stock_threshold", "reorder_point", "minimum_stock", "safety_stock"),
    ),
    Role.OPTION: (
        *("taille", "couleur", "pointure", "size", "color", "colour", "coloris", "teinte", "parfum", "gout"),
        *("saveur", "declinaison", "variante", "format", "conditionnement", "option", "option_1", "option_2"),
        *("variation_name", "variation", "option_value_1", "option_value_2", "attribut", "attribute"),
    ),
    Role.CATEGORY: (
        *("sous_famille", "sous_rayon", "sous_categorie", "subcategory", "univers", "gamme", "collection", "segment"),
        *("famille_1", "famille_2", "niveau_1", "niveau_2", "niveau_3", "categorie_1", "categorie_2", "categorie_3"),
    ),
    Role.IMAGE: ("image_3", "image_4", "image_5", "photo_3", "photo_4", "photo_5", "image_url_2", "lien_photo"),
}
_OF_MERCHANT = {
    "ean": Role.EAN,
    "reference": Role.REFERENCE,
    "id": Role.REFERENCE,
    "name": Role.NAME,
    "description": Role.DESCRIPTION,
    "summary": Role.SUMMARY,
    "category": Role.CATEGORY,
    "price": Role.PRICE,
    "net_price": Role.NET_PRICE,
    "vat": Role.VAT,
    "tax_rule": Role.TAX_RULE,
    "stock": Role.STOCK,
    "state": Role.STATE,
    "brand": Role.BRAND,
    "weight": Role.WEIGHT,
    "kilograms": Role.WEIGHT,
    "grams": Role.WEIGHT,
    "net_weight": Role.NET_WEIGHT,
    "unit": Role.UNIT,
    **dict.fromkeys(merchant_columns.IMAGES, Role.IMAGE),
}
_ROLE_OF_NAME = {name: role for role, names in _NAMES.items() for name in names} | {
    name: role for column, role in _OF_MERCHANT.items() for name in merchant_columns.COLUMNS[column]
}
# What a supplier is paid is nobody's price here; nor is a sum or a margin.
_COSTS = {"achat", "cout", "cost", "revient", "marge", "margin", "remise", "fournisseur", "total", "purchase", "depot"}
_PRICES = {"prix", "pv", "pu", "tarif", "price", "montant", "ppc", "pvc", "pvp", "vente", "public"}
_NET = {"ht", "net", "excl", "exclu", "hors"}
# One telling word within a name of several.
_WORDS: dict[str, Role] = {
    **dict.fromkeys(("ean", "ean13", "gencod", "gtin", "barres", "barcode", "upc"), Role.EAN),
    **dict.fromkeys(("designation", "libelle", "intitule", "denomination"), Role.NAME),
    **dict.fromkeys(("description", "descriptif"), Role.DESCRIPTION),
    **dict.fromkeys(("categorie", "famille", "rayon", "category"), Role.CATEGORY),
    **dict.fromkeys(("tva", "vat"), Role.VAT),
    **dict.fromkeys(("stock", "quantite", "qte", "dispo", "quantity"), Role.STOCK),
    **dict.fromkeys(("image", "photo", "visuel", "picture"), Role.IMAGE),
    **dict.fromkeys(("marque", "brand", "fabricant"), Role.BRAND),
    **dict.fromkeys(("poids", "weight"), Role.WEIGHT),
    **dict.fromkeys(("reference", "ref", "sku"), Role.REFERENCE),
    **dict.fromkeys(("nom", "name", "titre", "title"), Role.NAME),
}
_DECIMALS = re.compile(r"\d[.,]\d{2}\s*(?:€|eur)?$|€", re.I)
_WHOLE = re.compile(r"^[+-]?\d{1,6}(?:[.,]0+)?$")
_CODE = re.compile(r"^[\w./+-]{2,40}$")
_PICTURE = re.compile(
    r"https?://\S+\.(?:jpe?g|png|webp|gif|avif)(?:\?|$|[\s,;|])|https?://\S*(?:image|img|media)", re.I
)


@dataclass(slots=True)
class Column:
    """`words` are all that stand in it, where they are few; `is_sure` says that its name, not its content, told."""

    key: str
    name: str
    samples: list[str]
    words: list[str]
    role: Role = Role.NONE
    is_sure: bool = False


def survey_columns(header: Sequence[str], rows: Iterable[Row]) -> list[Column]:
    """Each column with what it probably is, from the first lines."""
    surveyed = survey(header, rows)
    columns = [Column(each.key, each.name, each.samples, each.words) for each in surveyed]
    _guess(columns, [each.cells for each in surveyed])
    return columns


def why_ask(header: Sequence[str], rows: Iterable[Row]) -> str:
    """Why a list whose columns are known is not read without asking a person, or nothing.

    Lines of one name that differ in a size or a colour are variants of one product, and not as many products; a rule of
    taxes that a shop has made itself says no rate.
    """
    names = [normalised(name) for name in header]
    apart = [at for at, name in enumerate(names) if name in _NAMES[Role.OPTION] or name in _NAMES[Role.CODE]]
    titles = [at for at, name in enumerate(names) if name in merchant_columns.COLUMNS["name"]]
    rules = [at for at, name in enumerate(names) if name in merchant_columns.COLUMNS["tax_rule"]]
    rates = [at for at, name in enumerate(names) if name in merchant_columns.COLUMNS["vat"]]
    if not apart and not (rules and not rates):
        return ""
    seen: dict[str, tuple[str, ...]] = {}
    for row in islice(rows, SURVEYED_ROWS):
        cells = [cell.strip() for cell in row.cells] + [""] * len(header)
        differs = tuple(cells[at] for at in apart)
        title = cells[titles[0]] if titles and any(differs) else ""
        if title and seen.setdefault(title, differs) != differs:
            return _("Plusieurs lignes portent le nom « %(name)s » et diffèrent par « %(columns)s ».") % {
                "name": title[:60],
                "columns": " », « ".join(header[at] for at in apart),
            }
        if rules and not rates and (rule := cells[rules[0]]) and rule not in merchant.TAX_RULES:
            return _("La règle de taxes « %(rule)s » est la vôtre : dites son taux.") % {"rule": rule[:40]}
    return ""


def guessed_reading(columns: Sequence[Column], *, has_header: bool = True) -> Reading:
    """What the screen begins with."""
    chosen = {column.key: column.role for column in columns}
    roles = set(chosen.values())
    by = ((Role.REFERENCE, Key.SKU), (Role.EAN, Key.EAN), (Role.SUPPLIER, Key.SUPPLIER), (Role.CODE, Key.CODE))
    key = next((key for role, key in by if role in roles), Key.SKU)
    return Reading(
        columns=chosen,
        key=key,
        has_header=has_header,
        weight_unit=_weight_unit(columns),
        levels=_levels(columns),
    )


def _guess(columns: list[Column], cells: list[list[str]]) -> None:
    names = [normalised(column.name) for column in columns]
    ours = {normalised(REJECT_LINE), normalised(REJECT_REASON)}
    for column, name in zip(columns, names, strict=True):
        if name in ours:
            column.is_sure = True
            continue
        column.role = _by_name(name)
        column.is_sure = bool(column.role)
    _thin_out(columns)
    for column, found in zip(columns, cells, strict=True):
        if not column.is_sure and found and not _is_cost(normalised(column.name)):
            column.role = _by_content(found, {each.role for each in columns})
    _thin_out(columns)


def _by_name(name: str) -> Role:
    if name in _ROLE_OF_NAME:
        return _ROLE_OF_NAME[name]
    parts = set(name.split("_"))
    if _is_cost(name):
        return Role.NONE
    if parts & _PRICES:
        return Role.NET_PRICE if parts & _NET else Role.PRICE
    return next((role for word, role in _WORDS.items() if word in parts), Role.NONE)


def _is_cost(name: str) -> bool:
    return bool(set(name.split("_")) & _COSTS) and name not in _ROLE_OF_NAME


def _thin_out(columns: list[Column]) -> None:
    """Of several columns for one role, the first that holds anything has it."""
    for role in Role:
        rivals = [column for column in columns if column.role == role and role]
        # Another program's own number names a product only where nothing else does.
        rivals.sort(
            key=lambda column: (
                not column.samples,
                not column.is_sure,
                normalised(column.name) in merchant_columns.COLUMNS["id"],
            )
        )
        for column in rivals[REPEATED.get(role, 1) :]:
            column.role = Role.NONE


def _by_content(found: Sequence[str], taken: set[Role]) -> Role:
    def share(test: re.Pattern[str]) -> float:
        return sum(1 for text in found if test.search(text)) / len(found)

    distinct = len(set(found)) / len(found)
    candidates = (
        (Role.EAN, sum(1 for text in found if values.ean13(text)) / len(found) > 0.7),
        (Role.IMAGE, share(_PICTURE) > 0.7),
        (Role.VAT, len(set(found)) <= 5 and all(map(_is_rate, set(found)))),
        (Role.PRICE, share(_DECIMALS) > 0.2 and sum(map(_is_price, found)) / len(found) > 0.8),
        (Role.DESCRIPTION, sum(map(len, found)) / len(found) > 90),
        (Role.STATE, len(set(found)) <= 3 and all(map(_is_flag, set(found)))),
        (
            Role.NAME,
            distinct > 0.7
            and sum(1 for text in found if re.search(r"[^\W\d]{3,}", text)) / len(found) > 0.8
            and sum(1 for text in found if " " in text) / len(found) > 0.4,
        ),
        (Role.REFERENCE, distinct > 0.98 and len(found) > 1 and share(_CODE) > 0.95 and not share(_WHOLE) > 0.95),
        (Role.STOCK, len(found) > 1 and sum(1 for text in found if _WHOLE.fullmatch(text)) == len(found)),
    )
    return next((role for role, fits in candidates if fits and (role not in taken or role in REPEATED)), Role.NONE)


def _is_rate(text: str) -> bool:
    try:
        values.vat_class(text)
    except Refusal:
        return False
    # « 20 » pieces are no rate.
    return "%" in text or text.replace(",", ".").rstrip("0").rstrip(".") in ("5.5", "20", "10", "2.1", "0.055", "0.2")


def _is_price(text: str) -> bool:
    try:
        values.price(text, may_be_zero=True)
    except Refusal:
        return False
    return True


def _is_flag(text: str) -> bool:
    try:
        return values.truth(text) is not None and not text.isdigit()
    except Refusal:
        return False


def _weight_unit(columns: Sequence[Column]) -> str:
    for column in columns:
        if column.role == Role.WEIGHT and any(each.role == Role.TAX_RULE for each in columns):
            return "kg"  # PrestaShop's, as it is installed.
        if column.role == Role.WEIGHT:
            parts = set(normalised(column.name).split("_"))
            if parts & {"kg", "kilos", "kilogrammes"}:
                return "kg"
            if parts & {"g", "gr", "grammes", "grams"}:
                return "g"
    return ""


def _levels(columns: Sequence[Column]) -> str:
    if any(column.role == Role.CATEGORY and normalised(column.name).endswith("x_y_z") for column in columns):
        return ","  # PrestaShop's « Accueil,Épicerie,Miels ».
    samples = [text for column in columns if column.role == Role.CATEGORY for text in column.samples]
    return next((sign for sign in (">", "/", "|") if any(sign in fold(text) for text in samples)), ">")
