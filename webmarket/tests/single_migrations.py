"""Migrates without the squashed migrations, one by one, as releases before them did: forwards, or back to one of them.

python -m webmarket.tests.single_migrations              from nothing to the last one, on DATABASE_URL
python -m webmarket.tests.single_migrations 40           the first 40 of the plan
python -m webmarket.tests.single_migrations shop= api=0003   back to nothing of `shop`, then to 0003 of `api`
"""

import os
import sys
from collections.abc import Sequence
from typing import Any

from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

DEFAULT = "default"


class SingleLoader(MigrationLoader):
    def load_disk(self) -> None:
        super().load_disk()
        self.disk_migrations = {key: each for key, each in self.disk_migrations.items() if not each.replaces}


def single_executor() -> MigrationExecutor:
    executor = MigrationExecutor(connections[DEFAULT])
    executor.loader = SingleLoader(connections[DEFAULT])
    return executor


def plan(executor: MigrationExecutor) -> list[Any]:
    """Every migration in the order of an empty database."""
    return executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)


def forwards(count: int | None = None) -> None:
    """The first `count` of them; those that ran already stay."""
    executor = single_executor()
    applied = executor.loader.applied_migrations
    chosen = plan(executor)[:count]
    executor.migrate(None, plan=[step for step in chosen if (step[0].app_label, step[0].name) not in applied])
    _delete_incomplete()


def back(app: str, prefix: str) -> None:
    """Back to the migration that begins with `prefix`, or to nothing of the app."""
    executor = single_executor()
    name = executor.loader.get_migration_by_prefix(app, prefix).name if prefix else None
    executor.migrate([(app, name)])
    _delete_incomplete()


def _delete_incomplete() -> None:
    """A release without squashed migrations has no row of one."""
    loader = MigrationLoader(connections[DEFAULT])
    recorder = MigrationExecutor(connections[DEFAULT]).recorder
    for key, migration in loader.replacements.items():
        if not all(each in loader.applied_migrations for each in migration.replaces):
            recorder.record_unapplied(*key)


def main(arguments: Sequence[str]) -> None:
    if not arguments or arguments[0].isdigit():
        forwards(*(int(each) for each in arguments))
        return
    for argument in arguments:
        back(*argument.split("="))


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmarket.tests.settings")
    django.setup()
    main(sys.argv[1:])
