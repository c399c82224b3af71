"""Who is at work on an import: one worker at a time, replaced when it was killed, and obeying people's wishes.

A worker says with every batch that it is alive, in the transaction of the batch and under a lock of the job's row. One
that was killed beats no more; `stale_imports` finds its import, and whoever claims it continues. A worker that was only
slow finds at its next batch that it was replaced, and ends without writing.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from apps.catalogue.models import CatalogueImport
from apps.imports.models import ImportJob

# Longer than any batch, the survey of the largest file and a change of releases take.
STALE_AFTER = timedelta(minutes=3)
MOST_ATTEMPTS = 5
Status = CatalogueImport.Status
RUNNING = (Status.RECEIVED, Status.CONFIRMED, Status.UNDOING)


class Replaced(Exception):
    """Another worker has taken this import over: what this one has not committed is not to be written."""


class Paused(Exception):
    """A person asked for a pause; what is committed stays."""


class Stopped(Exception):
    """A person asked to stop; what is committed stays."""


class Job:
    """One worker's hold on one import."""

    def __init__(self, import_id: int, worker: str) -> None:
        self.import_id, self.worker = import_id, worker

    def beat(self) -> None:
        """Within the transaction of a batch, before anything of it is written. Locks the job's row.

        Raises Replaced, Paused, Stopped.
        """
        mine = ImportJob.objects.select_for_update().filter(received=self.import_id, worker=self.worker).first()
        if mine is None:
            raise Replaced
        match CatalogueImport.objects.filter(pk=self.import_id).values_list("wish", flat=True).first():
            case CatalogueImport.Wish.PAUSE:
                raise Paused
            case CatalogueImport.Wish.STOP:
                raise Stopped
        # Attempts are counted anew: it gets on.
        ImportJob.objects.filter(pk=mine.pk).update(beat_at=timezone.now(), attempts=0)


@contextmanager
def claimed(import_id: int, *, now: datetime) -> Iterator[Job | None]:
    """A hold on the import, None while another worker is alive. Given back at the end, whatever happens."""
    ImportJob.objects.get_or_create(received_id=import_id)
    worker = secrets.token_hex(16)
    free = Q(beat_at=None) | Q(beat_at__lt=now - STALE_AFTER)
    jobs = ImportJob.objects.filter(received=import_id)
    attempts = jobs.values_list("attempts", flat=True).first() or 0
    if not jobs.filter(free).update(worker=worker, beat_at=now, attempts=attempts + 1):
        yield None
        return
    try:
        yield Job(import_id, worker)
    finally:
        jobs.filter(worker=worker).update(worker="", beat_at=None)


def stale_imports(*, now: datetime) -> list[tuple[int, str, int]]:
    """(id, status, attempts) of imports that should be running, and whose worker or message was lost."""
    since = now - STALE_AFTER
    lost = Q(job__beat_at__lt=since) | (
        Q(job__beat_at=None) & (Q(confirmed_at__lt=since) | Q(confirmed_at=None, created_at__lt=since))
    )
    rows = CatalogueImport.objects.filter(lost, status__in=RUNNING).order_by("pk")
    return [(pk, status, attempts or 0) for pk, status, attempts in rows.values_list("pk", "status", "job__attempts")]


def can_go_on(import_id: int) -> bool:
    """Not an import by command, whose file is on the terminal's side: the same command completes it."""
    return CatalogueImport.objects.filter(pk=import_id).exclude(file="", status=Status.CONFIRMED).exists()
