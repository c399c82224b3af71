"""SQLite backend for tests: the template is a file under var/test-templates."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.sqlite3 import base, creation

from webmarket.tests.databases.template import fingerprint


class DatabaseCreation(creation.DatabaseCreation):
    template: Path
    # An in-memory database exists while a connection to it is open.
    _holder: sqlite3.Connection | None = None

    def create_test_db(self, *args: Any, **options: Any) -> str:
        self.template = settings.VAR_DIR / "test-templates" / f"{fingerprint()}.sqlite3"
        self.template.parent.mkdir(parents=True, exist_ok=True)
        # Of several test processes the first migrates, the others wait and copy.
        with _locked(self.template.with_suffix(".lock")):
            name = super().create_test_db(*args, **options)
            if not self.template.exists():
                self._keep()
        return name

    def _create_test_db(self, *args: Any, **options: Any) -> str:
        # Left behind by a run that was killed; a new database beside them is « disk I/O error ».
        for suffix in ("-wal", "-shm"):
            Path(f"{self._get_test_db_name()}{suffix}").unlink(missing_ok=True)
        name = super()._create_test_db(*args, **options)
        if self.template.exists():
            self._holder = sqlite3.connect(name, uri=True, check_same_thread=False)
            with closing(sqlite3.connect(self.template)) as template:
                template.backup(self._holder)
            if not self.is_in_memory_db(name):
                self._holder.close()
        return name

    def _keep(self) -> None:
        for stale in self.template.parent.glob("*.sqlite3"):
            stale.unlink()
        half = self.template.with_suffix(".half")
        half.unlink(missing_ok=True)
        with closing(sqlite3.connect(half)) as copy:
            self.connection.connection.backup(copy)
        half.rename(self.template)


class DatabaseWrapper(base.DatabaseWrapper):
    creation_class = DatabaseCreation


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
