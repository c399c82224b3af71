"""A decision on a comment is told while it is so, and to somebody."""

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


def test_what_was_decided_otherwise_meanwhile_is_not_told():
    comment = CommentFactory(status="PENDING", email="a@example.org")
    published = decide(comment)
    refused = decide(comment, services.reject, reason="Publicité")
    assert [published.kind, refused.kind] == [CommentEmail.PUBLISHED, CommentEmail.REFUSED]
    assert compose(published) is None
    assert "Publicité" in compose(refused).body


def test_who_gave_no_address_is_owed_nothing():
    assert decide(CommentFactory(status="PENDING", email="", user=None)) is None


@pytest.mark.django_db(transaction=True)
def test_a_task_of_the_former_release_tells_once():
    comment = CommentFactory(status="PENDING", email="a@example.org")
    Comment.objects.filter(pk=comment.pk).update(status="PUBLISHED", moderated_at=timezone.now())
    for _ in range(2):
        tasks.tell_author(comment_id=comment.pk, status="PUBLISHED")
    assert len(mail.outbox) == 1
