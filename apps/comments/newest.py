"""The newest comments of a section as the database has them at this moment, by queries compiled once."""

from django.db.models import QuerySet

from apps.comments.models import Comment
from apps.common.prepared import Prepared, Rows

COLUMNS = ("pk", "author", "text", "parent_id", "created_at")
PAGE_COLUMNS = (*COLUMNS, "edited_at", "withdrawn_at", "rating", "bought_on", "by_team")


def _newest(columns: tuple[str, ...], limit: int, comments: QuerySet) -> QuerySet:
    return comments.order_by("-created_at", "-pk").values_list(*columns)[: limit + 1]


_NEWEST = Prepared(lambda limit, section: _newest(COLUMNS, limit, Comment.objects.published().in_section(section)))
_THREADS = Prepared(
    lambda limit, section: _newest(PAGE_COLUMNS, limit, Comment.objects.published().threads_of(section))
)
_REPLIES = Prepared(
    lambda parents: (
        Comment.objects.published().filter(parent__in=parents).order_by("created_at", "pk").values_list(*PAGE_COLUMNS)
    )
)


def newest_rows(section_id: str, *, limit: int) -> Rows:
    """`limit` rows and one more if there is one, in the database's own values: equal rows are equal comments."""
    return _NEWEST.raw_rows(section_id, shape=(limit,))


def as_comments(rows: Rows, *, section_id: str, limit: int) -> list[Comment]:
    """What `newest_rows` read for the same section and limit, as comments. No query."""
    return _comments(COLUMNS, _NEWEST.converted(rows, section_id, shape=(limit,)), section_id)


def thread_rows(section_id: str, *, limit: int) -> tuple[Rows, Rows]:
    """The same of comments that are no replies, and the rows of all replies to the first `limit`. Two queries."""
    rows = _THREADS.raw_rows(section_id, shape=(limit,))
    parents = tuple([row[0] for row in rows[:limit]])
    return rows, _REPLIES.raw_rows(parents) if parents else ()


def as_threads(
    rows: Rows, reply_rows: Rows, *, section_id: str, limit: int
) -> tuple[list[Comment], dict[int, list[Comment]]]:
    """What `thread_rows` read: comments, and their replies by the comment's id. No query."""
    comments = _comments(PAGE_COLUMNS, _THREADS.converted(rows, section_id, shape=(limit,)), section_id)
    replies: dict[int, list[Comment]] = {comment.pk: [] for comment in comments}
    if reply_rows:
        parents = tuple([row[0] for row in rows[:limit]])
        for reply in _comments(PAGE_COLUMNS, _REPLIES.converted(reply_rows, parents), section_id):
            replies[reply.parent_id or 0].append(reply)
    return comments, replies


def _comments(columns: tuple[str, ...], rows: list[tuple], section_id: str) -> list[Comment]:
    published = Comment.Status.PUBLISHED
    return [Comment(section_id=section_id, status=published, **dict(zip(columns, row, strict=True))) for row in rows]
