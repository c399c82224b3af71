"""Imports the modules of `services/`, each of which registers its operation."""

from importlib import import_module
from pkgutil import walk_packages

from apps.common.absent import postponed
from apps.operations import services
from apps.operations.runs.definition import OPERATIONS

for found in walk_packages(services.__path__, f"{services.__name__}."):
    if found.name not in postponed:
        import_module(found.name)

__all__ = ["OPERATIONS"]
