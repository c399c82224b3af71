import pytest
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from apps.operations.tasks import watch_jobs
from apps.orders.models import OrderNotification
from apps.orders.notifications import STALE
from apps.orders.tests.factories import NotificationFactory


@pytest.mark.django_db(transaction=True)
def test_people_are_told_once_of_each_email_in_doubt(settings):
    cache.clear()
    settings.OPERATIONS = {**settings.OPERATIONS, "emails": ["people@example.org"]}
    past = timezone.now() - STALE
    NotificationFactory(status=OrderNotification.Status.HANDED, claimed_at=past)
    NotificationFactory(status=OrderNotification.Status.HANDED, claimed_at=timezone.now())
    watch_jobs()
    watch_jobs()
    (told,) = mail.outbox
    assert told.to == ["people@example.org"]
    assert "/orders/ordernotification/?status__exact=HANDED" in told.body
    NotificationFactory(status=OrderNotification.Status.HANDED, claimed_at=past)
    watch_jobs()
    assert len(mail.outbox) == 2
