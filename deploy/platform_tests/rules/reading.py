"""YAML, parsed once for each text: many rules read the same files, and mutants change one at a time."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@lru_cache(maxsize=512)
def load_yaml(text: str) -> Any:
    """What nobody may change: others are given the same."""
    return yaml.load(text, Loader=LOADER)  # noqa: S506 - a safe loader
