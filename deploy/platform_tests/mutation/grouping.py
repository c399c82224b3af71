"""Many mutants in one copy of an environment, each judged by itself.

A plan takes as long for one mutant as for thirty. Mutants of different resources are planted together; then each is
judged by the plan of the code as it is, in which only the resources of its own block are those of the changed plan.
Where one of these differs in another argument than the one that was changed, something else has reached it, and this
plan says nothing of the mutant: the next check does. What a change does beyond its own resource is not seen: it can
only be missed, never counted twice. One mutant of a group may reach further (a local, a variable): it is judged by the
changed plan with the others' resources as they are in the code.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator

from rules import World

from mutation.mutants import Mutant

LARGEST = 40
INSTANCE = re.compile(r"\[[^\]]*\]")
DOCUMENT = "data.aws_iam_policy_document."
SOURCE_FOLDER = re.compile(r"(?:^|/)modules/(\w+)$|^\.\./(\w+)$")


def folder_of(mutant: Mutant) -> str:
    """The module's, or nothing for a file of an environment."""
    parts = mutant.file.split("/")
    return parts[2] if parts[1] == "modules" else ""


def groups(mutants: list[Mutant]) -> tuple[list[tuple[Mutant, ...]], list[Mutant]]:
    """Groups with one mutant of a block, and at most one that may reach further; those left over are planned alone."""
    found: list[dict[tuple[str, str], Mutant]] = []
    for one in filter(is_local, mutants):
        key = (folder_of(one), one.block)
        place = next((group for group in found if key not in group and len(group) < LARGEST), None)
        if place is None:
            place = {}
            found.append(place)
        place[key] = one
    reaching = [one for one in mutants if not is_local(one)]
    # What still depends on others, such as a condition that is turned, would show theirs too.
    free = [number for number, group in enumerate(found) if not any(map(_depends, group.values()))]
    with_one = dict(zip(free, reaching, strict=False))
    together = [
        tuple(group.values()) + ((with_one[number],) if number in with_one else ())
        for number, group in enumerate(found)
    ]
    return together, reaching[len(with_one) :]


def _depends(mutant: Mutant) -> bool:
    return mutant.operator.startswith("turn a c")


def is_local(mutant: Mutant) -> bool:
    """Whether a change stays within one resource or document of a module."""
    return bool(mutant.block and mutant.argument and folder_of(mutant)) and not mutant.mistake


def judged_alone(
    environment: str, clean: dict, changed: dict, mutant: Mutant, group: tuple[Mutant, ...]
) -> World | None:
    """The environment with this mutant alone; None where its resources show more than its own change."""
    if is_local(mutant):
        if not _shows_its_own(clean, changed, mutant):
            return None
        plan, graph = _swapped(clean, changed, [mutant])
    else:
        # Whatever is changed, but for what the others of the group change.
        plan, graph = _swapped(changed, clean, [one for one in group if is_local(one)])
    return World(environment, plan, graph)


def _reached(found: dict, mutant: Mutant) -> tuple[list[str], set[str], set[str]]:
    """Calls of its module, its blocks there, and the resources that show it."""
    paths = list(_paths(found["plan"]["configuration"]["root_module"], folder_of(mutant)))
    blocks = {f"{path}{mutant.block}" for path in paths}
    if mutant.block.startswith(DOCUMENT):
        return paths, blocks, {name for path in paths for name in _readers(found, path, mutant.block)}
    return paths, blocks, blocks


def _shows_its_own(clean: dict, changed: dict, mutant: Mutant) -> bool:
    _, _, wanted = _reached(clean, mutant)
    own = {"policy", "assume_role_policy"} if mutant.block.startswith(DOCUMENT) else {mutant.argument}
    before, after = _by_place(clean["plan"]), _by_place(changed["plan"])
    for name in before.keys() & after.keys():
        if INSTANCE.sub("", name) in wanted:
            # One of which nothing is known before `apply` shows no values.
            first, second = (found[name].get("values", {}) for found in (before, after))
            differing = {key for key in first.keys() | second.keys() if first.get(key) != second.get(key)}
            if differing - own - {"tags_all", "tags"}:
                return False
    return True


