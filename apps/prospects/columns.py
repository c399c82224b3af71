"""What lists of people call their columns, and what a person says that the columns of a list are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _lazy

from apps.common.tabular.choice import Surveyed, check_choice, guess, is_email_like, is_phone_like
from apps.common.tabular.header import normalised
from apps.prospects.fields import CONTACT, FOLLOW_UP

STAGE = (
    *("étape", "statut", "status", "stage", "lead status", "statut du lead", "lifecycle stage"),
    *("phase du cycle de vie", "étape du cycle de vie", "person - label", "personne - étiquette"),
)
COLUMNS = {
    **{field.name: field.headings for field in CONTACT if field.headings},
    "stage": STAGE,
    **{field.name: field.headings for field in FOLLOW_UP if field.headings},
}
# What other programs split into several columns; read, and never written. As they document or write them:
# Pipedrive « Person - Email - Work » (support.pipedrive.com/en/article/contacts-people-and-organizations), Google
# « E-mail 1 - Value », Outlook « E-mail 2 Address », « Business Phone » (spstechnical.com/outlook_contacts_schema.htm),
# HubSpot « Phone number », « Lifecycle stage » (knowledge.hubspot.com, import of contacts), Brevo EMAIL, SMS, WHATSAPP,
# LANDLINE_NUMBER (help.brevo.com/hc/en-us/articles/208729849).
EMAILS = {
    "email_2": (
        *("e-mail 2 - value", "e-mail 2 address", "adresse de messagerie 2", "person - email - work"),
        *("personne - e-mail - professionnel", "personne - e-mail - travail", "email 2", "e-mail 2", "autre e-mail"),
        "work email",
    ),
    "email_3": (
        *("e-mail 3 - value", "e-mail 3 address", "adresse de messagerie 3", "person - email - home"),
        *("personne - e-mail - domicile", "email 3", "e-mail 3"),
    ),
    "email_4": ("person - email - other", "personne - e-mail - autre", "e-mail 4 - value"),
}
PHONES = {
    "phone_2": (
        *("person - phone - mobile", "personne - téléphone - mobile", "mobile phone", "mobile phone number"),
        *("téléphone mobile", "tél. mobile", "phone 2 - value", "portable", "mobile", "whatsapp", "other phone"),
    ),
    "phone_3": (
        *("person - phone - work", "personne - téléphone - professionnel", "personne - téléphone - travail"),
        *("business phone", "téléphone (bureau)", "téléphone bureau", "téléphone professionnel", "phone 3 - value"),
        *("business phone 2", "company main phone", "landline_number"),
    ),
    "phone_4": (
        *("person - phone - home", "personne - téléphone - domicile", "home phone", "téléphone (domicile)"),
        *("téléphone domicile", "primary phone", "fixe", "téléphone fixe", "person - phone - other"),
    ),
}
FULL_NAME = {
    "full_name": (
        *("nom complet", "nom et prénom", "nom prénom", "nom & prénom", "prénom nom", "prénom et nom", "full name"),
        *("display name", "person - name", "personne - nom", "contact", "contact name", "nom du contact", "client"),
    ),
}
READ = {**COLUMNS, **EMAILS, **PHONES, **FULL_NAME}
WORDS = frozenset(normalised(heading) for headings in READ.values() for heading in headings)
# Of what a person may say that several columns are it: the columns here, in their order.
SEVERAL = {"email": ("email", *EMAILS), "phone": ("phone", *PHONES)}
# In the order of the screen of columns.
LABELS = {
    "email": _lazy("adresse e-mail"),
    "first_name": _lazy("prénom"),
    "last_name": _lazy("nom de famille"),
    "full_name": _lazy("nom complet"),
    "phone": _lazy("téléphone"),
    "company": _lazy("société"),
    "stage": _lazy("étape"),
    "source": _lazy("origine"),
    "message": _lazy("message, note"),
    "next_action": _lazy("prochaine action"),
    "next_action_date": _lazy("date de la prochaine action"),
}


@dataclass(frozen=True, slots=True)
class ColumnsChoice:
    """What a person said: columns of ours by `column_keys`."""

    columns: Mapping[str, str]
    has_header: bool = True

    def as_json(self) -> dict[str, Any]:
        return {"columns": {key: name for key, name in self.columns.items() if name}, "has_header": self.has_header}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "ColumnsChoice":
        return cls({str(key): str(name) for key, name in stored["columns"].items()}, bool(stored["has_header"]))

    def check(self) -> None:
        """Raises InvalidChoice with what to choose."""
        check_choice(self.columns, LABELS, needs=["email"], several={name: len(SEVERAL[name]) for name in SEVERAL})


def guessed_choice(surveyed: Sequence[Surveyed], *, has_header: bool = True) -> ColumnsChoice:
    """What the screen begins with: by the names of the columns, then by what stands in them."""
    chosen = guess(surveyed, READ, {"email": is_email_like, "phone": is_phone_like}, has_header=has_header)
    whole = {place: name for name, places in SEVERAL.items() for place in places}
    return ColumnsChoice({key: whole.get(name, name) for key, name in chosen.items()}, has_header)
