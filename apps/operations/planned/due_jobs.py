"""Transitions of a DueJob, from claimed to finished; each is a compare-and-set.

The scheduler claims it under the lease's token, sends a message, and marks it as sent; the worker that gets the message
begins and finishes it. Operators are notified once, when a job begins to fail, not at each failure.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.operations.models import BeatLease, DueJob
from apps.operations.planned.lease import NAME, database_now
from apps.operations.services.operators import notify_operators

# A claimant that has not sent by then is dead.
SENDING = timedelta(seconds=20)
# Sent and not finished after this long: its message or its worker is lost.
OVERDUE = timedelta(minutes=45)
# More than any task may take, and less than the visibility timeout of its queue.
LONGEST_RUN = timedelta(minutes=29, seconds=30)


@transaction.atomic(durable=True)
def claim(*, job: str, task: str, due_at: datetime, token: int, now: datetime) -> DueJob | None:
    """Only the holder of `token` gets the row, and only once; locks the lease until it is committed."""
    if not BeatLease.objects.select_for_update().filter(name=NAME, token=token, expires_at__gt=now).exists():
        return None
    try:
        with transaction.atomic():
            return DueJob.objects.create(job=job, task=task, due_at=due_at, token=token, claimed_at=now)
    except IntegrityError:
        return None


def reclaim(*, token: int, now: datetime) -> list[DueJob]:
    """Rows that were claimed and not sent, by a holder that died or because the broker did not answer: the present
    holder sends them."""
    lost = DueJob.objects.filter(
        sent_at=None, token__lte=token, claimed_at__gte=now - timedelta(hours=1), claimed_at__lt=now - SENDING
    )
    taken = []
    for row in lost:
        if DueJob.objects.filter(pk=row.pk, sent_at=None, claimed_at=row.claimed_at).update(
            token=token, claimed_at=now
        ):
            row.token, row.claimed_at = token, now
            taken.append(row)
    return taken


def mark_sent(row: DueJob, *, now: datetime) -> None:
    DueJob.objects.filter(pk=row.pk).update(sent_at=now)


def begin(*, row_id: int, again: bool = False, began_at: datetime | None = None) -> datetime | None:
    """Claim this planned moment, and return when, by the database's clock; None when it is finished or running already:
    a duplicate message.

    `again`: the broker says that an earlier receiver of this very message died or returned it. `began_at`: the run that
    began then lost its database, and nobody has begun another since. Otherwise, as for a second message, a run counts
    as dead after LONGEST_RUN.
    """
    now = database_now()
    gone = Q() if again else Q(started_at=None) | Q(started_at__lt=now - LONGEST_RUN)
    if began_at and not again:
        gone |= Q(started_at=began_at)
        # SQLite's clock has milliseconds: another moment all the same.
        now = max(now, began_at + timedelta(microseconds=1))
    return now if DueJob.objects.filter(gone, pk=row_id, finished_at=None).update(started_at=now) else None


def finish(*, row_id: int) -> None:
    DueJob.objects.filter(pk=row_id).update(finished_at=database_now(), error="")


def fail(*, row_id: int, error: str) -> None:
    changed = DueJob.objects.filter(pk=row_id, error="").update(finished_at=database_now(), error=error[:250])
    row = DueJob.objects.filter(pk=row_id).first()
    if changed and row:
        _notify(row)


def note_overdue(*, now: datetime) -> int:
    """Mark as failed what was sent and never begun or finished; returns how many."""
    found = 0
    late = DueJob.objects.filter(finished_at=None, error="", claimed_at__lt=now - OVERDUE)
    for row in late.order_by("due_at")[:500]:
        error = _("envoyée, jamais terminée") if row.sent_at else _("jamais envoyée")
        if DueJob.objects.filter(pk=row.pk, finished_at=None, error="").update(error=error):
            found += 1
            row.error = error
            _notify(row)
    return found


def _notify(row: DueJob) -> None:
    """The one before had not failed: this is news."""
    before = DueJob.objects.filter(job=row.job, due_at__lt=row.due_at).order_by("-due_at").first()
    if before and before.error:
        return
    notify_operators(
        subject=_("La tâche planifiée « %(job)s » échoue") % {"job": row.job},
        text=_(
            "La tâche planifiée « %(job)s », prévue le %(due)s, a échoué :\n\n%(error)s\n\n"
            "Ce message n’est pas répété tant qu’elle échoue. Les exécutions sont dans l’arrière-boutique."
        )
        % {"job": row.job, "due": f"{row.due_at:%d/%m/%Y %H:%M} UTC", "error": row.error},
        key=f"job {row.job} {row.due_at.isoformat()}",
    )
