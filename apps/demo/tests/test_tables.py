"""The tables of the demonstration's bank change hands without being touched."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations import RunPython, SeparateDatabaseAndState

from apps.demo.models import DemoCharge, DemoRefund

given_up = import_module("apps.payments.migrations.0005_hand_over_the_demo_bank")
taken_over = import_module("apps.demo.migrations.0001_books_of_the_bank")
editor = SimpleNamespace(connection=connection)


def test_no_table_is_made_dropped_or_renamed():
    for operation in [*given_up.Migration.operations, *taken_over.Migration.operations]:
        assert isinstance(operation, SeparateDatabaseAndState | RunPython)
        assert not getattr(operation, "database_operations", [])
    # By the names that the release before knows them.
    tables = {model._meta.db_table for model in (DemoCharge, DemoRefund)}
    assert tables == {"payments_democharge", "payments_demorefund"}


@pytest.mark.django_db
class TestRights:
    @pytest.fixture
    def before(self) -> Group:
        """As the release before left them: somebody holds a right on the books."""
        ContentType.objects.filter(app_label="demo").update(app_label="payments")
        group = Group.objects.create(name="Comptables")
        group.permissions.add(*Permission.objects.filter(codename__in=["view_democharge", "view_demorefund"]))
        return group

    def rights(self, group: Group) -> set[str]:
        return {f"{each.content_type.app_label}.{each.codename}" for each in group.permissions.all()}

    def test_go_along_and_come_back(self, before):
        assert self.rights(before) == {"payments.view_democharge", "payments.view_demorefund"}
        move = taken_over.Migration.operations[-1]
        for _repeat in range(2):
            move.code(apps, editor)
            assert self.rights(before) == {"demo.view_democharge", "demo.view_demorefund"}
        move.reverse_code(apps, editor)
        assert self.rights(before) == {"payments.view_democharge", "payments.view_demorefund"}

    def test_stay_where_the_release_before_made_its_own_again(self, before):
        ContentType.objects.create(app_label="demo", model="democharge")
        move = taken_over.Migration.operations[-1]
        move.code(apps, editor)
        assert self.rights(before) == {"payments.view_democharge", "demo.view_demorefund"}
