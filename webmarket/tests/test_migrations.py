import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django_migration_linter import MigrationLinter

pytestmark = pytest.mark.django_db

# No release has run on a schema before these.
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


@pytest.mark.mysql
def test_the_running_release_works_on_the_new_schema(capsys):
    """What a migration locks or breaks depends on the dialect: it is read as MySQL would run it, on MySQL's tables."""
    linter = MigrationLinter(
        str(settings.BASE_DIR),
        include_apps=[app.label for app in apps.get_app_configs() if app.name.startswith("apps.")],
        ignore_name_contains="_initial",
        ignore_name=BEFORE_THE_FIRST_RELEASE,
        no_cache=True,
    )
    linter.lint_all_migrations()
    assert not linter.has_errors, capsys.readouterr().out


def test_every_change_of_a_model_has_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
