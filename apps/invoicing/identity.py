"""Who sells: the one place where documents ask for the shop's identity. What it answers is stored in each document."""

import re
from dataclasses import dataclass

from apps.shop import identity

_TOWN = re.compile(r"^(\d{5})\s+(.+)$")
_SIREN = re.compile(r"(?<!\d)(\d{3})\s?(\d{3})\s?(\d{3})(?!\d)")


@dataclass(frozen=True)
class Seller:
    """As printed (art. 242 nonies A annexe II CGI, R123-237 C. com.). `siren` is nine digits, or empty."""

    name: str
    company: str
    capital: str
    registration: str
    siren: str
    vat_number: str
    line: str
    postcode: str
    city: str
    country: str
    email: str
    phone: str
    iban: str
    bic: str


def seller() -> Seller:
    shop = identity.current()
    line, postcode, city = (shop.street, shop.postcode, shop.city) if shop.street else _parts(shop.address)
    return Seller(
        name=shop.name,
        company=shop.company,
        capital=shop.capital,
        registration=shop.registration,
        siren=shop.siren or _siren(shop.registration),
        vat_number=re.sub(r"\s", "", shop.vat_number),
        line=line,
        postcode=postcode,
        city=city,
        country="FR",
        email=shop.email,
        phone=shop.phone,
        iban=re.sub(r"\s", "", shop.iban),
        bic=shop.bic,
    )


def _siren(registration: str) -> str:
    found = _SIREN.search(registration)
    return "".join(found.groups()) if found else ""


def _parts(postal_address: str) -> tuple[str, str, str]:
    """« 12 rue des Halles, 69002 Lyon, France » in line, postcode and town; all in the line when it names no town."""
    parts = [part.strip() for part in postal_address.split(",") if part.strip()]
    for index, part in enumerate(parts):
        if town := _TOWN.match(part):
            return ", ".join(parts[:index]), town[1], town[2]
    return postal_address, "", ""
