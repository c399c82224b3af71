"""What libraries import at the start only because it is installed: never used through them, or seldom."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


@contextmanager
def absent(*names: str) -> Iterator[None]:
    """Within it these packages cannot be imported, as if they were not installed, unless they are imported already.

    structlog takes rich for tracebacks in colour, REST framework requests for a test client and pygments for its own
    pages: 8 MB and 0.1 s of each process. Whoever imports them afterwards gets them.
    """
    modules: dict[str, Any] = sys.modules
    hidden = [name for name in names if name not in modules]
    # Python raises ModuleNotFoundError for a name that stands there with None.
    modules.update(dict.fromkeys(hidden))
    try:
        yield
    finally:
        for name in hidden:
            del modules[name]


postponed: set[str] = set()


class _Later(ModuleType):
    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self.__name__), name)


def later(name: str) -> None:
    """`from package import module` gives a stand-in from here on, which imports the module at its first use.

    allauth.mfa imports what checks passkeys with every page of an account: fido2 and cryptography, 11 MB.
    """
    package, _dot, module = name.rpartition(".")
    postponed.add(name)
    if name not in sys.modules:
        setattr(importlib.import_module(package), module, _Later(name))
