"""A row of a file, and its refusals and warnings."""

from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class Row:
    """One line of the file; `line` is where it begins in the (uncompressed) file, the header being line 1."""

    line: int
    cells: list[str]
    error: str = ""


@dataclass(slots=True, frozen=True)
class Reject:
    row: Row
    reason: str


@dataclass(slots=True, frozen=True)
class Warned:
    """Something a person should know of a row that is imported all the same."""

    line: int
    text: str
