from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.comments.services.notify import notify_author
from apps.comments.services.refresh import refresh_section
from apps.common.transactions import retry_on_deadlock

Status = Comment.Status


def publish(*, comments: Sequence[int], by: User, now: datetime) -> int:
    """Publish comments and close their reports; returns how many were not published before."""
    return _decide(comments, Status.PUBLISHED, reason="", by=by, now=now)


def reject(*, comments: Sequence[int], reason: str, by: User, now: datetime) -> int:
    """Refuse comments, notify their authors of the reason and close their reports; returns how many were not refused
    before."""
    return _decide(comments, Status.REJECTED, reason=reason[:300], by=by, now=now)


def dismiss_reports(*, comments: Sequence[int]) -> int:
    """Close the reports of comments that stay as they are."""
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
        changed_sections = {
            comment.section_id for comment in found if Status.PUBLISHED in (status, Status(comment.status))
        }
        for section_id in sorted(changed_sections):
            refresh_section(section_id)
        for comment in found:
            notify_author(comment=comment, status=status, now=now)
    return len(found)
