"""Small plans for the tests of rules."""

from __future__ import annotations

from rules.world import World


def world(*resources: tuple[str, dict], waits=(), references=None, name: str = "test") -> World:
    """A plan of resources by address, the pairs in which one waits for another, and what arguments refer to."""
    resources = [
        {"address": address, "type": address.split(".")[0], "mode": "managed", "values": values}
        for address, values in resources
    ]
    written = [
        {
            "type": block.split(".")[0],
            "name": block.split(".")[1],
            "mode": "managed",
            "expressions": nested(arguments),
        }
        for block, arguments in (references or {}).items()
    ]
    graph = "\n".join(f'  "{waiting}" -> "{awaited}";' for waiting, awaited in waits)
    given = {"planned_values": {"root_module": {"resources": resources}}}
    return World(name, {**given, "configuration": {"root_module": {"resources": written}}}, graph)


def nested(arguments: dict[str, str]) -> dict:
    """`{"access_logs.bucket": "…"}` as Terraform shows blocks, in lists."""
    expressions: dict = {}
    for path, target in arguments.items():
        *blocks, inner = path.split(".")
        found: dict = {inner: {"references": [target]}}
        for block in reversed(blocks):
            found = {block: [found]}
        expressions |= found
    return expressions


def problems_of(check, *subject) -> list[str]:
    return list(check(*subject))
