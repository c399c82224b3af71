"""The newest comments of a section as the database has them at this moment, in one query compiled once."""

from django.db.models import QuerySet

from apps.comments.models import Comment
from apps.common.prepared import Prepared, Rows

COLUMNS = ("pk", "author", "text", "parent_id", "created_at")


def _newest(limit: int, section_id: str) -> QuerySet:
    published = Comment.objects.published().in_section(section_id)
    return published.order_by("-created_at", "-pk").values_list(*COLUMNS)[: limit + 1]


_NEWEST = Prepared(_newest)


def newest_rows(section_id: str, *, limit: int) -> Rows:
    """`limit` rows and one more if there is one, in the database's own values: equal rows are equal comments."""
    return _NEWEST.raw_rows(section_id, shape=(limit,))


def as_comments(rows: Rows, *, section_id: str, limit: int) -> list[Comment]:
    """What `newest_rows` read for the same section and limit, as comments. No query."""
    published = Comment.Status.PUBLISHED
    return [
        Comment(section_id=section_id, status=published, **dict(zip(COLUMNS, row, strict=True)))
        for row in _NEWEST.converted(rows, section_id, shape=(limit,))
    ]
