"""The fields of a card that people fill in, listed once.

The page of a card, the API, lists that come and go as files, merging, search, exports of personal data and anonymising
follow from this list; a column of the model that is missing here fails a test.
"""

from dataclasses import dataclass
from enum import Enum, auto

MAX_TEXT = 5000


class Kind(Enum):
    LINE = auto()
    TEXT = auto()
    EMAIL = auto()
    PHONE = auto()
    DATE = auto()
    COLLEAGUE = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """`headings` are names of its column in files, the first one in exports; a field without any is in no file.

    `outlives`: anonymising leaves it, for statistics.
    """

    name: str
    kind: Kind = Kind.LINE
    headings: tuple[str, ...] = ()
    is_required: bool = False
    is_searched: bool = False
    outlives: bool = False

    @property
    def is_text(self) -> bool:
        return self.kind not in (Kind.DATE, Kind.COLLEAGUE)


# What a person enters about themselves.
CONTACT = (
    Field(
        "first_name",
        headings=(
            *("prénom", "first name", "firstname", "given name", "prénoms", "person - first name"),
            *("personne - prénom",),
        ),
        is_required=True,
        is_searched=True,
    ),
    Field(
        "last_name",
        headings=(
            *("nom", "nom de famille", "last name", "lastname", "family name", "surname", "name"),
            *("person - last name", "personne - nom de famille"),
        ),
        is_required=True,
        is_searched=True,
    ),
    Field(
        "email",
        Kind.EMAIL,
        headings=(
            *(
                "e-mail",
                "email",
                "adresse e-mail",
                "courriel",
                "mail",
                "email address",
                "adresse mail",
                "adresse email",
            ),
            *("adresse de messagerie", "adresse électronique", "e-mail address", "e-mail 1 - value", "person - email"),
            *("personne - e-mail", "adresses e-mail", "e-mails"),
        ),
        is_required=True,
        is_searched=True,
    ),
    Field(
        "phone",
        Kind.PHONE,
        headings=(
            *("téléphone", "tel", "mobile", "portable", "phone", "phone number", "tel portable", "téléphone portable"),
            *("téléphone mobile", "tel mobile", "mobile phone", "mobile phone number", "numéro de téléphone", "gsm"),
            *("phone 1 - value", "person - phone", "personne - téléphone", "sms", "n° de téléphone", "tél.", "n° tél"),
        ),
        is_searched=True,
    ),
    Field(
        "company",
        headings=(
            *("société", "entreprise", "company", "organisation", "company name", "raison sociale", "organization"),
            *("organization name", "organization 1 - name", "nom de l’entreprise", "associated company"),
            *("nom de l'entreprise", "person - organization", "personne - organisation", "entreprise associée"),
            *("organization - name", "organisation - nom", "nom de l'organisation"),
        ),
        is_searched=True,
    ),
    Field("source", headings=("origine", "source", "provenance", "original source", "source d'origine"), outlives=True),
    Field(
        "message",
        Kind.TEXT,
        headings=(
            *("message", "commentaire", "remarque", "note", "notes", "commentaires", "remarques", "observations"),
        ),
        is_searched=True,
    ),
)
# What the team notes.
FOLLOW_UP = (
    Field("assignee", Kind.COLLEAGUE, outlives=True),
    Field("next_action", headings=("prochaine action", "next action")),
    Field("next_action_date", Kind.DATE, headings=("date de la prochaine action", "next action date")),
)
FIELDS = {field.name: field for field in (*CONTACT, *FOLLOW_UP)}
EDITABLE = tuple(FIELDS)
SEARCHED = tuple(name for name, field in FIELDS.items() if field.is_searched)
