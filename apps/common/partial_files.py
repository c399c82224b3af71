"""Files that are at their name once they are whole: written beside it, then renamed or linked.

What a killed process was writing has its number in its name, so that the next one, and `cleanup`, find it.
"""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from apps.common.processes import is_alive

# Without a number: written by an earlier release.
_NAME = re.compile(r"\..+?(?:\.(\d+)-[0-9a-f]{8})?\.partial")
# A file system's names have 255 bytes, and a character up to four.
_LENGTH = 50


def is_partial(name: str) -> bool:
    return bool(_NAME.fullmatch(name))


def beside(path: Path) -> Path:
    """Where to write it; another name each time."""
    return path.with_name(f".{path.name[:_LENGTH]}.{os.getpid()}-{secrets.token_hex(4)}.partial")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yields where to write; after the block the file is renamed to `path`, or deleted if the block failed. First
    deletes what killed processes were writing for the same name."""
    for each in _left_in(path.parent, f".{path.name[:_LENGTH]}."):
        each.unlink(missing_ok=True)
    partial = beside(path)
    try:
        yield partial
        partial.replace(path)
    except BaseException:
        # It would go on filling a full disk.
        partial.unlink(missing_ok=True)
        raise


def left(folder: Path) -> list[Path]:
    """What processes that are gone left half-written, in it and below."""
    return [each for parent, _folders, _names in os.walk(folder) for each in _left_in(Path(parent))]


def sweep(folder: Path) -> list[Path]:
    found = left(folder)
    for each in found:
        each.unlink(missing_ok=True)
    return found


def _left_in(folder: Path, start: str = ".") -> Iterator[Path]:
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        found = [
            (entry.path, named[1])
            for entry in entries
            if entry.name.startswith(start) and (named := _NAME.fullmatch(entry.name)) and entry.is_file()
        ]
    for path, pid in found:
        if pid is None or not is_alive(int(pid)):
            yield Path(path)
