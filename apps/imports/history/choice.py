"""What a person said of a file of customers or orders, and with what the screen begins."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from apps.common.tabular.choice import InvalidChoice, Surveyed, check_choice, guess, is_email_like, is_phone_like
from apps.common.tabular.errors import Refusal
from apps.common.tabular.header import normalised
from apps.imports.history import values
from apps.imports.history.columns import CUSTOMERS, ENGLISH, LINE_ITEM, ORDERS
from apps.orders.models import PastOrder


class Kind(StrEnum):
    CUSTOMERS = "CUSTOMERS"
    ORDERS = "ORDERS"


# A column of WooCommerce that holds a product with its number of pieces; there are as many as an order has lines.
ITEMS = "items"
MOST_ITEMS = 200
# In the order of the screen.
LABELS = {
    "email": _lazy("adresse e-mail"),
    "first_name": _lazy("prénom"),
    "last_name": _lazy("nom de famille"),
    "name": _lazy("nom complet"),
    "phone": _lazy("téléphone"),
    "company": _lazy("société"),
    "line1": _lazy("rue"),
    "line2": _lazy("complément d’adresse"),
    "postcode": _lazy("code postal"),
    "city": _lazy("ville"),
    "country": _lazy("pays"),
    "recipient": _lazy("destinataire"),
    "delivered_to": _lazy("adresse de livraison entière"),
    "number": _lazy("numéro de commande"),
    "id": _lazy("identifiant de la commande dans l’ancienne boutique"),
    "source": _lazy("nom de l’ancienne boutique"),
    "placed_at": _lazy("date de la commande"),
    "status": _lazy("état de la commande"),
    "cancelled_at": _lazy("date d’annulation"),
    "payment": _lazy("moyen de paiement"),
    "currency": _lazy("monnaie"),
    "total": _lazy("total TTC"),
    "delivery_total": _lazy("frais de livraison TTC"),
    "refunded": _lazy("montant remboursé"),
    "item_name": _lazy("produit"),
    "item_sku": _lazy("référence du produit"),
    "item_quantity": _lazy("quantité"),
    "item_price": _lazy("prix unitaire TTC"),
    ITEMS: _lazy("produit et quantité dans une cellule (name:…|quantity:…)"),
}
NEEDS = {Kind.CUSTOMERS: ("email",), Kind.ORDERS: ("number", "placed_at", "total")}
COLUMNS = {Kind.CUSTOMERS: CUSTOMERS, Kind.ORDERS: ORDERS}
# Which number of a date comes first; « » where that is to be proved by the file.
DAY, MONTH = "day", "month"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}")
_AMOUNT = re.compile(r"\d[.,]\d{2}\b|€")


@dataclass(frozen=True, slots=True)
class HistoryChoice:
    """`columns` are ours by `column_keys`, `states` ours by the file's words, folded."""

    kind: Kind
    columns: Mapping[str, str]
    has_header: bool = True
    dates: str = ""
    states: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": str(self.kind),
            "columns": {key: column for key, column in self.columns.items() if column},
            "has_header": self.has_header,
            "dates": self.dates,
            "states": dict(self.states),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "HistoryChoice":
        """Raises InvalidChoice for what no form of ours has stored."""
        try:
            columns = {str(key): str(column) for key, column in stored["columns"].items()}
            if not set(columns.values()) <= set(LABELS):
                raise ValueError(columns)
            return cls(
                kind=Kind(stored["kind"]),
                columns=columns,
                has_header=bool(stored["has_header"]),
                dates=str(stored["dates"]),
                states={str(word): str(PastOrder.State(state)) for word, state in stored["states"].items()},
            )
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise InvalidChoice(_("Ce choix de colonnes ne peut pas être lu : refaites-le.")) from error

    def check(self) -> None:
        """Raises InvalidChoice with what to choose."""
        check_choice(self.columns, LABELS, needs=NEEDS[self.kind], several={ITEMS: MOST_ITEMS})


def guessed_choice(surveyed: Sequence[Surveyed], *, has_header: bool = True) -> HistoryChoice:
    """What the screen begins with: by the names of the columns, then by what stands in them."""
    orders = _guess(surveyed, Kind.ORDERS, has_header=has_header)
    is_orders = {"placed_at", "total"} <= set(orders.values())
    kind = Kind.ORDERS if is_orders else Kind.CUSTOMERS
    chosen = orders if is_orders else _guess(surveyed, kind, has_header=has_header)
    is_english = any(normalised(each.name) in ENGLISH for each in surveyed)
    return HistoryChoice(kind, chosen, has_header=has_header, dates="" if is_english else DAY)


def says_nothing(choice: HistoryChoice) -> bool:
    """Neither people nor orders are in sight: probably another file was meant."""
    return choice.kind is Kind.CUSTOMERS and "email" not in choice.columns.values()


def _guess(surveyed: Sequence[Surveyed], kind: Kind, *, has_header: bool) -> dict[str, str]:
    names = dict(COLUMNS[kind])
    # An order's number in words comes before the former shop's own.
    names = {name: names[name] for name in sorted(names, key=lambda name: name == "id")}
    tests: dict[str, Callable[[str], object]] = {"email": is_email_like, "phone": is_phone_like}
    if kind is Kind.ORDERS:
        tests = {"placed_at": _DATE.match, "total": _is_amount, **tests}
    chosen = guess(surveyed, names, tests, has_header=has_header)
    for each in surveyed:
        if re.fullmatch(rf"{LINE_ITEM}\d+", normalised(each.name)):
            chosen[each.key] = ITEMS
    return chosen


def _is_amount(cell: str) -> bool:
    try:
        values.amount(cell)
    except Refusal:
        return False
    return bool(_AMOUNT.search(cell))
