from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.comments.services.digest import refresh_section
from apps.comments.services.notify import notify_author
from apps.common.transactions import retry_on_deadlock

Status = Comment.Status


def publish(*, comments: Sequence[int], by: User, now: datetime) -> int:
    """Show comments; returns how many were not shown before. Their reports are answered by it."""
    return _decide(comments, Status.PUBLISHED, reason="", by=by, now=now)


def reject(*, comments: Sequence[int], reason: str, by: User, now: datetime) -> int:
    """Take comments away for a reason, which is kept and told to their authors; returns how many were not refused
    before."""
    return _decide(comments, Status.REJECTED, reason=reason[:300], by=by, now=now)


def dismiss_reports(*, comments: Sequence[int]) -> int:
    """The comments may stay as they are: their reports are answered."""
    return Comment.objects.filter(pk__in=comments).update(open_reports=0)


@retry_on_deadlock
def _decide(comments: Sequence[int], status: Status, *, reason: str, by: User, now: datetime) -> int:
    with transaction.atomic(durable=True):
        found = list(
            Comment.objects.filter(pk__in=comments, withdrawn_at=None)
            .exclude(status=status)
            .order_by("pk")
            .select_for_update()
        )
        numbers = [comment.pk for comment in found]
        Comment.objects.filter(pk__in=numbers).update(
            status=status, reason=reason, moderated_by=by, moderated_at=now, updated_at=now
        )
        Comment.objects.filter(pk__in=comments).update(open_reports=0)
        shown_otherwise = {
            comment.section_id for comment in found if Status.PUBLISHED in (status, Status(comment.status))
        }
        for section_id in sorted(shown_otherwise):
            refresh_section(section_id)
        for comment in found:
            notify_author(comment=comment, status=status, now=now)
    return len(found)
