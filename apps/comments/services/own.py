"""Writes by authors to their own comments, identified by account or by `tokens.author_token`."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.comments.models import Comment
from apps.comments.services.refresh import refresh_section
from apps.comments.services.trust import has_link
from apps.comments.tokens import is_author
from apps.common.errors import DomainError
from apps.common.transactions import retry_on_deadlock

EDITABLE_FOR = timedelta(minutes=15)
Status = Comment.Status


class EditingClosed(DomainError):
    code = "editing_closed"


def find_own(*, comment_id: int, token: str = "", user: User | None = None) -> Comment | None:
    """The comment if it is this person's, else None."""
    comment = Comment.objects.filter(pk=comment_id, withdrawn_at=None).first()
    if comment is None:
        return None
    by_account = user is not None and comment.user_id == user.pk
    return comment if by_account or is_author(comment, token) else None


def is_editable(comment: Comment, *, now: datetime) -> bool:
    return now < comment.created_at + EDITABLE_FOR and comment.status != Status.REJECTED


@retry_on_deadlock
def edit_comment(*, comment: Comment, text: str, now: datetime, rating: int | None = None) -> Comment:
    """Change text and rating within fifteen minutes; a comment with a new link goes back to PENDING. Raises
    EditingClosed."""
    with transaction.atomic(durable=True):
        comment = Comment.objects.select_for_update().get(pk=comment.pk)
        if not is_editable(comment, now=now) or comment.withdrawn_at:
            raise EditingClosed(_("On change un commentaire pendant quinze minutes. Vous pouvez encore le supprimer."))
        if text == comment.text and rating in (None, comment.rating):
            return comment
        was_published = comment.status == Status.PUBLISHED
        if has_link(text) and not has_link(comment.text) and not comment.by_team:
            comment.status = Status.PENDING
        comment.text = text
        comment.edited_at = now
        if comment.rating is not None and rating is not None:
            comment.rating = rating
        comment.save(update_fields=["text", "edited_at", "status", "rating", "updated_at"])
        if was_published:
            refresh_section(comment.section_id)
    return comment


@retry_on_deadlock
def withdraw_comment(*, comment: Comment, now: datetime) -> None:
    """Delete a comment; one with replies stays, emptied. Allowed at any time. A repeat changes nothing."""
    with transaction.atomic(durable=True):
        locked = Comment.objects.select_for_update().filter(pk=comment.pk, withdrawn_at=None).first()
        if locked is None:
            return
        was_published = locked.status == Status.PUBLISHED
        if locked.replies.exists():
            Comment.objects.filter(pk=locked.pk).update(
                author="",
                text="",
                email="",
                user=None,
                rating=None,
                bought_on=None,
                buyer_account=None,
                buyer_email=None,
                open_reports=0,
                withdrawn_at=now,
                updated_at=now,
            )
        else:
            locked.delete()
        if was_published:
            refresh_section(locked.section_id)
