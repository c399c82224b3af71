"""Retention of traces of visits (GDPR art. 5, storage limitation)."""

from datetime import datetime, timedelta

from axes.models import AccessAttempt, AccessLog
from django.contrib.sessions.models import Session

ACCESS_LOG_RETENTION = timedelta(days=180)
"""Between six months and a year is what the CNIL recommends for access logs (délibération 2021-122)."""


def purge_visits(*, now: datetime) -> int:
    """Delete expired sessions, and the admin's access log beyond ACCESS_LOG_RETENTION; returns how many rows."""
    sessions, _ = Session.objects.filter(expire_date__lt=now).delete()
    attempts, _ = AccessAttempt.objects.filter(attempt_time__lt=now - ACCESS_LOG_RETENTION).delete()
    logs, _ = AccessLog.objects.filter(attempt_time__lt=now - ACCESS_LOG_RETENTION).delete()
    return sessions + attempts + logs
