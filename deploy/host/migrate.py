"""Migrate database, groups, search index and static files, on an instance of the new release before it serves.

It works as the master user of MySQL, and gives the shop's own user another password (database_user.py).

One instance at a time: others wait for a database lock, and then find nothing left to do. Migrations only expand, so
that the current release keeps working on the new tables.
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
def migration_lock() -> Iterator[None]:
    """MySQL's named lock on a connection of its own, which releases it however this process ends."""
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


def give_shop_its_user(secret: str) -> None:
    import boto3
    import MySQLdb
    from database_user import change_password
    from django.db import connection

    parameters = connection.get_connection_params()
    database = parameters.pop("database", None) or parameters.pop("db")
    access_denied = 1045

    def execute(sql: str, values: list[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)

    def can_log_in(user: str, password: str) -> bool:
        try:
            MySQLdb.connect(**{**parameters, "user": user, "password": password}).close()
        except MySQLdb.OperationalError as error:
            if error.args[0] == access_denied:
                return False
            raise
        return True

    secrets = boto3.client("secretsmanager", region_name=os.environ.get("AWS_REGION", "eu-west-3"))
    change_password(secrets, secret, execute, can_log_in, database)


def main() -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmarket.settings")
    import django
    from django.core.management import call_command

    django.setup()
    with migration_lock():
        call_command("migrate", interactive=False)
        # Search documents whose form differs between releases.
        call_command("repair_search")
        call_command("sync_groups")
        call_command("collectstatic", interactive=False, verbosity=0)
        # Where hosts have the master user's password themselves, nobody names a secret.
        if secret := os.environ.get("DATABASE_USER_SECRET"):
            give_shop_its_user(secret)
    print("migrated", flush=True)


if __name__ == "__main__":
    main()
