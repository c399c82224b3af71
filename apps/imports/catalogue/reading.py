"""How a file is read whose columns a person has chosen: what each column is, and what was asked beside it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from apps.catalogue.models import Product
from apps.catalogue.models.product import VatClass
from apps.common.errors import DomainError
from apps.imports.catalogue.labels import ROLES


class InvalidReading(DomainError):
    """Choices that contradict each other, or name what does not exist."""

    code = "invalid_reading"


class Key(StrEnum):
    """By what a line finds the product that it updates."""

    SKU = "sku"
    CODE = "code"
    EAN = "ean"
    SUPPLIER = "supplier"


class New(StrEnum):
    """What becomes of a line whose product the shop does not have."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SKIP = "skip"


class Missing(StrEnum):
    """What becomes of products that the supplier's earlier files had and this one has not."""

    LEAVE = "leave"
    DRAFT = "draft"
    ZERO = "zero"


class Role(StrEnum):
    """What a column is."""

    NONE = ""
    REFERENCE = "reference"
    CODE = "code"
    EAN = "ean"
    SUPPLIER = "supplier_reference"
    NAME = "name"
    DESCRIPTION = "description"
    SUMMARY = "summary"
    CATEGORY = "category"
    PRICE = "price"
    NET_PRICE = "net_price"
    SALE_PRICE = "sale_price"
    VAT = "vat"
    TAX_RULE = "tax_rule"
    STOCK = "stock"
    THRESHOLD = "threshold"
    STATE = "state"
    BRAND = "brand"
    WEIGHT = "weight"
    NET_WEIGHT = "net_weight"
    UNIT = "unit"
    OPTION = "option"
    IMAGE = "image"


# Several columns may be one of these: levels of rayons, options, pictures.
REPEATED = {Role.CATEGORY: 5, Role.OPTION: 3, Role.IMAGE: 20}
KEY_ROLES = {Key.SKU: Role.REFERENCE, Key.CODE: Role.CODE, Key.EAN: Role.EAN, Key.SUPPLIER: Role.SUPPLIER}
LEVELS = (">", "/", "|", ".", ",", "")
LISTS = ("", ",", ";", "|")
UNITS = ("", "g", "kg")


@dataclass(frozen=True, slots=True)
class Reading:
    """`columns` are roles by `column_keys`; `states` are the file's own words, folded; `rates` its own tax rules."""

    columns: Mapping[str, Role]
    key: Key = Key.SKU
    new: New = New.DRAFT
    missing: Missing = Missing.LEAVE
    has_header: bool = True
    charges_sale_price: bool = False
    weight_unit: str = ""
    levels: str = ">"
    lists: str = ""
    states: Mapping[str, str] = field(default_factory=dict)
    rates: Mapping[str, VatClass] = field(default_factory=dict)
    supplier: str = ""

    def of(self, role: Role) -> list[str]:
        return [key for key, chosen in self.columns.items() if chosen == role]

    def has(self, *roles: Role) -> bool:
        return any(role in roles for role in self.columns.values())

    def as_json(self) -> dict[str, Any]:
        return {
            "columns": {key: str(role) for key, role in self.columns.items() if role},
            "key": str(self.key),
            "new": str(self.new),
            "missing": str(self.missing),
            "has_header": self.has_header,
            "charges_sale_price": self.charges_sale_price,
            "weight_unit": self.weight_unit,
            "levels": self.levels,
            "lists": self.lists,
            "states": dict(self.states),
            "rates": {rule: str(rate) for rule, rate in self.rates.items()},
            "supplier": self.supplier,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Reading":
        """Raises InvalidReading for what no form of ours has stored."""
        try:
            return cls(
                columns={str(key): Role(role) for key, role in stored["columns"].items()},
                key=Key(stored["key"]),
                new=New(stored["new"]),
                missing=Missing(stored["missing"]),
                has_header=bool(stored["has_header"]),
                charges_sale_price=bool(stored["charges_sale_price"]),
                weight_unit=str(stored["weight_unit"]),
                levels=str(stored["levels"]),
                lists=str(stored["lists"]),
                states={str(word): str(Product.State(state)) for word, state in stored["states"].items()},
                rates={str(rule): VatClass(rate) for rule, rate in stored["rates"].items()},
                supplier=str(stored["supplier"]),
            )
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise InvalidReading(_("Ce choix de colonnes ne peut pas être lu : refaites-le.")) from error

    def check(self) -> None:
        """Raises InvalidReading with what to choose."""
        counted = Counter(role for role in self.columns.values() if role)
        for role, count in counted.items():
            if count > REPEATED.get(role, 1):
                raise InvalidReading(
                    _("« %(role)s » est choisi pour %(count)s colonnes : gardez-en %(most)s au plus.")
                    % {"role": ROLES[role], "count": count, "most": REPEATED.get(role, 1)}
                )
        if not counted:
            raise InvalidReading(_("Aucune colonne n’est choisie : dites au moins laquelle nomme le produit."))
        wanted = KEY_ROLES[self.key]
        if not counted[wanted]:
            raise InvalidReading(
                _("Les produits se retrouvent par « %(role)s », mais aucune colonne ne l’est.")
                % {"role": ROLES[wanted]}
            )
        if self.key == Key.SUPPLIER and not self.supplier:
            raise InvalidReading(_("Une référence du fournisseur n’est rien sans lui : donnez son nom."))
        if self.new != New.SKIP:
            lacking = [
                ROLES[role]
                for role, is_there in (
                    (Role.NAME, bool(counted[Role.NAME])),
                    (Role.PRICE, bool(counted[Role.PRICE] or counted[Role.NET_PRICE])),
                )
                if not is_there
            ]
            if lacking:
                raise InvalidReading(
                    _("Pour créer des produits il faut une colonne « %(roles)s ». Sinon, choisissez de ne rien créer.")
                    % {"roles": " », « ".join(map(str, lacking))}
                )
        if self.missing != Missing.LEAVE and not self.supplier:
            raise InvalidReading(
                _("Pour savoir ce qui manque au fichier, il faut le nom du fournisseur, d’un fichier à l’autre.")
            )