def _swapped(base: dict, other: dict, mutants: list[Mutant]) -> tuple[dict, str]:
    """Plan and graph of the first, with the resources of these mutants as in the second."""
    plan, graph = copy.deepcopy(base["plan"]), base["graph"]
    after = _by_place(other["plan"])
    for mutant in mutants:
        paths, blocks, wanted = _reached(base, mutant)
        _replace_resources(plan["planned_values"]["root_module"], wanted, after)
        for path in paths:
            _replace_configuration(plan, other["plan"], path, mutant.block)
        theirs = [one for one in other["plan"]["resource_changes"] if INSTANCE.sub("", one["address"]) in blocks]
        ours = [one for one in plan["resource_changes"] if INSTANCE.sub("", one["address"]) not in blocks]
        plan["resource_changes"] = [*ours, *theirs]
        graph = _edges(graph, other["graph"], wanted | blocks)
    return plan, graph


def _paths(module: dict, folder: str, path: str = "") -> Iterator[str]:
    """Where the module of a folder is called, as the beginning of an address without keys."""
    for name, call in module.get("module_calls", {}).items():
        own = f"{path}module.{name}."
        found = SOURCE_FOLDER.search(call.get("source", ""))
        if found and folder in (found[1], found[2]):
            yield own
        yield from _paths(call["module"], folder, own)


def _module(plan: dict, path: str) -> dict:
    module = plan["configuration"]["root_module"]
    for name in re.findall(r"module\.(\w+)\.", path):
        module = module["module_calls"][name]["module"]
    return module


def _readers(found: dict, path: str, document: str) -> set[str]:
    """Resources of a module whose policy is made of a document, through other documents too."""
    resources = _module(found["plan"], path).get("resources", [])
    reached, left = {document}, [document]
    while left:
        named = left.pop()
        for one in resources:
            place = f"{'data.' if one['mode'] == 'data' else ''}{one['type']}.{one['name']}"
            text = str([one.get("expressions"), one.get("for_each_expression")])
            if place not in reached and re.search(rf"'{re.escape(named)}(?![\w-])", text):
                reached.add(place)
                if one["mode"] == "data":
                    left.append(place)
    return {f"{path}{one}" for one in reached if not one.startswith("data.")}


def _resources(module: dict) -> Iterator[dict]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from _resources(child)


def _by_place(plan: dict) -> dict[str, dict]:
    return {one["address"]: one for one in _resources(plan["planned_values"]["root_module"])}


def _replace_resources(module: dict, wanted: set[str], after: dict[str, dict]) -> None:
    """Those of the wanted blocks are the changed plan's; all of them stand in the root, which nobody minds."""

    def drop(module: dict) -> None:
        module["resources"] = [
            one for one in module.get("resources", []) if INSTANCE.sub("", one["address"]) not in wanted
        ]
        for child in module.get("child_modules", []):
            drop(child)

    drop(module)
    module["resources"] += [one for name, one in after.items() if INSTANCE.sub("", name) in wanted]


def _replace_configuration(plan: dict, changed: dict, path: str, block: str) -> None:
    def is_it(one: dict) -> bool:
        return f"{'data.' if one['mode'] == 'data' else ''}{one['type']}.{one['name']}" == block

    module = _module(plan, path)
    others = [one for one in module.get("resources", []) if not is_it(one)]
    module["resources"] = [*others, *(one for one in _module(changed, path).get("resources", []) if is_it(one))]


def _edges(clean: str, changed: str, blocks: set[str]) -> str:
    """Who waits for whom: of the changed blocks as in the changed plan."""

    def is_theirs(line: str) -> bool:
        return line.strip().split('"')[1:2] != [] and line.strip().split('"')[1] in blocks

    others = [line for line in clean.splitlines() if not is_theirs(line)]
    return "\n".join([*others, *(line for line in changed.splitlines() if is_theirs(line))])
