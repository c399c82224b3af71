"""Retention of refused comments, and of all authors' e-mails."""

from datetime import datetime, timedelta

from apps.comments.models import Comment

COMMENT_RETENTION = timedelta(days=365)


def purge_refused(*, now: datetime) -> int:
    """Delete comments that were refused a year ago, and addresses given a year ago; returns how many comments went."""
    before = now - COMMENT_RETENTION
    gone, _each = Comment.objects.filter(status=Comment.Status.REJECTED, moderated_at__lt=before).delete()
    Comment.objects.filter(created_at__lt=before).exclude(email="").update(email="")
    return gone
