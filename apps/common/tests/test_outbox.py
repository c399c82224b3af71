"""The outbox: each e-mail is sent once, whatever happens to the worker."""

import threading
from datetime import timedelta
from functools import partial
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone

from apps.common import outbox
from apps.common.models import OutboxEmail
from apps.common.tests.emails import KIND, EmailFactory
from apps.common.tests.races import race

pytestmark = pytest.mark.django_db
Status = OutboxEmail.Status


class BrokenServer(EmailBackend):
    def send_messages(self, messages):
        raise SMTPServerDisconnected("gone")


class UnknownRecipient(EmailBackend):
    def send_messages(self, messages):
        raise SMTPRecipientsRefused({})


def backend(settings, server: type) -> None:
    settings.EMAIL_BACKEND = f"{server.__module__}.{server.__qualname__}"


def deliver(email, now=None) -> bool:
    return outbox.deliver(key=email.key, now=now or timezone.now())


def test_sends_once_however_often_it_is_asked():
    email = EmailFactory()
    outbox.send_outbox_email(email.key, something_newer="ignored")
    assert not deliver(email)
    assert len(mail.outbox) == 1
    email.refresh_from_db()
    assert email.status == Status.SENT
    assert email.sent_at


def test_one_key_is_one_email(django_capture_on_commit_callbacks):
    fields = {"kind": KIND, "key": "k", "object_id": 1, "language": "en", "now": timezone.now()}
    with django_capture_on_commit_callbacks(execute=True):
        assert [outbox.enqueue(**fields), outbox.enqueue(**fields)] == [True, False]
    assert len(mail.outbox) == 1


def test_with_nobody_to_notify_nothing_leaves_and_a_person_can_see_it():
    email = EmailFactory(object_id=0)
    assert not deliver(email)
    email.refresh_from_db()
    assert email.status == Status.FAILED
    assert mail.outbox == []


def test_a_kind_that_only_a_newer_release_composes_waits_for_it():
    email = EmailFactory(kind="of_tomorrow", created_at=timezone.now() - timedelta(hours=1))
    assert outbox.pending(now=timezone.now()) == []
    assert not deliver(email)
    email.refresh_from_db()
    assert (email.status, email.attempts) == (Status.PENDING, 0)


def test_a_refusal_is_retried_after_a_pause_and_given_up_in_the_end(settings):
    now = timezone.now()
    email = EmailFactory()
    backend(settings, BrokenServer)
    assert not deliver(email, now)
    email.refresh_from_db()
    assert (email.status, email.attempts) == (Status.PENDING, 1)
    assert outbox.pending(now=now + timedelta(seconds=59)) == []
    assert outbox.pending(now=now + timedelta(seconds=60)) == [email.key]
    for _ in outbox.PAUSES:
        deliver(email, now)
    email.refresh_from_db()
    assert email.status == Status.FAILED
    assert outbox.pending(now=now + timedelta(days=9)) == []


def test_a_composer_that_fails_is_retried_after_a_pause_and_given_up_in_the_end(monkeypatch):
    def fail(email):
        raise LookupError

    now = timezone.now()
    email = EmailFactory()
    monkeypatch.setitem(outbox._kinds, email.kind, outbox._Kind("", fail))
    for _ in range(len(outbox.PAUSES) + 1):
        email.refresh_from_db()
        assert email.status == Status.PENDING
        with pytest.raises(LookupError):
            deliver(email, now)
    email.refresh_from_db()
    assert email.status == Status.FAILED


def test_a_message_that_ends_its_workers_is_given_up():
    now = timezone.now()
    deaths = len(outbox.PAUSES) + 1
    email = EmailFactory(status=Status.SENDING, attempts=deaths, claimed_at=now - outbox.STALE)
    assert outbox.pending(now=now) == [email.key]
    assert not deliver(email, now)
    email.refresh_from_db()
    assert email.status == Status.FAILED
    assert mail.outbox == []


def test_an_address_that_does_not_exist_is_not_tried_again(settings):
    email = EmailFactory()
    backend(settings, UnknownRecipient)
    deliver(email)
    email.refresh_from_db()
    assert email.status == Status.FAILED


def test_the_sweep_sends_what_a_dead_worker_left_behind():
    now = timezone.now()
    dead = EmailFactory(status=Status.SENDING, attempts=1, claimed_at=now - outbox.STALE)
    alive = EmailFactory(status=Status.SENDING, attempts=1, claimed_at=now - timedelta(minutes=1))
    lost = EmailFactory(created_at=now - outbox.GRACE)
    fresh = EmailFactory(created_at=now)
    outbox.send_pending_emails()
    assert len(mail.outbox) == 2
    states = {n.pk: OutboxEmail.objects.get(pk=n.pk).status for n in (dead, alive, lost, fresh)}
    assert states == {dead.pk: Status.SENT, alive.pk: Status.SENDING, lost.pk: Status.SENT, fresh.pk: Status.PENDING}


def test_the_sweep_counts_no_queries_per_message(django_assert_num_queries):
    EmailFactory.create_batch(30, created_at=timezone.now() - timedelta(hours=1))
    with django_assert_num_queries(1):
        assert len(outbox.pending(now=timezone.now())) == 30


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_message():
    email = EmailFactory()
    ready = threading.Barrier(6)
    sent = []

    def work():
        ready.wait()
        sent.append(deliver(email))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(sent) == [False] * 5 + [True]
    assert len(mail.outbox) == 1


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_of_concurrent_enqueues_one_inserts():
    enqueue = partial(outbox.enqueue, kind=KIND, key="once", object_id=1, language="fr", now=timezone.now())
    assert sorted(race(*[enqueue] * 8)) == [False] * 7 + [True]
    assert len(mail.outbox) == 1
