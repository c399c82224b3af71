import pytest
from django.db import connection


@pytest.mark.mysql
@pytest.mark.django_db
def test_marked_tests_run_only_on_mysql():
    assert connection.vendor == "mysql"
