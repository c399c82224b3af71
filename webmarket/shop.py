"""The shop's identity, from the environment: for legal pages, e-mails, orders, payment instructions (LCEN art. 19)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured
from environ import Env


@dataclass(frozen=True)
class Fact:
    """One environment variable. `demo` is its default in a demo only; an `optional` one may be unset."""

    variable: str
    demo: str
    optional: bool = False


FACTS = {
    "name": Fact("SHOP_NAME", "WebMarket+"),
    "company": Fact("SHOP_COMPANY", "WebMarket SARL (démonstration)"),
    "capital": Fact("SHOP_CAPITAL", "10 000 €", optional=True),
    "registration": Fact("SHOP_REGISTRATION", "RCS Lyon 000 000 000"),
    "vat_number": Fact("SHOP_VAT_NUMBER", "FR00 000000000", optional=True),
    "address": Fact("SHOP_ADDRESS", "12 rue des Halles, 69002 Lyon, France"),
    "phone": Fact("SHOP_PHONE", "+33 4 00 00 00 00"),
    "email": Fact("SHOP_EMAIL", "bonjour@webmarket.example"),
    "publisher": Fact("SHOP_PUBLISHER", "La direction de WebMarket+"),
    "host": Fact("SHOP_HOST", "Amazon Web Services EMEA SARL, 38 avenue John F. Kennedy, L-1855 Luxembourg"),
    "mediator": Fact("SHOP_MEDIATOR", "Médiateur de la consommation (démonstration), 75000 Paris"),
    "iban": Fact("SHOP_IBAN", "FR76 0000 0000 0000 0000 0000 000", optional=True),
    "bic": Fact("SHOP_BIC", "DEMOFRPP", optional=True),
}
# Values that only the demo may print; the host of its pages can be a real shop's too.
INVENTED = {key: fact.demo for key, fact in FACTS.items() if key not in {"name", "capital", "host"}}
DEMO_SENDER = "WebMarket+ <bonjour@webmarket.example>"


def identity(env: Env, *, demo: bool) -> dict[str, str]:
    """Values by name; an optional one that is not set is the empty string.

    Raises ImproperlyConfigured outside a demo for a missing variable, a value of the demo, an invalid IBAN or BIC.
    """
    if demo:
        return {key: env.str(fact.variable, default=fact.demo) for key, fact in FACTS.items()}
    found = {key: env.str(fact.variable, default="").strip() for key, fact in FACTS.items()}
    if problems := list(_problems(found)):
        raise ImproperlyConfigured(
            "The shop does not say who it is. Outside DEMO these have no default; .env.example explains each:\n"
            + "\n".join(f"  {problem}" for problem in problems)
        )
    return found


def sender(env: Env, *, demo: bool) -> str:
    """The sender of e-mails. Outside a demo it has no default, and the demo's raises ImproperlyConfigured."""
    found = env.str("DEFAULT_FROM_EMAIL", default=DEMO_SENDER if demo else Env.NOTSET)
    if not demo and found == DEMO_SENDER:
        raise ImproperlyConfigured("DEFAULT_FROM_EMAIL holds the demo's invented sender.")
    return found


def _problems(found: dict[str, str]) -> Iterator[str]:
    for key, fact in FACTS.items():
        value = found[key]
        if not value and not fact.optional:
            yield f"{fact.variable} is not set."
        elif value and value == INVENTED.get(key):
            yield f"{fact.variable} holds the demo's invented value."
    if found["iban"] and found["iban"] != INVENTED["iban"] and not is_iban(found["iban"]):
        yield "SHOP_IBAN fails its check digits (ISO 13616)."
    if found["bic"] and not re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", found["bic"]):
        yield "SHOP_BIC is not a BIC of 8 or 11 characters (ISO 9362)."
    if bool(found["iban"]) != bool(found["bic"]):
        yield "SHOP_IBAN and SHOP_BIC come together; without both no bank transfer is offered."


def is_iban(text: str) -> bool:
    """Check digits of ISO 13616: letters as numbers, the first four characters last, remainder 1 by 97."""
    compact = re.sub(r"\s", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", compact):
        return False
    return int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4])) % 97 == 1
