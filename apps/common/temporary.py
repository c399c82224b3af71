"""Temporary folders for copies of the database, rows of the data lake and exports, named after their process, so that
those of a dead process are found and removed."""

import os
import re
import shutil
import tempfile
from pathlib import Path

from apps.common.processes import is_alive

NAME = re.compile(r"webmarket-(?:backup|restore|lake|export|rejects)-(\d+)-\w+")


def temporary_folder(purpose: str, *, within: Path | None = None) -> "tempfile.TemporaryDirectory[str]":
    """Removes folders of dead processes, then creates one for the duration of the block; `within` a folder instead of
    the system's for temporary files."""
    sweep_folders(within)
    return tempfile.TemporaryDirectory(prefix=f"webmarket-{purpose}-{os.getpid()}-", dir=within)


def left_folders(within: Path | None = None) -> list[Path]:
    """Those of our own user whose process is gone."""
    found = []
    with os.scandir(within or tempfile.gettempdir()) as entries:
        for entry in entries:
            named = NAME.fullmatch(entry.name)
            if not named or not entry.is_dir(follow_symlinks=False) or is_alive(int(named[1])):
                continue
            if entry.stat(follow_symlinks=False).st_uid == os.getuid():
                found.append(Path(entry.path))
    return found


def sweep_folders(within: Path | None = None) -> list[str]:
    found = left_folders(within)
    for folder in found:
        shutil.rmtree(folder, ignore_errors=True)
    return [str(folder) for folder in found]
