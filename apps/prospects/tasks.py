from typing import Any

from celery import shared_task
from django.utils import timezone

from apps.prospects import retention, services
from apps.prospects.services import former_outbox

MAX_BATCHES = 50


@shared_task(name="prospects.purge_deleted")
def purge_deleted(**_: Any) -> None:
    retention.purge_deleted(now=timezone.now())
    retention.purge_unconfirmed_imports(now=timezone.now())


@shared_task(name="prospects.send_letter", time_limit=120)
def send_former_email(letter_id: int, **_: Any) -> None:
    """`letter_id` is what queued messages of the release before call it."""
    former_outbox.deliver(email_id=letter_id, now=timezone.now())


@shared_task(name="prospects.send_owed_letters")
def send_pending_former_emails(**_: Any) -> None:
    """What its own task did not send."""
    for email_id in former_outbox.pending(now=timezone.now()):
        send_former_email.delay(letter_id=email_id)


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
