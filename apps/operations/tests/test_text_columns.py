"""No text column identifies anything before somebody decided how it is compared."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.common.fields import EXACT_COLLATION, FOLDING_COLLATION
from apps.operations.services import text_columns
from apps.operations.services.text_columns import Comparison

pytestmark = pytest.mark.django_db


def comparisons() -> dict[str, Comparison]:
    return {each.label: each.comparison for each in text_columns.walk()}


def test_each_column_that_identifies_is_decided_and_compared_so():
    assert [each.label for each in text_columns.walk() if each.is_wrong] == []
    assert text_columns.strangers() == []


def test_the_walk_meets_other_packages_and_histories_too():
    found = comparisons()
    assert found["accounts.User.email"] == found["account.EmailAddress.email"] == Comparison.EMAIL
    assert found["catalogue.HistoricalVariant.sku"] == found["sessions.Session.session_key"] == Comparison.EXACT
    assert found["comments.Comment.thread_section"] == Comparison.EXACT
    assert found["orders.Order.status"] == Comparison.CLOSED
    assert found["comments.Comment.author"] == Comparison.FREE


def test_no_written_decision_is_left_over():
    """A column that is exact or gone needs no excuse any more."""
    found = comparisons()
    assert {label: found.get(label) for label in text_columns.FOLDED} == dict.fromkeys(
        text_columns.FOLDED, Comparison.FOLDED
    )
    names = {label.rpartition(".")[2] for label, comparison in found.items() if comparison is Comparison.FOLDED}
    assert set(text_columns.FOLDED_NAMES) <= names


def test_a_unique_column_without_a_decision_fails_the_command(monkeypatch):
    monkeypatch.delitem(text_columns.FOLDED, "catalogue.Category.path")
    with pytest.raises(CommandError, match=r"catalogue\.Category\.path"):
        call_command("text_columns", stdout=StringIO())


def test_a_column_that_a_filter_names_needs_a_decision(monkeypatch):
    assert {"section_id", "email", "sku", "slug"} <= text_columns.looked_up()
    assert "author" not in text_columns.looked_up()
    monkeypatch.setattr(text_columns, "looked_up", lambda: frozenset({"author"}))
    assert comparisons()["comments.Comment.author"] is Comparison.UNDECIDED


def test_nothing_of_ours_is_found_without_regard_to_case():
    """`iexact` is LIKE on both databases, of one kind on each: identity is canonical, searching is `icontains`."""
    assert "iexact" not in text_columns.looked_up()


def test_the_command_prints_one_line_a_column():
    out = StringIO()
    call_command("text_columns", "--tout", stdout=out)
    assert len(out.getvalue().splitlines()) == len(text_columns.walk()) + 1


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("table", "column", "kind"),
    [
        ("accounts_user", "email", "varchar(254) COLLATE {} NOT NULL"),
        ("account_emailaddress", "email", "varchar(254) COLLATE {} NOT NULL"),
    ],
)
def test_a_column_whose_collation_was_lost_is_told(table: str, column: str, kind: str):
    modify = f"ALTER TABLE {table} MODIFY {column} {kind}"
    with connection.cursor() as cursor:
        cursor.execute(modify.format(FOLDING_COLLATION))
        try:
            wrong = [(each.table, each.column) for each in text_columns.walk() if each.is_wrong]
        finally:
            cursor.execute(modify.format(EXACT_COLLATION))
    assert wrong == [(table, column)]


@pytest.mark.mysql
def test_exact_columns_join_folded_ones_and_lists():
    """A binary collation decides where two meet: no « Illegal mix of collations »."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM orders_orderline l JOIN auth_permission p ON l.sku = p.codename"
            " WHERE l.sku LIKE CONCAT(p.codename, '%') OR COALESCE(l.sku, p.codename) = p.name"
        )
        cursor.execute("SELECT name FROM catalogue_brand UNION SELECT label_fr FROM catalogue_attributevalue")
        assert cursor.fetchall() == ()
