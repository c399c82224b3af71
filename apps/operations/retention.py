"""Retention of planned moments."""

from datetime import datetime, timedelta

from apps.operations.models import DueJob

DUE_JOB_RETENTION = timedelta(days=14)


def purge_due_jobs(*, now: datetime) -> int:
    """Delete old planned moments; returns how many."""
    return DueJob.objects.filter(claimed_at__lt=now - DUE_JOB_RETENTION).delete()[0]
