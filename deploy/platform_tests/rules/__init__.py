"""What AWS refuses and moto takes: each rule says why, and names the page.

`RULES` of a module read a planned environment (world.py), `CODE_RULES` the repository. A new kind is a new module. A
rule is about a kind of mistake, so that the next place where it could be made is read too; deploy/tests/test_rules_*.py
plant each mistake and see it refused.
"""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from rules.world import Rule, World

_modules = [import_module(f"rules.{found.name}") for found in iter_modules(__path__)]
RULES: tuple[Rule, ...] = tuple(rule for module in _modules for rule in getattr(module, "RULES", ()))
CODE_RULES: tuple[Rule, ...] = tuple(rule for module in _modules for rule in getattr(module, "CODE_RULES", ()))


def broken(rules: tuple[Rule, ...], subject: World | Path) -> list[str]:
    """A sentence for each breach, with the page that says so."""
    return [f"{rule.name}: {problem}\n    {rule.source}" for rule in rules for problem in rule.check(subject)]


__all__ = ["CODE_RULES", "RULES", "Rule", "World", "broken"]
