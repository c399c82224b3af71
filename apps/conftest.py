import pytest
from django.db import connection


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Races between threads need a real MySQL server; elsewhere these tests are skipped and say so."""
    if connection.vendor == "mysql":
        return
    for item in items:
        if "mysql" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="needs DATABASE_URL of a MySQL server"))
