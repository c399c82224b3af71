from datetime import datetime

from django.db import transaction

from apps.prospects.contact import email_key
from apps.prospects.models import Prospect, ProspectEvent
from apps.prospects.services.delete import RESTORABLE


def purge_deleted(*, now: datetime, limit: int = 500) -> int:
    """Forget, with their history, prospects that were deleted more than 30 days ago; returns how many."""
    old = Prospect.objects.filter(deleted_at__lt=now - RESTORABLE).order_by("pk")[:limit]
    return forget(list(old.values_list("pk", flat=True)))


def erase_person(*, email: str) -> int:
    """Forget every prospect of one person (RGPD art. 17), with their history; returns how many."""
    return forget(list(Prospect.objects.filter(email_key=email_key(email)).values_list("pk", flat=True)))


def forget(numbers: list[int]) -> int:
    with transaction.atomic():
        events = ProspectEvent.objects.filter(prospect__in=numbers)
        # History is append-only for everybody but the law.
        events._raw_delete(events.db)
        Prospect.objects.filter(pk__in=numbers).delete()
    return len(numbers)
