"""Writes to comments: writing, changing one's own, reporting, moderating."""

from apps.comments.services.moderate import dismiss_reports, publish, reject
from apps.comments.services.own import (
    EDITABLE_FOR,
    EditingClosed,
    edit_comment,
    find_own,
    is_editable,
    withdraw_comment,
)
from apps.comments.services.refresh import refresh_section
from apps.comments.services.report import report_comment
from apps.comments.services.write import (
    AlreadyRated,
    KeyReused,
    ReplyTooDeep,
    ThreadFull,
    UnknownParent,
    find_repeat,
    write_comment,
)

__all__ = [
    "EDITABLE_FOR",
    "AlreadyRated",
    "EditingClosed",
    "KeyReused",
    "ReplyTooDeep",
    "ThreadFull",
    "UnknownParent",
    "dismiss_reports",
    "edit_comment",
    "find_own",
    "find_repeat",
    "is_editable",
    "publish",
    "refresh_section",
    "reject",
    "report_comment",
    "withdraw_comment",
    "write_comment",
]
