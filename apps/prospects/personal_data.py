"""Personal data of prospects: export and erasure (GDPR articles 15, 17 and 20)."""

from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.prospects.fields import CONTACT
from apps.prospects.models import Attachment, Merge, Prospect, ProspectEvent
from apps.prospects.services.attachments import delete_files

_FIELDS = (
    *(field.name for field in CONTACT),
    *("created_at", "last_contact_at", "consent_version", "consent_at", "consent_address", "deleted_at"),
)


def prospects_of(user: User) -> Any:
    """Prospects with an account's exact e-mail: who writes « name+tag » may be another person."""
    return Prospect.objects.filter(email=user.email)


def collect_prospects(*, user: User) -> list[dict[str, Any]]:
    """A person's prospects with the proof of consent, for an export."""
    return _rows(prospects_of(user))


def collect_prospects_by_email(*, email: str) -> list[dict[str, Any]]:
    """The prospects of an e-mail, for staff: also the cards that were merged with its cards."""
    numbers = list(Prospect.objects.filter(email=email).values_list("pk", flat=True))
    return _rows(Prospect.objects.filter(pk__in=one_person(numbers)))


def erase_prospects(*, email: str) -> int:
    """Delete every prospect of one person (RGPD art. 17), with their history; returns how many."""
    return delete_cards(list(Prospect.objects.filter(email=email).values_list("pk", flat=True)))


def delete_cards(numbers: list[int]) -> int:
    """Delete cards, those merged into them and those they were merged into, with notes, files and history."""
    everyone = one_person(numbers)
    with transaction.atomic():
        files = Attachment.objects.filter(prospect__in=everyone)
        delete_files(list(files.values_list("file", flat=True)))
        events = ProspectEvent.objects.filter(prospect__in=everyone)
        # The history is append-only, except for erasure.
        events._raw_delete(events.db)
        Prospect.objects.filter(pk__in=everyone).update(merged_into=None)
        Prospect.objects.filter(pk__in=everyone).delete()
    return len(everyone)


def one_person(numbers: list[int]) -> set[int]:
    """These cards and all that were merged with them, directly or through others, in either direction."""
    found, fresh = set(numbers), set(numbers)
    while fresh:
        linked: set[int] = set()
        for survivor, gone in Merge.objects.filter(survivor__in=fresh, undone_at=None).values_list("survivor", "gone"):
            linked |= {survivor, gone}
        for survivor, gone in Merge.objects.filter(gone__in=fresh, undone_at=None).values_list("survivor", "gone"):
            linked |= {survivor, gone}
        fresh = linked - found
        found |= fresh
    return found


def _rows(prospects: Any) -> list[dict[str, Any]]:
    cards = prospects.order_by("created_at", "pk").prefetch_related("notes", "attachments")
    return [
        {
            **{name: getattr(card, name) for name in _FIELDS},
            "stage": card.stage.code,
            "notes": [{"text": note.text, "at": note.created_at} for note in card.notes.all()],
            "files": [stored.name for stored in card.attachments.all()],
        }
        for card in cards.select_related("stage")
    ]
