"""What is wrong with a file, or with one row of it."""

from apps.common.errors import DomainError


class UnreadableFile(DomainError):
    """The file as a whole cannot be read: missing, empty, cut off, not text, without the columns that it needs."""

    code = "unreadable_file"


class Refusal(Exception):
    """This row cannot be imported; the message is the reason, for the rejects file."""
