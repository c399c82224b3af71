"""Which tests a run on MySQL repeats."""

from types import SimpleNamespace

import pytest

from webmarket.tests.plugin import _runs_on_mysql


@pytest.mark.parametrize(
    ("marks", "fixtures", "runs"),
    [
        ({"django_db"}, (), True),
        (set(), ("transactional_db",), True),
        (set(), ("settings",), False),
        ({"django_db", "either_database"}, (), False),
        # Proofs have servers of their own, and run once.
        ({"proof"}, ("make_server",), True),
    ],
)
def test_what_asks_a_database_and_proofs_run_on_mysql(marks, fixtures, runs):
    item = SimpleNamespace(fixturenames=fixtures, get_closest_marker=lambda name: name in marks)
    assert _runs_on_mysql(item) is runs
