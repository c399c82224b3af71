import pytest
from django.apps import apps
from django.db import connection
from django.db.models import UniqueConstraint


@pytest.mark.mysql
@pytest.mark.django_db
def test_marked_tests_run_only_on_mysql():
    assert connection.vendor == "mysql"


def test_no_model_of_ours_leans_on_a_conditional_unique_constraint():
    """MySQL does not support it, and Django's warning is silenced because of a library."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("apps.")]
    assert ours
    assert not [
        constraint.name
        for model in ours
        for constraint in model._meta.constraints
        if isinstance(constraint, UniqueConstraint) and constraint.condition is not None
    ]
