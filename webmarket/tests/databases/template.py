"""Test databases are copied from a migrated template instead of being migrated.

Creating a test database still runs `migrate`, which has nothing to apply to a copy.
"""

import hashlib
from pathlib import Path

import django
from django.apps import apps


def fingerprint() -> str:
    """16 hexadecimal digits that change with Django, the list of apps, and the text of any migration."""
    read = hashlib.sha256(str(django.VERSION).encode())
    for app in apps.get_app_configs():
        read.update(app.name.encode())
        for migration in sorted(Path(app.path).glob("migrations/*.py")):
            read.update(migration.read_bytes())
    return read.hexdigest()[:16]
