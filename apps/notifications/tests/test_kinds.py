"""Each kind of e-mail has one composer."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.db.models import TextChoices

from apps.common.outbox import labels


def test_each_kind_has_its_composer():
    names = [f"{config.name}.emails" for config in apps.get_app_configs() if config.name.startswith("apps.")]
    declared = {
        kind
        for name in names
        if find_spec(name)
        for found in vars(import_module(name)).values()
        if isinstance(found, type) and issubclass(found, TextChoices) and found is not TextChoices
        for kind in found.values
    }
    assert "order_placed" in declared
    # Tests register a kind of their own.
    assert set(labels()) - {"test"} == declared
