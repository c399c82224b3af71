"""A sentence about an environment: what its resources of one type say, and the page on which that means something.

It is asked of every plan (`terraform rules`), and of the plan of every mutant.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rules.world import Resource, Rule, World

DOCS = "https://docs.aws.amazon.com/"
NOTHING = "(nothing)"
MODULES = re.compile(r"^(?:module\.\w+\.)+")


class By(dict):
    """A value of each environment, by its name."""


@dataclass(frozen=True)
class From:
    """Taken from these blocks, named by their ends; what is known only after `apply` is looked up in the code."""

    blocks: tuple[str, ...]


@dataclass(frozen=True)
class Is:
    """A value that a function accepts."""

    words: str
    accepts: Callable[[Any], bool]


ABSENT = Is("absent", lambda value: value in (None, "", [], NOTHING))


def from_(*blocks: str) -> From:
    return From(blocks)


def least(number: float) -> Is:
    return Is(f"at least {number}", lambda value: value is not None and float(value) >= number)


def between(low: float, high: float) -> Is:
    return Is(f"{low} to {high}", lambda value: value is not None and low <= float(value) <= high)


def has(*words: str) -> Is:
    return Is(f"with {', '.join(words)}", lambda value: all(word in _text(value) for word in words))


def _text(value: Any) -> str:
    """JSON without white space."""
    if isinstance(value, str) and value.startswith("{"):
        return json.dumps(json.loads(value), separators=(",", ":"))
    return str(value)


@dataclass(frozen=True)
class Sentence:
    says: str
    page: str
    kind: str
    wanted: Mapping[str, Any] = field(default_factory=dict)
    # A regular expression on the resource's address.
    where: str = ""
    # How many there are; at least one without.
    count: Any = None
    environments: tuple[str, ...] = ("demo", "staging", "production")

    def rule(self) -> Rule:
        return Rule(self.says, f"{self.kind}: {', '.join(self.wanted) or 'is there'}", DOCS + self.page, self.check)

    def check(self, world: World) -> Iterator[str]:
        if world.name not in self.environments:
            return
        found = [one for one in world.of(self.kind) if re.search(self.where, one.address)]
        count = _of(self.count, world)
        if count is None and not found:
            yield f"there is no {self.kind}{f' like {self.where}' if self.where else ''}"
        if count is not None and len(found) != count:
            yield f"{len(found)} of {self.kind}{f' like {self.where}' if self.where else ''}, not {count}"
        for resource in found:
            for path, wanted in self.wanted.items():
                yield from _differs(world, resource, path, _of(wanted, world))


def _of(wanted: Any, world: World) -> Any:
    if isinstance(wanted, By):
        wanted = wanted[world.name]
    if isinstance(wanted, str):
        return wanted.replace("{name}", f"webmarket-{world.name}").replace("{environment}", world.name)
    return wanted


def _differs(world: World, resource: Resource, path: str, wanted: Any) -> Iterator[str]:
    if isinstance(wanted, From):
        origins = {MODULES.sub("", one) for one in world.origins(resource, path)}
        if not set(wanted.blocks) <= origins:
            found = ", ".join(sorted(origins)) or "nothing"
            yield f"{resource.short}: {path} comes from {found}, not {', '.join(wanted.blocks)}"
        return
    values = values_at(resource.values, path.split("."))
    if isinstance(wanted, Is):
        wrong = [value for value in values or [None] if not wanted.accepts(value)]
        if wrong:
            yield f"{resource.short}: {path} is {wrong[0]}, not {wanted.words}"
    elif isinstance(wanted, set):
        if {_plain(value) for value in values} != wanted:
            yield f"{resource.short}: {path} is {sorted(map(str, values))}, not {sorted(map(str, wanted))}"
    elif not values or any(_plain(value) != wanted for value in values):
        yield f"{resource.short}: {path} is {values[0] if len(values) == 1 else values or 'absent'}, not {wanted}"


def _plain(value: Any) -> Any:
    """Lists as tuples, sorted where order says nothing is for the table to know."""
    return tuple(_plain(one) for one in value) if isinstance(value, list) else value


def values_at(value: Any, path: list[str]) -> list[Any]:
    """What stands at the end of a path, in every block on the way; a list there is one value, unless `*` follows."""
    if not path:
        return [value]
    if isinstance(value, list):
        if path[0] == "*":
            return [found for one in value for found in values_at(one, path[1:])]
        return [found for one in value for found in values_at(one, path)]
    if isinstance(value, dict) and path[0] in value:
        inner = value[path[0]]
        if path == ["*"]:
            return [inner]
        return values_at(inner, path[1:])
    return []
