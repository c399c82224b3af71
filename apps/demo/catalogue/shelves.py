"""Reads and validates the data files of the demo shop.

`data/shop.toml` has what rayons share; `data/<n>-<rayon>.toml` one rayon each, in the shop's order. A pair of texts is
always [French, English]; slugs, SKUs and EANs are derived from the names.
"""

import re
import tomllib
import zlib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from apps.catalogue.descriptions import from_text
from apps.catalogue.ean import with_check_digit
from apps.catalogue.models import Attribute, Variant
from apps.catalogue.models.product import VAT_RATES
from apps.catalogue.models.withdrawal import WithdrawalException
from apps.common.letters import slug_of
from apps.demo.catalogue.illustrations import render

DATA = Path(__file__).parent / "data"
Unit = Variant.ContentUnit
UNITS = {
    "g": (1, Unit.GRAM),
    "kg": (1000, Unit.GRAM),
    "ml": (1, Unit.MILLILITRE),
    "cl": (10, Unit.MILLILITRE),
    "l": (1000, Unit.MILLILITRE),
    "pièce": (1, Unit.PIECE),
    "pièces": (1, Unit.PIECE),
}
VAT_CLASSES = {rate: vat_class for vat_class, rate in VAT_RATES.items()}
IN_STORE_PREFIX = "20"
"""GS1 leaves 20 to 29 to each shop, so no product in the world carries these codes."""
Pair = tuple[str, str]


@dataclass(frozen=True)
class DemoVariant:
    sku: str
    ean13: str
    options: tuple[Pair, ...]
    price: Decimal
    """Regular, without the reduction."""
    reduced: Decimal | None
    reduced_for_days: int
    earlier_prices: tuple[tuple[int, Decimal], ...]
    """(days ago, price) of the ledger's older lines, oldest first; the last is the regular price."""
    content: tuple[Decimal, str] | None
    weight_g: int
    stock: int
    svg: str | None
    """Its own illustration, where it looks different from the product's."""


@dataclass(frozen=True)
class DemoProduct:
    code: str
    part: str
    brand: str
    name: Pair
    description: Pair
    vat_class: str
    origin: Pair
    facets: dict[str, tuple[str, ...]]
    manufacturer: str
    responsible: str
    warnings: Pair
    withdrawal_exception: str
    alt: Pair
    popularity: int
    options: tuple[Pair, ...]
    variants: tuple[DemoVariant, ...]
    svg: str

    @property
    def illustrations(self) -> list[tuple[str, DemoVariant | None]]:
        """Each different picture once: the product's, then those of the variants that look different."""
        found: dict[str, DemoVariant | None] = {self.svg: None}
        for variant in self.variants:
            if variant.svg:
                found.setdefault(variant.svg, variant)
        return list(found.items())


@dataclass(frozen=True)
class DemoRayon:
    name: Pair
    tint: str
    description: Pair
    parts: tuple[Pair, ...]
    products: tuple[DemoProduct, ...]


@dataclass(frozen=True)
class DemoAttribute:
    code: str
    name: Pair
    kind: str
    unit: str
    values: tuple[Pair, ...]


@dataclass(frozen=True)
class DemoShop:
    rayons: tuple[DemoRayon, ...]
    attributes: tuple[DemoAttribute, ...]
    operators: dict[str, tuple[str, str, str]]
    """Name, postal and electronic address."""
    synonyms: tuple[tuple[str, str, str], ...]
    """Language, what is typed, and what that finds as well; empty when all of it means the same."""

    @property
    def products(self) -> list[DemoProduct]:
        return [product for rayon in self.rayons for product in rayon.products]


