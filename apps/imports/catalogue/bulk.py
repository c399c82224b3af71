"""One change of many products at once, as a list whose columns are chosen: an import like any other."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TextIO

from django.utils.translation import gettext as _

from apps.catalogue.models import Category, Product
from apps.catalogue.models.product import VatClass
from apps.common.letters import fold
from apps.common.money import ZERO, round_cents
from apps.common.tabular.choice import column_keys
from apps.imports.catalogue.reading import Key, New, Reading, Role


class Rounding(StrEnum):
    """To which prices a computed one is brought: the nearest that ends so, and never less than the lowest of them."""

    CENT = "cent"
    NINETY = "90"
    NINETY_FIVE = "95"
    NINETY_NINE = "99"
    EURO = "euro"

    def of(self, amount: Decimal) -> Decimal:
        if self == Rounding.CENT:
            return round_cents(amount)
        ending = Decimal(0) if self == Rounding.EURO else Decimal(self.value) / 100
        euros = (amount - ending).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        lowest = Decimal(1) if self == Rounding.EURO else Decimal(0)
        return max(euros, lowest) + ending + ZERO


class By(StrEnum):
    SET = "set"
    PERCENT = "percent"
    EUROS = "euros"


@dataclass(frozen=True, slots=True)
class PriceChange:
    """`amount`: the new price (TTC), or what is added to the regular one, in per cent or in euros; negative too."""

    by: By
    amount: Decimal
    rounding: Rounding = Rounding.CENT

    def of(self, price: Decimal) -> Decimal:
        """The new price; zero or less where the change takes too much away, which no import writes.

        Rounding never turns a rise into a lower price, nor the other way round.
        """
        match self.by:
            case By.SET:
                return round_cents(self.amount)
            case By.PERCENT:
                exact = price * (100 + self.amount) / 100
            case By.EUROS:
                exact = price + self.amount
        if exact <= ZERO:
            return round_cents(exact)
        rounded = self.rounding.of(exact)
        if exact >= price > rounded:
            return rounded + 1
        if exact <= price < rounded:
            return rounded - 1 if rounded > 1 else round_cents(exact)
        return rounded


@dataclass(frozen=True, slots=True)
class BulkChange:
    """What becomes of every chosen product; None leaves what it has.

    A variant that is announced at a reduced price keeps it, unless `ends_reductions`: a new regular price ends them.
    """

    price: PriceChange | None = None
    ends_reductions: bool = False
    low_threshold: int | None = None
    vat_class: VatClass | None = None
    category: Category | None = None
    state: Product.State | None = None

    @property
    def is_empty(self) -> bool:
        return self.price is None and self.low_threshold is None and not self.is_of_products

    @property
    def is_of_products(self) -> bool:
        """Something that all variants of a product share: one line for each product says it."""
        return any((self.vat_class, self.category, self.state))

    def roles(self) -> dict[str, Role]:
        """The columns of the list, in order: their names with what each is."""
        levels = range(1, self.category.depth + 1) if self.category else ()
        given = {
            _("référence"): Role.REFERENCE,
            _("code"): Role.CODE,
            _("prix TTC"): Role.PRICE if self.price else Role.NONE,
            _("seuil de stock"): Role.THRESHOLD if self.low_threshold is not None else Role.NONE,
            _("TVA"): Role.VAT if self.vat_class else Role.NONE,
            _("publication"): Role.STATE if self.state else Role.NONE,
            **{_("rayon, niveau %(level)d") % {"level": level}: Role.CATEGORY for level in levels},
        }
        return {name: role for name, role in given.items() if role}

    def reading(self) -> Reading:
        """How the list is to be read: only these columns, by reference, creating nothing."""
        roles = self.roles()
        return Reading(
            columns=dict(zip(column_keys(list(roles)), roles.values(), strict=True)),
            key=Key.SKU,
            new=New.SKIP,
            levels="",
            states={fold(str(state.label)): str(state) for state in Product.State},
        )


@dataclass(frozen=True, slots=True)
class ChosenVariant:
    sku: str
    code: str
    regular_price: Decimal
    is_reduced: bool


def write_list(stream: TextIO, change: BulkChange, variants: Iterable[ChosenVariant]) -> tuple[int, int]:
    """Write the list; returns the number of its lines, and of variants left out because they are at a reduced price.

    Open `stream` with newline="". Variants come product by product.
    """
    roles = change.roles()
    writer = csv.writer(stream, delimiter=";")
    writer.writerow(roles)
    left = lines = 0
    same = {
        Role.THRESHOLD: str(change.low_threshold),
        Role.VAT: change.vat_class.label if change.vat_class else "",
        Role.STATE: change.state.label if change.state else "",
    }
    levels = list(_levels(change.category)) if change.category else []
    written = ""
    for variant in variants:
        keeps_price = change.price is not None and variant.is_reduced and not change.ends_reductions
        left += keeps_price
        price = "" if change.price is None or keeps_price else f"{change.price.of(variant.regular_price):f}"
        is_of_variant = bool(price) or change.low_threshold is not None
        is_of_product = change.is_of_products and variant.code != written
        if not is_of_variant and not is_of_product:
            continue
        own = {Role.REFERENCE: variant.sku, Role.CODE: variant.code, Role.PRICE: price.replace(".", ",")}
        cells = [own.get(role, same.get(role, "")) for role in roles.values() if role != Role.CATEGORY]
        writer.writerow([*cells, *levels])
        written = variant.code
        lines += 1
    return lines, left


def _levels(category: Category) -> Iterator[str]:
    yield from (above.name_fr for above in Category.objects.get_ancestors(category))
    yield category.name_fr
