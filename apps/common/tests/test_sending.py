"""A worker that dies while it sends an e-mail: nothing is lost or sent twice; an unknown outcome is left to staff."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from apps.common import outbox, smtp
from apps.common.models import OutboxEmail
from apps.common.outbox import send_again, settle_as_sent
from apps.common.tests.deaths import Death, dies_before_write
from apps.common.tests.emails import EmailFactory
from apps.common.tests.mail_server import mail_server

pytestmark = pytest.mark.django_db
Status = OutboxEmail.Status
# The writes of one `deliver`, by number.
CLAIMED, HANDED, SENT = range(3)
NOW = timezone.now()
LATER = NOW + outbox.STALE


@pytest.fixture
def server(settings):
    with mail_server() as server:
        settings.EMAIL_BACKEND = "apps.common.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = ""
        yield server


@pytest.fixture
def email(db):
    return EmailFactory()


def deliver(email, now=NOW) -> str:
    outbox.deliver(key=email.key, now=now)
    email.refresh_from_db()
    return email.status


def die(email, before: int) -> str:
    with pytest.raises(Death), dies_before_write(before):
        deliver(email)
    email.refresh_from_db()
    return email.status


def test_what_a_server_took_is_sent_under_the_name_that_people_look_for(server, email):
    assert deliver(email) == Status.SENT
    assert dict(server.taken) == {outbox.message_id(email): 1}


@pytest.mark.parametrize("body", ["before\n.\nafter", ".", "..\n.x\n", "none"])
def test_a_point_at_the_start_of_a_line_does_not_end_a_message(server, body):
    read = []
    server.on_taken = read.append
    mail.EmailMessage("points", body, to=["a@example.org"]).send()
    (message,) = read
    assert message.get_payload().replace("\r\n", "\n").rstrip("\n") == body.rstrip("\n")


def test_who_dies_before_the_last_line_has_sent_nothing(server, email):
    assert die(email, before=HANDED) == Status.SENDING
    assert outbox.pending(now=LATER) == [email.key]
    assert deliver(email, LATER) == Status.SENT
    assert list(server.taken.values()) == [1]


def test_who_dies_before_the_answer_is_written_down_leaves_a_doubt_and_no_second_message(server, email):
    assert die(email, before=SENT) == Status.HANDED
    assert outbox.pending(now=LATER) == []
    assert deliver(email, LATER) == Status.HANDED
    assert list(server.taken.values()) == [1]
    assert list(outbox.in_doubt(now=LATER)) == [email]


def test_a_server_that_takes_it_and_hangs_up_leaves_a_doubt_and_no_second_message(server, email):
    server.answer = None
    assert deliver(email) == Status.HANDED
    assert outbox.pending(now=LATER) == []
    assert list(server.taken.values()) == [1]


def test_a_server_that_is_slower_than_we_wait_leaves_a_doubt(server, email, monkeypatch):
    monkeypatch.setattr(smtp, "ANSWER_SECONDS", 0.05)
    server.answer_after = 0.5
    assert deliver(email) == Status.HANDED


def test_a_refusal_after_the_last_line_is_no_doubt(server, email):
    server.answer = "451 later"
    assert deliver(email) == Status.PENDING
    server.answer = "250 taken"
    assert deliver(email, LATER) == Status.SENT
    assert list(server.taken.values()) == [1]


def test_who_was_taken_for_dead_does_not_end_the_message(server, email):
    """A worker that was suspended for ten minutes resumes; another has sent the message meanwhile."""
    others = []

    def another_sends():
        if not others:
            others.append(False)
            others[0] = outbox.deliver(key=email.key, now=LATER)

    with connection.execute_wrapper(_before_last_line(another_sends)):
        assert deliver(email) == Status.SENT
    assert others == [True]
    assert list(server.taken.values()) == [1]


def _before_last_line(action):
    """Calls `action` between a message's body and its last line."""

    def wrapper(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and Status.HANDED in params[:1]:
            action()
        return execute(sql, params, many, context)

    return wrapper


class TestDoubts:
    @pytest.fixture
    def doubt(self, email):
        OutboxEmail.objects.filter(pk=email.pk).update(status=Status.HANDED, claimed_at=NOW, attempts=1)
        return email

    def test_one_that_may_still_be_answered_is_none(self, doubt):
        assert not outbox.in_doubt(now=LATER - timedelta(seconds=1)).exists()
        for settle in (send_again, settle_as_sent):
            assert not settle(email=doubt, now=LATER - timedelta(seconds=1))

    def test_what_the_mail_server_has_is_sent(self, doubt):
        assert settle_as_sent(email=doubt, now=LATER)
        doubt.refresh_from_db()
        assert (doubt.status, doubt.sent_at) == (Status.SENT, NOW)

    @pytest.mark.django_db(transaction=True)
    def test_what_it_has_not_is_sent_again(self, doubt):
        assert send_again(email=doubt, now=LATER)
        doubt.refresh_from_db()
        assert doubt.status == Status.SENT
        assert len(mail.outbox) == 1

    def test_what_is_sent_is_not_sent_again(self, doubt):
        settle_as_sent(email=doubt, now=LATER)
        for settle in (send_again, settle_as_sent):
            assert not settle(email=doubt, now=LATER)
        assert mail.outbox == []
