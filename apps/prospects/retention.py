"""Retention of prospects who never became customers (GDPR art. 5 § 1 e).

Three years after the last contact, as the CNIL's guidance on commercial management says, the team is notified; 30 days
later the card is anonymised. A contact is an action of the person or of the team: the form, a note, a move, the
conversion to a customer. The notice names the person, so that somebody can still write to them.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.common import outbox
from apps.common.documents import documents
from apps.prospects.emails import TeamEmail
from apps.prospects.fields import FIELDS
from apps.prospects.models import Attachment, Merge, Note, Prospect, ProspectEvent, ProspectImport
from apps.prospects.personal_data import delete_cards, one_person
from apps.prospects.services.attachments import delete_files
from apps.prospects.services.delete import RESTORABLE
from apps.prospects.services.history import Author, Kind, note
from apps.prospects.services.mentions import team

UNHEARD_OF_RETENTION = timedelta(days=3 * 365 + 1)
NOTICE = timedelta(days=30)
UNCONFIRMED_IMPORT_RETENTION = timedelta(days=7)


def warn_of_the_end(*, now: datetime, limit: int = 200) -> int:
    """Notify the assignee of a card, or the whole team, that it will be anonymised; returns how many cards.

    A repeat skips those already notified of; a contact in between restarts the three years.
    """
    with transaction.atomic(durable=True):
        due = _unheard_of(now).filter(warned_at=None).order_by("pk")
        cards = list(due.select_for_update(of=("self",), skip_locked=True).select_related("assignee")[:limit])
        for card in cards:
            card.warned_at = now
            note(card, Kind.WARNED, Author(), now)
        Prospect.objects.filter(pk__in=[card.pk for card in cards]).update(warned_at=now)
        colleagues = list(team())
        for user in colleagues:
            theirs = [card for card in cards if _is_notified(user, card, colleagues)]
            if theirs:
                outbox.enqueue(
                    kind=TeamEmail.RETENTION,
                    key=f"retention-{user.pk}-{theirs[0].pk}-{len(theirs)}",
                    object_id=user.pk,
                    language=user.language,
                    now=now,
                )
    return len(cards)


def anonymise_unheard_of(*, now: datetime, limit: int = 200) -> int:
    """Anonymise the cards whose notice is over and that had no contact since; returns how many.

    Stage, source and dates stay, for statistics. Name, e-mail, telephone, texts, notes, files and their copies in the
    history go, also on the cards that were merged into it. Each is anonymised once: a repeat skips it.
    """
    with transaction.atomic(durable=True):
        due = _unheard_of(now).filter(warned_at__lte=now - NOTICE).order_by("pk")
        numbers = list(due.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True)[:limit])
        if numbers:
            _anonymise(one_person(numbers), now)
            for card in Prospect.objects.filter(pk__in=numbers):
                note(card, Kind.ANONYMISED, Author(), now)
    return len(numbers)


def purge_deleted(*, now: datetime, limit: int = 500) -> int:
    """Delete, with their history, prospects that were deleted more than 30 days ago; returns how many.

    A card that was merged into another stays as long as the survivor.
    """
    old = Prospect.objects.filter(deleted_at__lt=now - RESTORABLE, merged_into=None).order_by("pk")[:limit]
    return delete_cards(list(old.values_list("pk", flat=True)))


def purge_unconfirmed_imports(*, now: datetime) -> int:
    """Delete lists that nobody confirmed, with their file; returns how many."""
    before = now - UNCONFIRMED_IMPORT_RETENTION
    old = ProspectImport.objects.filter(created_at__lt=before).exclude(status=ProspectImport.Status.DONE)
    files = list(old.values_list("file", flat=True)[:500])
    for name in files:
        documents().delete(name)
    old.filter(file__in=files).delete()
    return len(files)


def _unheard_of(now: datetime) -> "QuerySet[Prospect]":
    return Prospect.objects.not_deleted().filter(last_contact_at__lt=now - UNHEARD_OF_RETENTION, anonymised_at=None)


def _anonymise(numbers: set[int], now: datetime) -> None:
    files = Attachment.objects.filter(prospect__in=numbers)
    delete_files(list(files.values_list("file", flat=True)))
    files.delete()
    Note.objects.filter(prospect__in=numbers).delete()
    # The history is append-only, except for anonymisation: events stay, texts go.
    QuerySet(ProspectEvent).filter(prospect__in=numbers).update(changes={}, reason="")
    Merge.objects.filter(survivor__in=numbers).update(data={"before": {}, "after": {}, "notes": [], "attachments": []})
    empty: dict[str, Any] = {
        field.name: "" if field.is_text else None for field in FIELDS.values() if not field.outlives
    }
    keys = ("email_key", "phone_key", "consent_version", "consent_address", "request_hash")
    Prospect.objects.filter(pk__in=numbers).update(
        **empty | dict.fromkeys(keys, "") | {"first_name": _("Anonyme")},
        consent_at=None,
        request_key=None,
        customer=None,
        anonymised_at=now,
        updated_at=now,
    )


def warned_of(user: User, *, at: datetime) -> list[Prospect]:
    """The cards that a colleague was warned of at one moment, as far as nobody was in contact since. Two queries."""
    colleagues = list(team())
    cards = _unheard_of(at).filter(warned_at=at).select_related("assignee").order_by("pk")
    return [card for card in cards if _is_notified(user, card, colleagues)]


def _is_notified(user: User, card: Prospect, colleagues: list[User]) -> bool:
    """Whoever follows it, or the whole team."""
    return card.assignee_id == user.pk or card.assignee not in colleagues
