"""Where blocks and arguments stand in HCL as `terraform fmt` writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

HEADER = re.compile(r'^\s*([\w-]+)((?: "[^"]*")*) \{$')
EMPTY = re.compile(r"^\s*([\w-]+) \{\}$")
ARGUMENT = re.compile(r"^\s*([\w-]+)\s*=\s(.*)$")
HEREDOC = re.compile(r"<<-?(\w+)$")
TOKEN = re.compile(r'"(?:\\.|\$\{[^}]*\}|[^"\\$]|\$(?!\{))*"|#.*|[{}\[\]()]')
DEPTH = {"{": 1, "[": 1, "(": 1, "}": -1, "]": -1, ")": -1}


@dataclass
class Argument:
    """Offsets into the text: of its lines (with the last line's end), and of its value."""

    name: str
    start: int
    value: int
    end: int


@dataclass
class Block:
    kind: str
    labels: tuple[str, ...]
    start: int
    parent: Block | None = None
    end: int = 0
    arguments: list[Argument] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    @property
    def title(self) -> str:
        return " ".join([self.kind, *self.labels])

    @property
    def path(self) -> str:
        return f"{self.parent.path} > {self.title}" if self.parent else self.title

    @property
    def top(self) -> Block:
        return self.parent.top if self.parent else self

    def value(self, text: str, name: str) -> str:
        for one in self.arguments:
            if one.name == name:
                return text[one.value : one.end].strip()
        return ""

    def all(self) -> Iterator[Block]:
        yield self
        for one in self.blocks:
            yield from one.all()


def opened(line: str) -> int:
    """How many brackets a line opens more than it closes."""
    return sum(DEPTH.get(token, 0) for token in TOKEN.findall(line))


def read(text: str) -> list[Block]:
    """The blocks at the top of a file, with what stands in them."""
    tops: list[Block] = []
    inside: list[Block] = []
    argument: Argument | None = None
    depth = 0
    heredoc = ""
    offset = 0
    for whole in text.splitlines(keepends=True):
        line, start = whole.rstrip("\n"), offset
        offset += len(whole)
        if heredoc:
            if line.strip() == heredoc:
                heredoc = ""
                argument = _ended(argument, offset)
            continue
        if argument:
            depth += opened(line)
            if depth <= 0:
                argument = _ended(argument, offset)
            continue
        if found := HEADER.match(line) or EMPTY.match(line):
            labels = tuple(re.findall(r'"([^"]*)"', found[2])) if found.re is HEADER else ()
            block = Block(found[1], labels, start, inside[-1] if inside else None)
            (inside[-1].blocks if inside else tops).append(block)
            if found.re is HEADER:
                inside.append(block)
            else:
                block.end = offset
        elif line.strip() == "}" and inside:
            inside.pop().end = offset
        elif inside and (found := ARGUMENT.match(line)):
            argument = Argument(found[1], start, start + found.start(2), offset)
            inside[-1].arguments.append(argument)
            depth = opened(found[2])
            if here := HEREDOC.search(found[2]):
                heredoc = here[1]
            elif depth <= 0:
                argument = None
    return tops


def _ended(argument: Argument | None, offset: int) -> None:
    if argument:
        argument.end = offset
