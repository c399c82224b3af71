"""E-mails that nobody knows to have left are settled by the people who prepare orders."""

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from apps.backoffice.tests.test_rights import member_of
from apps.common.models import OutboxEmail
from apps.common.outbox import STALE, message_id
from apps.orders.models import Order
from apps.orders.tests.factories import OrderEmailFactory

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:common_outboxemail_changelist")
Status = OutboxEmail.Status


@pytest.fixture
def doubt():
    return OrderEmailFactory(status=Status.HANDED, claimed_at=timezone.now() - STALE, attempts=1)


def settle(client, group, action, email):
    client.force_login(member_of(group))
    answer = client.post(PAGE, {"action": action, "_selected_action": email.pk}, follow=True)
    email.refresh_from_db()
    return answer


def test_the_page_names_a_doubt_as_the_mail_server_does(client, doubt):
    client.force_login(member_of("Commandes"))
    page = client.get(PAGE, {"status__exact": Status.HANDED}).content.decode().replace("<wbr>", "")
    assert Order.objects.get().number in page
    assert message_id(doubt).strip("<>") in page


def test_one_that_the_mail_server_has_is_settled(client, doubt):
    settle(client, "Commandes", "settle_selected", doubt)
    assert doubt.status == Status.SENT
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_one_that_it_has_not_is_sent_again(client, doubt):
    settle(client, "Commandes", "send_selected_again", doubt)
    assert doubt.status == Status.SENT
    assert len(mail.outbox) == 1


def test_one_that_was_sent_is_not_sent_again(client):
    sent = OrderEmailFactory(status=Status.SENT)
    answer = settle(client, "Commandes", "send_selected_again", sent)
    assert "rien à renvoyer" in answer.content.decode()
    assert mail.outbox == []


def test_who_may_only_look_settles_nothing(client, doubt):
    settle(client, "Assistance", "settle_selected", doubt)
    assert doubt.status == Status.HANDED
