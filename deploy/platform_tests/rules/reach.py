"""Whether what a module can be told can be told to it from an environment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from rules.world import Rule

VARIABLE = re.compile(r'^variable "(\w+)" \{', re.MULTILINE)
CALL = re.compile(r'^module "\w+" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
SOURCE = re.compile(r'^  source\s*= "(?:\.\./)+(?:modules/)?(\w+)"', re.MULTILINE)
ARGUMENT = re.compile(r"^  (\w+)\s*=", re.MULTILINE)
# What the code, the image or another module says, and no environment.
FIXED = {
    "network": {"app_port"},
    "balancer": {"app_port", "health_path", "services"},
    "queue": {"queues"},
    "secrets": {"secrets"},
    "edge": {"form_paths", "api_paths", "program_paths"},
    # The second region's own, by the module recovery; its copies have a key that it makes.
    "database": {"replicate_source"},
    "recovery": {"kms_key_arn"},
}


def variables_can_be_reached(root: Path) -> Iterator[str]:
    """A module's through the calls of it, a shop's from some environment."""
    terraform = root / "terraform"
    given: dict[str, set[str]] = {}
    for path in (*terraform.glob("modules/shop/*.tf"), *terraform.glob("environments/*/*.tf")):
        for body in CALL.findall(path.read_text()):
            if source := SOURCE.search(body):
                given.setdefault(source[1], set()).update(ARGUMENT.findall(body))
    for folder in sorted((terraform / "modules").iterdir()):
        declared = {name for path in folder.glob("*.tf") for name in VARIABLE.findall(path.read_text())}
        for name in sorted(declared - given.get(folder.name, set()) - FIXED.get(folder.name, set())):
            yield f"no environment can set {name} of modules/{folder.name}"


CODE_RULES = (
    Rule(
        "variables can be reached",
        "A module has the values that its caller gives it, and its defaults.",
        "https://developer.hashicorp.com/terraform/language/values/variables#assigning-values-to-root-module-variables",
        variables_can_be_reached,
    ),
)
