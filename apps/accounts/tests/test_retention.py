from datetime import timedelta

import pytest
from axes.models import AccessLog
from django.contrib.sessions.models import Session
from django.utils import timezone

from apps.accounts.retention import ACCESS_LOG_RETENTION, purge_visits

pytestmark = pytest.mark.django_db


def test_purges_ended_sessions_and_old_access_logs_and_nothing_else():
    now = timezone.now()
    Session.objects.create(session_key="ended", session_data="", expire_date=now - timedelta(seconds=1))
    Session.objects.create(session_key="alive", session_data="", expire_date=now + timedelta(days=1))
    for age in (timedelta(days=1), ACCESS_LOG_RETENTION + timedelta(days=1)):
        log = AccessLog.objects.create(username="equipe@exemple.fr", ip_address="192.0.2.1")
        AccessLog.objects.filter(pk=log.pk).update(attempt_time=now - age)
    assert purge_visits(now=now) == 2
    assert list(Session.objects.values_list("session_key", flat=True)) == ["alive"]
    assert AccessLog.objects.count() == 1
    assert purge_visits(now=now) == 0
