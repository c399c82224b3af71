"""What the shop keeps about somebody who asked to be called or written to."""

from typing import Any

from apps.accounts.models import User
from apps.prospects.fields import CONTACT
from apps.prospects.models import Prospect
from apps.prospects.services.erase import one_person

_TOLD = (
    *(field.name for field in CONTACT),
    *("created_at", "last_contact_at", "consent_version", "consent_at", "consent_address", "deleted_at"),
)


def prospects_of(user: User) -> Any:
    """Prospects under an account's very address: whoever writes « name+tag » may be somebody else."""
    return Prospect.objects.filter(email=user.email)


def personal_data(user: User) -> list[dict[str, Any]]:
    """What somebody left us as a prospect, with the proof of consent, for an export."""
    return _told(prospects_of(user))


def data_of_address(email: str) -> list[dict[str, Any]]:
    """What is kept of an address, for the team: also the cards that were merged with its cards."""
    numbers = list(Prospect.objects.filter(email=email).values_list("pk", flat=True))
    return _told(Prospect.objects.filter(pk__in=one_person(numbers)))


def _told(prospects: Any) -> list[dict[str, Any]]:
    cards = prospects.order_by("created_at", "pk").prefetch_related("notes", "attachments")
    return [
        {
            **{name: getattr(card, name) for name in _TOLD},
            "stage": card.stage.code,
            "notes": [{"text": note.text, "at": note.created_at} for note in card.notes.all()],
            "files": [stored.name for stored in card.attachments.all()],
        }
        for card in cards.select_related("stage")
    ]
