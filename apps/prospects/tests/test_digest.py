from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.timezone import localdate

from apps.accounts.tests.factories import StaffFactory
from apps.common import outbox
from apps.common.models import OutboxEmail
from apps.prospects import services, tasks
from apps.prospects.models import FormerTeamEmail, Prospect
from apps.prospects.tests.factories import ProspectFactory, make_stages

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def colleague():
    make_stages()
    user = StaffFactory(email="camille@exemple.fr")
    user.user_permissions.add(Permission.objects.get(codename="change_prospect"))
    return user


def test_tells_each_what_is_late_due_and_new_once_a_day(colleague):
    today = localdate()
    ProspectFactory(last_name="Tard", assignee=colleague, next_action="Rappeler", next_action_date=today - timedelta(1))
    ProspectFactory(last_name="Jour", assignee=colleague, next_action_date=today)
    ProspectFactory(last_name="Neuf", assignee=colleague, assigned_at=timezone.now())
    ProspectFactory(last_name="Demain", assignee=colleague, next_action_date=today + timedelta(1))
    ProspectFactory(last_name="Gagné", assignee=colleague, next_action_date=today, stage=_won())
    for _ in range(2):
        tasks.send_digests(unknown="argument")
    (message,) = mail.outbox
    assert message.to == [colleague.email]
    assert "1 en retard, 1 aujourd’hui, 1 nouveaux" in message.subject
    assert [name for name in ("Tard", "Jour", "Neuf", "Demain", "Gagné") if name in message.body] == [
        "Tard", "Jour", "Neuf",
    ]  # fmt: skip


def test_says_nothing_when_there_is_nothing(colleague):
    ProspectFactory(assignee=colleague)
    assert services.send_digests(now=timezone.now()) == 0


def test_who_does_not_want_it_gets_none(colleague):
    ProspectFactory(assignee=colleague, next_action_date=localdate())
    services.choose_digest(user=colleague, is_wanted=False)
    assert services.send_digests(now=timezone.now()) == 0
    services.choose_digest(user=colleague, is_wanted=True)
    assert services.send_digests(now=timezone.now()) == 1


def test_who_left_the_team_gets_none(colleague):
    ProspectFactory(assignee=colleague, next_action_date=localdate())
    type(colleague).objects.update(is_active=False)
    assert services.send_digests(now=timezone.now()) == 0


def test_one_that_was_refused_is_sent_later(colleague, monkeypatch):
    from django.core.mail.backends.locmem import EmailBackend

    def refuse(*_args):
        raise OSError

    ProspectFactory(assignee=colleague, next_action_date=localdate())
    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", refuse)
        services.send_digests(now=timezone.now())
    assert not mail.outbox
    later = timezone.now() + timedelta(hours=1)
    key = OutboxEmail.objects.get().key
    assert outbox.pending(now=later) == [key]
    for _ in range(2):
        outbox.send_outbox_email(key)
    assert len(mail.outbox) == 1
    assert outbox.pending(now=later) == []


def test_what_the_former_release_owes_is_sent_and_its_words_are_erased(colleague):
    now = timezone.now()
    pending = FormerTeamEmail.objects.create(key="k", user=colleague, subject="Carte", text="Bonjour", created_at=now)
    for _ in range(2):
        tasks.send_former_email(letter_id=pending.pk)
    tasks.send_pending_former_emails()
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([colleague.email], "Carte")
    pending.refresh_from_db()
    assert (pending.text, pending.subject) == ("", "")


def _won():
    stage = make_stages()["gagne"]
    stage.outcome = "WON"
    stage.save()
    return stage


def test_asks_as_many_queries_for_many_cards_as_for_one(colleague, polled_revisions, django_assert_num_queries):
    ProspectFactory(assignee=colleague, next_action_date=localdate())
    day = timezone.now()
    with CaptureQueriesContext(connection) as few:
        services.send_digests(now=day)
    for _ in range(20):
        ProspectFactory(assignee=colleague, next_action_date=localdate())
    with django_assert_num_queries(len(few.captured_queries)):
        services.send_digests(now=day + timedelta(days=1))
    assert Prospect.objects.count() == 21
