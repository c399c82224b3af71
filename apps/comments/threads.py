"""Comments with their replies as plain values, the same from ProductOpinion (stored) and from a query."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from apps.comments.models import Comment
from apps.common import keyset

PER_PAGE = 20
ON_PAGE = 5
# All replies of a thread are on one page: this bounds its size.
MAX_REPLIES = 100
REPLIES_ON_PAGE = 3
CUT = 700

Thread = dict[str, Any]


def threads(
    section_id: str, *, cursor: tuple[datetime, int] | None = None, limit: int = PER_PAGE
) -> tuple[list[Thread], str | None]:
    """A page of published threads, newest first, and the next page's cursor. Two queries, whatever the number."""
    beginning = Comment.objects.published().threads_of(section_id)
    found, following = keyset.page(beginning, cursor=cursor, limit=limit)
    return [as_thread(comment, replies) for comment, replies in _with_replies(found)], following


def newest_threads(section_id: str) -> list[Thread]:
    """The first threads that a product's page shows: ON_PAGE of them, long texts cut."""
    return [_shortened(thread) for thread in threads(section_id, limit=ON_PAGE)[0]]


def _with_replies(comments: list[Comment]) -> Iterable[tuple[Comment, list[Comment]]]:
    replies: dict[int, list[Comment]] = {comment.pk: [] for comment in comments}
    if replies:
        for reply in Comment.objects.published().filter(parent__in=list(replies)).order_by("created_at", "pk"):
            replies[reply.parent_id or 0].append(reply)
    return [(comment, replies[comment.pk]) for comment in comments]


def as_thread(comment: Comment, replies: list[Comment]) -> Thread:
    return {**as_values(comment), "replies": [as_values(reply) for reply in replies]}


def as_values(comment: Comment) -> Thread:
    return {
        "id": comment.pk,
        "author": comment.author,
        "text": comment.text,
        "at": comment.created_at.isoformat(),
        "edited": comment.edited_at is not None,
        "withdrawn": comment.withdrawn_at is not None,
        "rating": comment.rating,
        "bought_on": comment.bought_on.isoformat() if comment.bought_on else None,
        "team": comment.by_team,
        "replies": [],
    }


def _shortened(thread: Thread) -> Thread:
    replies = [_cut(reply) for reply in thread["replies"][:REPLIES_ON_PAGE]]
    return {**_cut(thread), "replies": replies, "more": len(thread["replies"]) - len(replies)}


def _cut(values: Thread) -> Thread:
    text = values["text"]
    if len(text) <= CUT:
        return values
    return {**values, "text": text[:CUT].rsplit(" ", 1)[0], "cut": True}
