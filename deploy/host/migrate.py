"""Run on a host of the new release before its fleet is exchanged: database, groups and static files brought up to it.

Only one does so at a time: others wait at a lock of the database, and then find nothing left to do. Migrations expand,
so that the release which still serves works on with the new tables.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = "webmarket-migrate"
WAIT_SECONDS = 900


@contextmanager
def alone() -> Iterator[None]:
    """MySQL's named lock, on a connection of its own: it ends with the connection, however this process ends."""
    from django.db import connections

    holder = connections.create_connection("default")
    if holder.vendor != "mysql":
        yield
        return
    with holder.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(%s, %s)", [LOCK, WAIT_SECONDS])
        if cursor.fetchone() != (1,):
            sys.exit(f"Another migration holds the lock for longer than {WAIT_SECONDS} s.")
    try:
        yield
    finally:
        holder.close()


def main() -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmarket.settings")
    import django
    from django.core.management import call_command

    django.setup()
    with alone():
        call_command("migrate", interactive=False)
        # What the new release searches in another form than the one before.
        call_command("repair_search")
        call_command("sync_groups")
        call_command("collectstatic", interactive=False, verbosity=0)
    print("migrated", flush=True)


if __name__ == "__main__":
    main()
