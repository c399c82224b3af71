"""Imports from deploy/local for the tests of the platform; both run on the system's Python.

Also makes the shop's modules importable; only those that need no package may be imported here.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "local"))
sys.path.append(str(Path(__file__).resolve().parents[2]))

from debian import mirror
from environment import BIN, PIP_OPTIONS, PYTHON, ROOT, Unusable, make_environment, read_env_file, say, split
from selection import CI, print_table, run_as_command, select

__all__ = [
    "BIN",
    "CI",
    "PIP_OPTIONS",
    "PYTHON",
    "ROOT",
    "Unusable",
    "make_environment",
    "mirror",
    "print_table",
    "read_env_file",
    "run_as_command",
    "say",
    "select",
    "split",
]
