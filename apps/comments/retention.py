"""What of comments is not kept for ever."""

from datetime import datetime, timedelta

from apps.comments.models import Comment

KEPT_FOR = timedelta(days=365)


def forget_refused(*, now: datetime) -> int:
    """Delete comments that were refused a year ago, and addresses given a year ago; returns how many comments went."""
    before = now - KEPT_FOR
    gone, _each = Comment.objects.filter(status=Comment.Status.REJECTED, moderated_at__lt=before).delete()
    Comment.objects.filter(created_at__lt=before).exclude(email="").update(email="")
    return gone
