"""Each e-mail about an order leaves once, in the right language, whatever happens to the worker."""

import threading
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone

from apps.orders import notifications
from apps.orders.models import OrderNotification
from apps.orders.tests.factories import NotificationFactory, OrderFactory, OrderLineFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("apps.orders.tests.urls")]
Kind = OrderNotification.Kind
Status = OrderNotification.Status


class BrokenServer(EmailBackend):
    def send_messages(self, messages):
        raise SMTPServerDisconnected("gone")


class UnknownRecipient(EmailBackend):
    def send_messages(self, messages):
        raise SMTPRecipientsRefused({})


def backend(settings, server: type) -> None:
    settings.EMAIL_BACKEND = f"{server.__module__}.{server.__qualname__}"


def deliver(notification, now=None) -> bool:
    return notifications.deliver(notification_id=notification.pk, now=now or timezone.now())


def test_sends_once_however_often_it_is_asked():
    notification = NotificationFactory()
    notifications.send_notification(notification.pk, something_newer="ignored")
    assert not deliver(notification)
    assert len(mail.outbox) == 1
    notification.refresh_from_db()
    assert notification.status == Status.SENT
    assert notification.sent_at


def test_a_message_sent_again_keeps_its_message_id():
    notification = NotificationFactory()
    first, second = notifications.compose(notification), notifications.compose(notification)
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    assert notifications.compose(NotificationFactory()).extra_headers["Message-ID"] != first.extra_headers["Message-ID"]
    assert first.extra_headers["Auto-Submitted"] == "auto-generated"
    assert first.reply_to


def test_a_refusal_is_retried_after_a_pause_and_given_up_in_the_end(settings):
    now = timezone.now()
    notification = NotificationFactory()
    backend(settings, BrokenServer)
    assert not deliver(notification, now)
    notification.refresh_from_db()
    assert (notification.status, notification.attempts) == (Status.OWED, 1)
    assert notifications.due(now=now + timedelta(seconds=59)) == []
    assert notifications.due(now=now + timedelta(seconds=60)) == [notification.pk]
    for _ in notifications.PAUSES:
        deliver(notification, now)
    notification.refresh_from_db()
    assert notification.status == Status.FAILED
    assert notifications.due(now=now + timedelta(days=9)) == []


def test_an_address_that_does_not_exist_is_not_tried_again(settings):
    notification = NotificationFactory()
    backend(settings, UnknownRecipient)
    deliver(notification)
    notification.refresh_from_db()
    assert notification.status == Status.FAILED


def test_the_sweep_sends_what_a_dead_worker_left_behind():
    now = timezone.now()
    dead = NotificationFactory(status=Status.SENDING, attempts=1, claimed_at=now - notifications.STALE)
    alive = NotificationFactory(status=Status.SENDING, attempts=1, claimed_at=now - timedelta(minutes=1))
    lost = NotificationFactory(created_at=now - notifications.GRACE)
    fresh = NotificationFactory(created_at=now)
    notifications.send_owed_notifications()
    assert len(mail.outbox) == 2
    states = {n.pk: OrderNotification.objects.get(pk=n.pk).status for n in (dead, alive, lost, fresh)}
    assert states == {dead.pk: Status.SENT, alive.pk: Status.SENDING, lost.pk: Status.SENT, fresh.pk: Status.OWED}


def test_the_sweep_counts_no_queries_per_message(django_assert_num_queries):
    NotificationFactory.create_batch(30, created_at=timezone.now() - timedelta(hours=1))
    with django_assert_num_queries(1):
        assert len(notifications.due(now=timezone.now())) == 30


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_message():
    notification = NotificationFactory()
    ready = threading.Barrier(6)
    sent = []

    def work():
        ready.wait()
        sent.append(deliver(notification))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(sent) == [False] * 5 + [True]
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", Kind.values)
def test_every_kind_is_complete_in_every_language(kind, language):
    order = OrderFactory(language=language, tracking_number="6A1234567890", tracking_url="https://example.org/suivi")
    message = notifications.compose(NotificationFactory(order=order, kind=kind))
    html = message.alternatives[0].content
    assert order.number in message.subject
    assert "\n" not in message.subject
    for body in (message.body, html):
        assert order.number in body
        assert f"/suivi/{order.access_token}/" in body
        assert "{{" not in body
        assert "None" not in body
    assert "<script" not in html
    assert "src=" not in html


def test_the_first_message_carries_the_contract():
    order = OrderFactory()
    placed = notifications.compose(NotificationFactory(order=order, kind=Kind.PLACED))
    for body in (placed.body, placed.alternatives[0].content):
        for part in (
            "Miel de lavande",
            "29,90\u00a0€",
            "FR76 0000",
            "14 jours",
            "formulaire de rétractation",
            "/livraison-et-retours/",
            "/conditions-generales/2026-11/",
            "2026-11",
            "RCS Lyon",
            "Médiateur",
        ):
            assert part in body
    confirmed = notifications.compose(NotificationFactory(order=order, kind=Kind.CONFIRMED))
    assert "formulaire de rétractation" not in confirmed.body


def test_a_confirmation_that_comes_first_carries_the_contract():
    confirmed = notifications.compose(NotificationFactory(kind=Kind.CONFIRMED))
    assert "formulaire de rétractation" in confirmed.body


@pytest.mark.parametrize(
    ("language", "notice"), [("fr", "Produit périssable\u202f: pas de droit"), ("en", "Perishable product: no right")]
)
@pytest.mark.parametrize("kind", [Kind.PLACED, Kind.CONFIRMED])
def test_what_cannot_be_sent_back_is_named_at_its_line(language, notice, kind):
    order = OrderFactory(language=language, lines=[])
    OrderLineFactory(order=order, withdrawal_exception="PERISHABLE")
    OrderLineFactory(order=order)
    message = notifications.compose(NotificationFactory(order=order, kind=kind))
    for body in (message.body, message.alternatives[0].content):
        assert body.count(notice) == 1
        assert body.count("art. L221-28, ") == 1


def test_names_typed_by_people_are_escaped_in_html_alone():
    order = OrderFactory(recipient="<b>Zoé & Cie</b>")
    message = notifications.compose(NotificationFactory(order=order))
    assert "<b>Zoé & Cie</b>" in message.body
    assert "<b>Zoé" not in message.alternatives[0].content


def test_money_in_the_order_language():
    english = notifications.compose(NotificationFactory(order=OrderFactory(language="en")))
    assert "€29.90" in english.body
