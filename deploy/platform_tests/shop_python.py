"""Restart under the shop's Python, which has the packages of the tests."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

from local import PYTHON


def with_packages() -> None:
    """Start again under the shop's Python where this one lacks what the rules read with."""
    if not find_spec("yaml") or not find_spec("moto"):
        if not PYTHON.exists() or sys.executable == str(PYTHON):
            sys.exit("The rules need the packages of the tests: `make test` installs them.")
        os.execv(PYTHON, [str(PYTHON), *sys.argv])
