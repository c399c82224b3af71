"""Squashed migrations lead where the single ones lead, from every point of the way.

What they make in a database is compared in proofs/test_squashed_migrations.py.
"""

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.serializer import serializer_factory

from webmarket.tests.single_migrations import SingleLoader, plan, single_executor

pytestmark = [pytest.mark.django_db, pytest.mark.either_database]


def described(loader: MigrationLoader) -> dict[str, dict[str, object]]:
    """Each model as a migration would write it: what differs in a column, an index or an option differs here."""
    state = loader.project_state()
    return {
        f"{app}.{name}": {
            # A renamed field stands last in the state, and in its place in the table.
            "fields": {field: serializer_factory(value).serialize()[0] for field, value in model.fields.items()},
            "options": {key: serializer_factory(value).serialize()[0] for key, value in model.options.items()},
            "bases": model.bases,
            "managers": [name for name, _manager in model.managers],
        }
        for (app, name), model in state.models.items()
    }


def test_models_are_those_of_the_single_migrations():
    squashed, single = described(MigrationLoader(None)), described(SingleLoader(None))
    assert squashed.keys() == single.keys()
    assert [name for name in single if squashed[name] != single[name]] == []


def test_a_new_database_runs_few_operations():
    """What they cost is making the classes of all models anew for nearly each of them."""
    ours = {app.label for app in apps.get_app_configs() if app.name.startswith("apps.")}
    graph = MigrationLoader(None).graph
    operations = [
        operation
        for (app, _name), migration in graph.nodes.items()
        if app in ours
        for operation in migration.operations
    ]
    assert len(operations) < 150


def test_a_database_of_any_earlier_release_goes_on():
    """After each migration of the old way: the history is consistent, and what is left is what the old way has left."""
    recorder = MigrationRecorder(connection)
    recorder.migration_qs.all().delete()
    squashed = {app for app, _name in MigrationLoader(None).replacements}
    steps = [(migration.app_label, migration.name) for migration, _backwards in plan(single_executor())]
    for count, step in enumerate(steps):
        recorder.record_applied(*step)
        if step[0] not in squashed:
            continue
        loader = MigrationLoader(connection)
        loader.check_consistent_history(connection)
        left = [key for key in loader.graph.nodes if key not in loader.applied_migrations]
        covered = [each for key in left for each in (loader.disk_migrations[key].replaces or [key])]
        assert sorted(covered) == sorted(steps[count + 1 :]), step
