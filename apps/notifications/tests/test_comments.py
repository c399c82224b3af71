"""E-mails about moderation decisions: only while the decision stands, and only with an address to send to."""

import pytest
from django.core import mail
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.comments import services, tasks
from apps.comments.emails import CommentEmail
from apps.comments.models import Comment
from apps.comments.tests.factories import CommentFactory
from apps.common.models import OutboxEmail
from apps.common.outbox import compose

pytestmark = pytest.mark.django_db


def decide(comment: Comment, decision=services.publish, **how) -> OutboxEmail | None:
    decision(comments=[comment.pk], by=StaffFactory(), now=timezone.now(), **how)
    return OutboxEmail.objects.order_by("pk").last()


def test_a_decision_that_was_reversed_meanwhile_is_not_sent():
    comment = CommentFactory(status="PENDING", email="a@example.org")
    published = decide(comment)
    refused = decide(comment, services.reject, reason="Publicité")
    assert [published.kind, refused.kind] == [CommentEmail.PUBLISHED, CommentEmail.REFUSED]
    assert compose(published) is None
    assert "Publicité" in compose(refused).body


def test_an_author_without_email_is_not_notified():
    assert decide(CommentFactory(status="PENDING", email="", user=None)) is None


@pytest.mark.django_db(transaction=True)
def test_a_task_of_the_former_release_notifies_once():
    comment = CommentFactory(status="PENDING", email="a@example.org")
    Comment.objects.filter(pk=comment.pk).update(status="PUBLISHED", moderated_at=timezone.now())
    for _ in range(2):
        tasks.notify_author(comment_id=comment.pk, status="PUBLISHED")
    assert len(mail.outbox) == 1
