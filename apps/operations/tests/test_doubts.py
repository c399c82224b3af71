import pytest
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from apps.common.models import OutboxEmail
from apps.common.outbox import STALE
from apps.common.tests.emails import EmailFactory
from apps.operations.tasks import watch_jobs


@pytest.mark.django_db(transaction=True)
def test_people_are_told_once_of_each_email_in_doubt(settings):
    cache.clear()
    settings.OPERATIONS = {**settings.OPERATIONS, "emails": ["people@example.org"]}
    past = timezone.now() - STALE
    EmailFactory(status=OutboxEmail.Status.HANDED, claimed_at=past)
    EmailFactory(status=OutboxEmail.Status.HANDED, claimed_at=timezone.now())
    watch_jobs()
    watch_jobs()
    (message,) = mail.outbox
    assert message.to == ["people@example.org"]
    assert "/common/outboxemail/?status__exact=HANDED" in message.body
    EmailFactory(status=OutboxEmail.Status.HANDED, claimed_at=past)
    watch_jobs()
    assert len(mail.outbox) == 2