@cache
def read_shop() -> DemoShop:
    """Reads nine files once. A mistake in them raises KeyError, TypeError or ValueError; tests read them all."""
    shared = tomllib.loads((DATA / "shop.toml").read_text(encoding="utf-8"))
    files = sorted(DATA.glob("[0-9]-*.toml"))
    return DemoShop(
        rayons=tuple(_rayon(tomllib.loads(path.read_text(encoding="utf-8"))) for path in files),
        attributes=tuple(
            DemoAttribute(
                code=code,
                name=_pair(given["name"]),
                kind=Attribute.Kind(given.get("kind", "CHOICE")),
                unit=given.get("unit", ""),
                values=tuple(_pair(value) for value in given.get("values", ())),
            )
            for code, given in shared["attributes"].items()
        ),
        operators={
            code: (given["name"], given["postal"], given["electronic"]) for code, given in shared["operators"].items()
        },
        synonyms=tuple(
            (given["language"], given.get("same") or given["typed"], given.get("found", ""))
            for given in shared["synonyms"]
        ),
    )


def _rayon(given: dict[str, Any]) -> DemoRayon:
    rayon = given["rayon"]
    tint = rayon["tint"]
    return DemoRayon(
        name=_pair(rayon["name"]),
        tint=tint,
        description=_pair(rayon["text"]),
        parts=tuple(_pair(part["name"]) for part in rayon["part"]),
        products=tuple(_product(product, tint, rayon.get("withdrawal", "")) for product in given["product"]),
    )


def _product(given: dict[str, Any], tint: str, withdrawal: str) -> DemoProduct:
    options = tuple(_pair(option) for option in given.get("options", ()))
    return DemoProduct(
        code=given["code"],
        part=given["in"],
        brand=given["brand"],
        name=_pair(given["name"]),
        description=(from_text(given["text"][0]), from_text(given["text"][1])),
        vat_class=VAT_CLASSES[Decimal(given["vat"])],
        origin=_pair(given["origin"]),
        facets={code: _values(value) for code, value in given["facets"].items()},
        manufacturer=given.get("manufacturer", ""),
        responsible=given.get("responsible", ""),
        warnings=_pair(given.get("warnings", ("", ""))),
        withdrawal_exception=WithdrawalException(given.get("withdrawal", withdrawal)),
        alt=_pair(given["alt"]),
        popularity=given["popularity"],
        options=options,
        variants=tuple(_variant(variant, given, len(options), tint) for variant in given["variants"]),
        svg=render(tint=tint, **given["picture"]),
    )


def _variant(given: dict[str, Any], product: dict[str, Any], options: int, tint: str) -> DemoVariant:
    texts = given.get("option", [])
    values = tuple(zip(texts[::2], texts[1::2], strict=True))
    if len(values) != options:
        raise ValueError(f"{product['code']}: {options} options, but {values}")
    sku = slug_of("-".join([product["code"], *(french for french, _english in values)])).upper()
    earlier = tuple((days, Decimal(amount)) for days, amount in given.get("before", ()))
    own = given.get("picture")
    return DemoVariant(
        sku=sku,
        ean13=with_check_digit(f"{IN_STORE_PREFIX}{zlib.crc32(sku.encode()):010}"),
        options=values,
        price=Decimal(given["price"]),
        reduced=Decimal(given["reduced"]) if "reduced" in given else None,
        reduced_for_days=given.get("since", 0),
        earlier_prices=earlier,
        content=_content(given["net"]) if "net" in given else None,
        weight_g=given["ship"],
        stock=given["stock"],
        svg=render(tint=tint, **{**product["picture"], **own}) if own else None,
    )


def _pair(texts: Any) -> Pair:
    french, english = texts
    return french, english


def _values(value: Any) -> tuple[str, ...]:
    if value is True:
        return ("oui",)
    return tuple(value) if isinstance(value, list) else (value,)


def _content(text: str) -> tuple[Decimal, str]:
    """« 75 cl » is 750 millilitres."""
    amount, unit = re.fullmatch(r"([\d.]+) (\w+)", text).groups()  # type: ignore[union-attr]
    factor, content_unit = UNITS[unit]
    return Decimal(amount) * factor, content_unit
