"""Whose comments are published without moderation."""

import re

from apps.accounts.models import User
from apps.comments.models import Comment

Status = Comment.Status
_LINK = re.compile(
    r"https?://|www\.|\b[\w-]+\.(com|fr|net|org|info|ru|cn|xyz|top|io|shop|site|online)\b", re.IGNORECASE
)


def has_link(text: str) -> bool:
    return bool(_LINK.search(text))


def is_good_author(user: User | None) -> bool:
    """An account with a published comment and no refused one."""
    if user is None:
        return False
    statuses = set(Comment.objects.of(user).values_list("status", flat=True).distinct())
    return Status.PUBLISHED in statuses and Status.REJECTED not in statuses


def is_good_visitor(earlier: Comment | None) -> bool:
    """`earlier`: a comment that the visitor has proved to have written; it must be published and not reported."""
    return earlier is not None and earlier.status == Status.PUBLISHED and not earlier.open_reports
