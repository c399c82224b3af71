"""Refusals that a person can act on. A face shows `message`; a program and a test match `code`."""


class DomainError(Exception):
    """A rule refused the request; nothing was written.

    Subclasses set `code` (constant, for programs) and pass a translated, complete sentence as `message`.
    """

    code = "refused"

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
