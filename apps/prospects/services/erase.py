from datetime import datetime

from django.db import transaction

from apps.prospects.models import Attachment, Merge, Prospect, ProspectEvent
from apps.prospects.services.attachments import forget_files
from apps.prospects.services.delete import RESTORABLE


def purge_deleted(*, now: datetime, limit: int = 500) -> int:
    """Forget, with their history, prospects that were deleted more than 30 days ago; returns how many.

    A card that was merged into another stays as long as that one.
    """
    old = Prospect.objects.filter(deleted_at__lt=now - RESTORABLE, merged_into=None).order_by("pk")[:limit]
    return forget(list(old.values_list("pk", flat=True)))


def erase_person(*, email: str) -> int:
    """Forget every prospect of one person (RGPD art. 17), with their history; returns how many."""
    return forget(list(Prospect.objects.filter(email=email).values_list("pk", flat=True)))


def forget(numbers: list[int]) -> int:
    """Delete cards, those merged into them and those they were merged into, with notes, files and history."""
    everyone = one_person(numbers)
    with transaction.atomic():
        files = Attachment.objects.filter(prospect__in=everyone)
        forget_files(list(files.values_list("file", flat=True)))
        events = ProspectEvent.objects.filter(prospect__in=everyone)
        # History is append-only for everybody but the law.
        events._raw_delete(events.db)
        Prospect.objects.filter(pk__in=everyone).update(merged_into=None)
        Prospect.objects.filter(pk__in=everyone).delete()
    return len(everyone)


def one_person(numbers: list[int]) -> set[int]:
    """These cards and all that were merged with them, directly or through others, in either direction."""
    known, fresh = set(numbers), set(numbers)
    while fresh:
        linked: set[int] = set()
        for kept, gone in Merge.objects.filter(kept__in=fresh, undone_at=None).values_list("kept", "gone"):
            linked |= {kept, gone}
        for kept, gone in Merge.objects.filter(gone__in=fresh, undone_at=None).values_list("kept", "gone"):
            linked |= {kept, gone}
        fresh = linked - known
        known |= fresh
    return known
