"""A planned environment as the rules read it: its resources, what each waits for, and where a value comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

# Stands in a policy for what is known only after `apply`.
UNKNOWN = "(known after apply)"
DOCUMENT = "aws_iam_policy_document"
INSTANCE = re.compile(r"\[[^\]]*\]")


@dataclass(frozen=True)
class Rule:
    """What AWS refuses. `check` yields a sentence for each place that breaks it."""

    name: str
    reason: str
    source: str
    check: Callable[[Any], Iterable[str]]


@dataclass(frozen=True)
class Resource:
    address: str
    type: str
    # What is known only after `apply` is missing.
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def block(self) -> str:
        """The address without keys of instances, as `terraform graph` names it."""
        return INSTANCE.sub("", self.address)

    @property
    def key(self) -> str:
        """The instance's key in brackets, or nothing."""
        return self.address[self.address.rfind("[") :] if self.address.endswith("]") else ""

    @property
    def short(self) -> str:
        return self.address.replace("module.", "").replace("shop.", "", 1)

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)


class World:
    """One environment: `terraform show -json` of its plan and `terraform graph` of its code."""

    def __init__(self, name: str, plan: dict, graph: str) -> None:
        self.name = name
        self.resources = sorted(_resources(plan["planned_values"]["root_module"]), key=lambda one: one.address)
        self.edges = _edges(graph)
        self.configuration = plan.get("configuration", {}).get("root_module", {})
        self.late_documents = {
            one["address"]: one["change"]["after"]
            for one in plan.get("resource_changes", [])
            if one["mode"] == "data" and one["type"] == DOCUMENT
        }

    def of(self, *types: str) -> list[Resource]:
        return [one for one in self.resources if one.type in types]

    def waits_for(self, waiting: str, awaited: str) -> bool:
        """Whether `awaited` is there before `waiting` is made; both are blocks."""
        return awaited in self._ancestors(waiting)

    def _ancestors(self, block: str) -> set[str]:
        if block not in self._written:
            found: set[str] = set()
            left = [block]
            while left:
                for one in self.edges.get(left.pop(), ()):
                    if one not in found:
                        found.add(one)
                        left.append(one)
            self._written[block] = found
        return self._written[block]

    @cached_property
    def _written(self) -> dict[str, set[str]]:
        return {}

    def origins(self, resource: Resource, argument: str) -> set[str]:
        """Blocks that an argument's value is taken from, through variables and outputs of modules.

        `argument` is a path such as `access_logs.bucket`. Where a local or a loop stands between, what the
        resource's neighbours in the graph are is the answer: never too few.
        """
        path, own = _split(resource.block)
        found = _find(self._module(path), own)
        if found is None:
            return set()
        blocks: set[str] = set()
        for reference in _references(found.get("expressions", {}), argument.split(".")):
            resolved = self._resolve(path, reference)
            blocks |= self.edges.get(resource.block, set()) if resolved is None else resolved
        return blocks

    def instance(self, resource: Resource, argument: str) -> str:
        """The key of the one instance that an argument names, such as `["web"]`; nothing where it names none."""
        path, own = _split(resource.block)
        found = _find(self._module(path), own)
        references = _references(found.get("expressions", {}), argument.split(".")) if found else []
        named = [one for reference in references for one in re.findall(r'^\w+\.\w+(\["[^"]+"\])', reference)]
        return named[0] if named else ""

    def document(self, resource: Resource, argument: str) -> list[dict]:
        """Statements of a policy. One that waits for `apply` is read from what its data source is given."""
        if resource[argument]:
            return statements(resource[argument])
        path, own = _split(resource.block)
        found = _find(self._module(path), own)
        if found is None:
            return []
        references = [
            *_references(found.get("expressions", {}), [argument]),
            *found.get("for_each_expression", {}).get("references", []),
        ]
        named = {INSTANCE.sub("", one) for one in references if one.startswith(f"data.{DOCUMENT}.")}
        late = {
            address: given
            for address, given in self.late_documents.items()
            for one in named
            if _module_and_block(address) == (path, ".".join(one.split(".")[:3]))
        }
        name = resource.key.strip('[]"')
        chosen = [one for one in late if one.endswith((f".{name}", resource.key))] if name and len(late) > 1 else late
        return [one for address in chosen for one in _late_statements(late[address])]

    def _module(self, path: tuple[str, ...]) -> dict:
        module = self.configuration
        for name in path:
            module = module["module_calls"][name]["module"]
        return module

    def _resolve(self, path: tuple[str, ...], reference: str) -> set[str] | None:
        """None where the reference says nothing of its source (a local, a loop's value)."""
        kind, _, rest = reference.partition(".")
        if kind in ("local", "each", "count", "self"):
            return None if kind != "count" else set()
        if kind == "var":
            if not path:
                return set()
            call = self._module(path[:-1])["module_calls"][path[-1]]
            name = re.split(r"[.\[]", rest)[0]
            return self._all(path[:-1], _references(call.get("expressions", {}), [name]))
        if kind == "module":
            name, _, output = INSTANCE.sub("", rest).partition(".")
            outputs = self._module((*path, name)).get("outputs", {})
            expression = outputs.get(output.split(".")[0], {}).get("expression", {})
            return self._all((*path, name), expression.get("references", []))
        if kind == "data" or "." not in reference:
            return set()
        parts = INSTANCE.sub("", reference).split(".")
        prefix = "".join(f"module.{name}." for name in path)
        return {f"{prefix}{parts[0]}.{parts[1]}"}

    def _all(self, path: tuple[str, ...], references: Iterable[str]) -> set[str]:
        resolved = [self._resolve(path, one) for one in references]
        return set().union(*(one for one in resolved if one is not None))


