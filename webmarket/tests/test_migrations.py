import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations import RunPython
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter

from apps.common.fields import ExactCharField
from apps.common.schema import AlterCollations, CanonicalEmails, CompareExactly

pytestmark = pytest.mark.django_db

# First migrations: no release has run on an earlier schema.
BEFORE_THE_FIRST_RELEASE = [
    "0002_deliver_at_the_rates_of_the_goods",
    "0002_listing_and_search",
    "0002_threads_ratings_reports",
    "0003_invitations",
    "0004_one_index_of_threads",
    "0002_track_gateway_answers",
    "0003_follow_up",
    "0005_lead_each_listing_index_by_one_sort",
    "0007_product_opinion",
]


# They change only a column's collation, which is compatible with both releases.
COLLATIONS = (AlterCollations, CompareExactly, CanonicalEmails, RunPython)


def only_of_collations() -> list[str]:
    migrations = MigrationLoader(None).disk_migrations.values()
    return [
        each.name
        for each in migrations
        if any(isinstance(operation, AlterCollations) for operation in each.operations)
        and all(isinstance(operation, COLLATIONS) for operation in each.operations)
    ]


def squashed() -> list[str]:
    """They run where an app has no table yet; the single ones, which run elsewhere, are linted."""
    return [name for _app, name in MigrationLoader(None).replacements]


@pytest.mark.mysql
def test_the_running_release_works_on_the_new_schema(capsys):
    """The migrations' SQL is linted as for MySQL: what a migration locks or breaks depends on the database."""
    linter = MigrationLinter(
        str(settings.BASE_DIR),
        include_apps=[app.label for app in apps.get_app_configs() if app.name.startswith("apps.")],
        ignore_name_contains="_initial",
        ignore_name=[*BEFORE_THE_FIRST_RELEASE, *only_of_collations(), *squashed()],
        no_cache=True,
    )
    linter.lint_all_migrations()
    assert not linter.has_errors, capsys.readouterr().out


def test_every_change_of_a_model_has_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_a_change_of_more_than_the_collation_is_refused():
    state = MigrationLoader(None).project_state()
    after = state.clone()
    operation = AlterCollations("brand", {"name": ExactCharField(max_length=200, unique=True)})
    operation.state_forwards("catalogue", after)
    with pytest.raises(ValueError, match="more than its collation"):
        operation.database_forwards("catalogue", connection.schema_editor(), state, after)
