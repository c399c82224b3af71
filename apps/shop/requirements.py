"""What the law and the first order need before the shop opens."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.shop.identity import Identity
from apps.shop.models import CAPITAL_COMPANIES


@dataclass(frozen=True)
class Missing:
    """A fact that is missing: the field of `Shop`, and the sentence that says what needs it."""

    field: str
    sentence: str


def missing(identity: Identity) -> list[Missing]:
    return [Missing(field, sentence) for field, sentence in _missing(identity)]


def _missing(identity: Identity) -> Iterator[tuple[str, str]]:
    """In the order of the screen. LCEN is the loi n° 2004-575 of 21 June 2004, art. 1-1 and 19."""
    if not identity.is_named:
        yield "name", _("Le nom de la boutique : il est sur chaque page et dans chaque e-mail.")
    if not identity.company:
        yield "company", _("Le nom de l’entreprise : les mentions légales doivent dire qui vend (LCEN, art. 19).")
    if identity.legal_form in CAPITAL_COMPANIES and not identity.capital:
        yield (
            "capital",
            _("Le capital social : une société l’indique sur ses documents (code de commerce, art. R123-238)."),
        )
    if not (identity.siret or identity.registration):
        yield "siret", _("Le SIRET : un commerçant indique son numéro d’immatriculation (LCEN, art. 19).")
    if not (identity.vat_number or identity.vat_franchise):
        yield (
            "vat_number",
            _("Le numéro de TVA, ou la case « franchise en base » : les mentions légales et les prix en dépendent."),
        )
    if not identity.address:
        yield "street", _("L’adresse du siège : elle est due aux clients (LCEN, art. 19) et sert aux retours.")
    if not identity.phone:
        yield "phone", _("Un numéro de téléphone : il est dû aux clients (code de la consommation, art. L221-5).")
    if not identity.email:
        yield "email", _("Une adresse e-mail : elle est due aux clients (code de la consommation, art. L221-5).")
    if not identity.publisher:
        yield "publisher", _("Le directeur de la publication : un site le nomme (LCEN, art. 1-1).")
    if not identity.host:
        yield "host", _("L’hébergeur du site, avec son adresse et son téléphone (LCEN, art. 1-1).")
    if not identity.mediator:
        yield "mediator", _("Le médiateur de la consommation (code de la consommation, art. L616-1).")
