"""Facts about the shop that the environment sets, and those that a demo invents.

The owner writes them in the back office (`apps.shop`). A variable wins over what is written there, and is displayed
there as such: for those who hold the shop's facts in Terraform.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured
from environ import Env

from apps.shop.numbers import is_bic, is_iban


@dataclass(frozen=True)
class Fact:
    """An environment variable, and what stands in its place in a demo only."""

    variable: str
    demo: str


FACTS = {
    "name": Fact("SHOP_NAME", "WebMarket+"),
    "company": Fact("SHOP_COMPANY", "WebMarket SARL (démonstration)"),
    "capital": Fact("SHOP_CAPITAL", "10 000 €"),
    "registration": Fact("SHOP_REGISTRATION", "RCS Lyon 000 000 000"),
    "vat_number": Fact("SHOP_VAT_NUMBER", "FR00 000000000"),
    "address": Fact("SHOP_ADDRESS", "12 rue des Halles, 69002 Lyon, France"),
    "phone": Fact("SHOP_PHONE", "+33 4 00 00 00 00"),
    "email": Fact("SHOP_EMAIL", "bonjour@webmarket.example"),
    "publisher": Fact("SHOP_PUBLISHER", "La direction de WebMarket+"),
    "host": Fact("SHOP_HOST", "Amazon Web Services EMEA SARL, 38 avenue John F. Kennedy, L-1855 Luxembourg"),
    "mediator": Fact("SHOP_MEDIATOR", "Médiateur de la consommation (démonstration), 75000 Paris"),
    "iban": Fact("SHOP_IBAN", "FR76 0000 0000 0000 0000 0000 000"),
    "bic": Fact("SHOP_BIC", "DEMOFRPP"),
    "sender": Fact("DEFAULT_FROM_EMAIL", "WebMarket+ <bonjour@webmarket.example>"),
}
# Values that only the demo may print; the host of its pages can be a real shop's too.
INVENTED = {key: fact.demo for key, fact in FACTS.items() if key not in {"name", "capital", "host"}}


def from_environment(env: Env, *, demo: bool) -> dict[str, str]:
    """What is set, by name.

    Raises ImproperlyConfigured outside a demo for a value of the demo, and for an IBAN or BIC that cannot be right.
    """
    found = {key: env.str(fact.variable, default="").strip() for key, fact in FACTS.items()}
    found = {key: value for key, value in found.items() if value}
    if not demo and (problems := list(_problems(found))):
        raise ImproperlyConfigured(
            "The shop's facts cannot be right; .env.example explains each:\n"
            + "\n".join(f"  {problem}" for problem in problems)
        )
    return found


def invented(*, demo: bool) -> dict[str, str]:
    """What stands where nobody says anything: nothing outside a demo."""
    return {key: fact.demo for key, fact in FACTS.items()} if demo else {}


def default_sender(found: dict[str, str], *, demo: bool, site_url: str) -> str:
    """Of messages that Django writes by itself; those of the shop have the sender of `apps.shop.identity`."""
    host = re.sub(r"^https?://|[:/].*$", "", site_url)
    return found.get("sender") or (FACTS["sender"].demo if demo else f"boutique@{host or 'localhost'}")


def _problems(found: dict[str, str]) -> Iterator[str]:
    for key, value in found.items():
        if value == INVENTED.get(key):
            yield f"{FACTS[key].variable} holds the demo's invented value."
    iban, bic = found.get("iban", ""), found.get("bic", "")
    if iban and iban != INVENTED["iban"] and not is_iban(iban):
        yield "SHOP_IBAN fails its check digits (ISO 13616)."
    if bic and bic != INVENTED["bic"] and not is_bic(bic):
        yield "SHOP_BIC is not a BIC of 8 or 11 characters (ISO 9362)."
    if bool(iban) != bool(bic):
        yield "SHOP_IBAN and SHOP_BIC come together; without both the account is the one of the back office."
