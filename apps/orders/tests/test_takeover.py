"""E-mails written by the release before the outbox, also while it runs beside this one, are sent once."""

from datetime import timedelta
from functools import partial
from importlib import import_module

import pytest
from django.apps import apps
from django.core import mail
from django.utils import timezone

from apps.common import outbox
from apps.common.models import OutboxEmail
from apps.common.tests.races import of_kind, race
from apps.orders import tasks
from apps.orders.emails import OrderEmail, emails_about
from apps.orders.models import OrderNotification
from apps.orders.services import enqueue_email, enqueue_link
from apps.orders.takeover import MOVED, take_over
from apps.orders.tests.factories import NotificationFactory, OrderFactory

pytestmark = pytest.mark.django_db
Status = OrderNotification.Status


def test_a_task_of_the_former_release_sends_its_message_once():
    pending = NotificationFactory(kind="SHIPPED")
    for _ in range(2):
        tasks.send_notification(notification_id=pending.pk, something="unknown")
    tasks.send_pending_notifications()
    outbox.send_pending_emails()
    assert len(mail.outbox) == 1
    pending.refresh_from_db()
    moved = emails_about(pending.order).get()
    assert (pending.status, moved.status, moved.kind) == (MOVED, outbox.Status.SENT, OrderEmail.SHIPPED)
    # The key that its Message-ID was always made from.
    assert moved.key == f"order-notification-{pending.pk}"


def test_what_a_live_worker_sends_or_a_task_is_for_is_left_to_it():
    now = timezone.now()
    for status, claimed_at in [(Status.PENDING, None), (Status.SENDING, now), (Status.HANDED, now)]:
        NotificationFactory(status=status, claimed_at=claimed_at)
    assert take_over(now=now) == []
    later = now + outbox.STALE
    assert len(take_over(now=later)) == 3
    assert sorted(OutboxEmail.objects.values_list("status", flat=True)) == ["HANDED", "OWED", "SENDING"]
    assert len(outbox.pending(now=later)) == 2
    assert outbox.in_doubt(now=later).count() == 1


def test_history_is_moved_after_what_is_to_be_sent():
    now = timezone.now()
    sent = NotificationFactory(status=Status.SENT, sent_at=now, attempts=2)
    pending = NotificationFactory(created_at=now - timedelta(hours=1))
    assert take_over(now=now) == [f"order-notification-{pending.pk}"]
    assert take_over(now=now) == [f"order-notification-{sent.pk}"]
    assert take_over(now=now) == []
    moved = emails_about(sent.order).get()
    assert (moved.status, moved.sent_at, moved.attempts) == (outbox.Status.SENT, now, 2)


def test_migrating_back_gives_the_former_release_what_is_pending():
    now, order = timezone.now(), OrderFactory()
    moved = NotificationFactory(status=Status.FAILED, attempts=9)
    take_over(now=now)
    outbox.send_again(email=emails_about(moved.order).get(), now=now)
    enqueue_email(order=order, kind=OrderEmail.REFUNDED, occasion="key", now=now)
    enqueue_link(order=order, language="fr", now=now)
    import_module("apps.orders.migrations.0008_emails_in_the_outbox").give_back(apps, None)
    moved.refresh_from_db()
    assert (moved.status, moved.attempts) == (Status.PENDING, 0)
    back = order.notifications.get()
    assert (back.kind, back.occasion, back.status) == ("REFUNDED", "key", Status.PENDING)


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_moved_by_many_at_once_each_leaves_once():
    pending = NotificationFactory.create_batch(4, created_at=timezone.now() - timedelta(hours=1))
    each = [partial(tasks.send_notification, notification_id=row.pk) for row in pending]
    assert of_kind(race(*each, *[tasks.send_pending_notifications] * 2, *each), Exception) == []
    outbox.send_pending_emails()
    assert len(mail.outbox) == 4
    assert OutboxEmail.objects.count() == 4
