from celery import shared_task
from django.utils import timezone

from apps.comments import retention
from apps.comments.invitations import invite_reviews
from apps.comments.models import Comment
from apps.comments.services import notify

__all__ = ["invite_reviews", "notify_author", "purge_refused"]


@shared_task(name="comments.forget_refused")
def purge_refused(**_unknown: object) -> int:
    """Every night: what was refused a year ago."""
    return retention.purge_refused(now=timezone.now())


@shared_task(name="comments.tell_author")
def notify_author(comment_id: int, status: str, **_unknown: object) -> None:
    """Sent by the release before the outbox; the next release removes it."""
    decided = Comment.objects.filter(pk=comment_id, status=status, withdrawn_at=None, moderated_at__isnull=False)
    for comment in decided:
        notify.notify_author(comment=comment, status=status, now=comment.moderated_at)