def statements(document: str | None) -> list[dict]:
    """Statements of a policy; none of one that is known only after `apply`."""
    if not document:
        return []
    found = json.loads(document)["Statement"]
    return [found] if isinstance(found, dict) else found


def listed(value: Any) -> list:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _module_and_block(address: str) -> tuple[tuple[str, ...], str]:
    return _split(INSTANCE.sub("", address))


def _late_statements(given: dict) -> list[dict]:
    """What Terraform shows of a document whose JSON waits for `apply`, as that JSON will say it."""
    found = [one for text in given.get("source_policy_documents") or [] for one in statements(text)]
    for one in given.get("statement") or []:
        statement = {"Sid": one.get("sid"), "Effect": one.get("effect") or "Allow"}
        for name, key in (("actions", "Action"), ("resources", "Resource")):
            for prefix in ("", "not_"):
                if one.get(f"{prefix}{name}") or (not prefix and name == "resources" and not one.get("not_resources")):
                    listing = one.get(f"{prefix}{name}") or [None]
                    statement[f"{'Not' if prefix else ''}{key}"] = [
                        UNKNOWN if item is None else item for item in listing
                    ]
        if principals := one.get("principals"):
            statement["Principal"] = {
                who["type"]: [UNKNOWN if item is None else item for item in who["identifiers"]] for who in principals
            }
        for asked in one.get("condition") or []:
            values = [UNKNOWN if item is None else item for item in asked.get("values") or [None]]
            statement.setdefault("Condition", {}).setdefault(asked["test"], {})[asked["variable"]] = values
        found.append(statement)
    return found


def _resources(module: dict) -> Iterator[Resource]:
    for one in module.get("resources", []):
        if one["mode"] == "managed":
            yield Resource(one["address"], one["type"], one.get("values", {}))
    for child in module.get("child_modules", []):
        yield from _resources(child)


def _edges(graph: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for waiting, awaited in re.findall(r'^\s*"([^"]+)" -> "([^"]+)"', graph, re.MULTILINE):
        found.setdefault(waiting, set()).add(awaited)
    return found


def _split(block: str) -> tuple[tuple[str, ...], str]:
    modules: list[str] = []
    while block.startswith("module."):
        _, name, block = block.split(".", 2)
        modules.append(name)
    return tuple(modules), block


def _find(module: dict, own: str) -> dict | None:
    for one in module.get("resources", []):
        if f"{one['type']}.{one['name']}" == own and one["mode"] == "managed":
            return one
    return None


def _references(expressions: Any, path: list[str]) -> list[str]:
    """References of an expression; of nested blocks, those of every one of them."""
    if isinstance(expressions, list):
        return [reference for one in expressions for reference in _references(one, path)]
    if not isinstance(expressions, dict):
        return []
    if path:
        return _references(expressions.get(path[0], {}), path[1:])
    return list(expressions.get("references", []))
