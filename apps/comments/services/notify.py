from datetime import datetime

from apps.comments.emails import CommentEmail
from apps.comments.models import Comment
from apps.common import outbox


def notify_author(*, comment: Comment, status: str, now: datetime) -> None:
    """Enqueue an e-mail to the author, if there is an address, about the decision made at `now`; once per decision."""
    if not (comment.email or comment.user_id):
        return
    refused = status == Comment.Status.REJECTED
    outbox.enqueue(
        kind=CommentEmail.REFUSED if refused else CommentEmail.PUBLISHED,
        key=f"comment-{comment.pk}-{status}-{now.isoformat()}",
        object_id=comment.pk,
        language=comment.language,
        now=now,
    )
