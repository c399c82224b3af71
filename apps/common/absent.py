"""What libraries import at the start only because it is installed, and the shop never uses through them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
