"""Test databases are copied from a migrated template instead of being migrated.

Creating a test database still runs `migrate`, which has nothing to apply to a copy. After a test with transactions of
its own the tables are emptied, except those that `migrate` fills.
"""

import hashlib
from pathlib import Path

import django
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection
from django.test import TransactionTestCase

# Rows about the code: emptying them too, Django would write them again after each test, in a tenth of a second or two.
FILLED_BY_MIGRATE = {"auth_permission", "django_content_type"}


def fingerprint() -> str:
    """16 hexadecimal digits that change with Django, the list of apps, and the text of any migration."""
    read = hashlib.sha256(str(django.VERSION).encode())
    for app in apps.get_app_configs():
        read.update(app.name.encode())
        for migration in sorted(Path(app.path).glob("migrations/*.py")):
            read.update(migration.read_bytes())
    return read.hexdigest()[:16]


def empty_tables(_case: TransactionTestCase) -> None:
    """Takes the place of TransactionTestCase's `flush`."""
    tables = [name for name in connection.introspection.django_table_names() if name not in FILLED_BY_MIGRATE]
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables))
