"""Errors of operations; the message of each is one sentence with a remedy."""

from apps.common.errors import DomainError


class OperationFailed(DomainError):
    code = "operation_failed"


class BadOptions(DomainError):
    code = "bad_options"


class AlreadyRunning(DomainError):
    code = "already_running"


class AwsRefused(DomainError):
    """AWS, or the way to it, refused a call; `details["aws_code"]` is its error code."""

    code = "aws_refused"


class OutOfTime(DomainError):
    code = "out_of_time"


class BadFile(DomainError):
    """A file that was named cannot be read or written."""

    code = "bad_file"
