"""The shop's files on a machine without a bucket."""

import os
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage

from apps.common import partial_files


class WholeFileSystemStorage(FileSystemStorage):
    """A file is at its name once it is whole: a full disk or a killed process leaves none that is taken for the file,
    as an object of S3 is there whole or not at all."""

    def _save(self, name: str, content: Any) -> str:
        partial = str(partial_files.beside(Path(name)))
        try:
            super()._save(partial, content)  # type: ignore[misc]
            while True:
                try:
                    os.link(self.path(partial), self.path(name))
                except FileExistsError:
                    name = self.get_available_name(name)
                else:
                    return name
        finally:
            Path(self.path(partial)).unlink(missing_ok=True)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        folders, names = super().listdir(path)
        return folders, [name for name in names if not partial_files.is_partial(name)]
