from celery import shared_task
from django.utils import timezone

from apps.comments import retention
from apps.comments.invitations import invite_reviews
from apps.comments.models import Comment
from apps.comments.services.notify import notify_author

__all__ = ["invite_reviews", "purge_refused", "tell_author"]


@shared_task(name="comments.forget_refused")
def purge_refused(**_unknown: object) -> int:
    """Every night: what was refused a year ago."""
    return retention.purge_refused(now=timezone.now())


@shared_task(name="comments.tell_author")
def tell_author(comment_id: int, status: str, **_unknown: object) -> None:
    """Asked for by the release before the outbox; goes with the next."""
    decided = Comment.objects.filter(pk=comment_id, status=status, withdrawn_at=None, moderated_at__isnull=False)
    for comment in decided:
        notify_author(comment=comment, status=status, now=comment.moderated_at)
