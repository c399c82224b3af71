from typing import Any

from celery import shared_task
from django.utils import timezone

from apps.prospects import retention, services
from apps.prospects.services import letters

MAX_BATCHES = 50


@shared_task(name="prospects.purge_deleted")
def purge_deleted(**_: Any) -> None:
    retention.purge_deleted(now=timezone.now())
    retention.purge_unconfirmed_imports(now=timezone.now())


@shared_task(name="prospects.send_letter", time_limit=120)
def send_letter(letter_id: int, **_: Any) -> None:
    letters.deliver(letter_id=letter_id, now=timezone.now())


@shared_task(name="prospects.send_owed_letters")
def send_pending_letters(**_: Any) -> None:
    """Whatever its own task did not send."""
    for letter_id in letters.pending(now=timezone.now()):
        send_letter.delay(letter_id=letter_id)


@shared_task(name="prospects.send_digests")
def send_digests(**_: Any) -> None:
    services.send_digests(now=timezone.now())


@shared_task(name="prospects.forget_the_unheard_of")
def anonymise_unheard_of(**_: Any) -> None:
    """Nightly, in batches until none is left: those whose notice is over first, then those who get one."""
    for step in (retention.anonymise_unheard_of, retention.warn_of_the_end):
        for _batch in range(MAX_BATCHES):
            if not step(now=timezone.now()):
                break
