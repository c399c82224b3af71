"""A mutant: one file of the repository with a small change for the worse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Edit:
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Mutant:
    """`place` says where in the file, in words that another line above does not change."""

    file: str
    kind: str
    operator: str
    place: str
    edits: tuple[Edit, ...]
    # Of a change within one resource or document: `aws_lb.this`, and which of its arguments or blocks is changed.
    block: str = ""
    argument: str = ""
    # Of a named mistake: what the check that refuses it must say.
    mistake: str = ""
    caught_by: str = ""

    @property
    def name(self) -> str:
        return self.mistake or f"{self.file}: {self.operator}: {self.place}"

    def applied(self, text: str) -> str:
        return edited(text, self.edits)


def edited(text: str, edits: Iterable[Edit]) -> str:
    for edit in sorted(edits, key=lambda one: one.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def numbered(mutants: Iterable[Mutant]) -> list[Mutant]:
    """Places of the same words are told apart by their number."""
    counted: Counter[tuple[str, str, str]] = Counter()
    result = []
    for one in mutants:
        key = (one.file, one.operator, one.place)
        counted[key] += 1
        result.append(one if counted[key] == 1 else replace(one, place=f"{one.place} ({counted[key]})"))
    return result
