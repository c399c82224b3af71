"""docs/zero-to-live.md, read as what it is: stages of commands, of what others do, and of what doctor then says."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from local import ROOT

PAGE = ROOT / "docs" / "zero-to-live.md"
FENCE = re.compile(r"^```([a-z-]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS, OTHERS, DOCTOR = "sh", "by-others", "doctor"


@dataclass
class Block:
    kind: str
    text: str
    # Where its text stands in the page.
    start: int


@dataclass
class Stage:
    title: str
    blocks: list[Block] = field(default_factory=list)


def read(path: Path = PAGE) -> list[Stage]:
    text = path.read_text()
    headings = [(0, "0. What is needed"), *((one.start(), one[1]) for one in re.finditer(r"^## (.+)$", text, re.M))]
    ends = [start for start, _ in headings[1:]] + [len(text)]
    stages = [Stage(title) for _, title in headings]
    for one in FENCE.finditer(text):
        number = next(index for index, end in enumerate(ends) if one.start() < end)
        stages[number].blocks.append(Block(one[1], one[2], one.start(2)))
    return stages


def write(answers: list[tuple[Block, str]], path: Path = PAGE) -> None:
    """Put what doctor says into its blocks."""
    text = path.read_text()
    for block, answer in sorted(answers, key=lambda one: -one[0].start):
        text = text[: block.start] + answer + text[block.start + len(block.text) :]
    path.write_text(text)
