"""Files of customers and orders whose columns a person says."""

from io import BytesIO

import pytest

from apps.accounts.models import User
from apps.common.tabular.choice import InvalidChoice
from apps.common.tabular.errors import UnreadableFile
from apps.common.tests.tables import workbook
from apps.imports.history.choice import DAY, ITEMS, MONTH, HistoryChoice, Kind
from apps.imports.models import HistoryImport
from apps.imports.services import history_imports
from apps.imports.tests import history
from apps.imports.tests.history import NOW, received
from apps.orders.models import PastOrder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.either_database]
TILL = """\
Ticket;Acheteur;Contact;Jour;Réglé;Situation;Panier
T-1;Zoé Martin;zoe@exemple.fr;05/12/2023;31,40 €;réglé;2× Miel, 1× Pain
T-2;Paul Durand;paul@exemple.fr;06/12/2023;12,00 €;à relancer;1× Savon
T-3;Nina;nina@exemple.fr;07/13/2023;9,00 €;réglé;1× Thé
"""
COLUMNS = {
    "ticket": "number",
    "acheteur": "name",
    "contact": "email",
    "jour": "placed_at",
    "regle": "total",
    "situation": "status",
    "panier": "item_name",
}


def chosen(row: HistoryImport, **changes) -> HistoryImport:
    given = {"kind": Kind.ORDERS, "columns": COLUMNS, "dates": DAY, "states": {"a relancer": "OPEN", "regle": "PAID"}}
    history_imports.choose_columns(received=row, choice=HistoryChoice(**given | changes), now=NOW)
    history_imports.preview_history(import_id=row.pk, now=NOW)
    row.refresh_from_db()
    return row


def written(row: HistoryImport) -> HistoryImport:
    history_imports.confirm_history(received=row, now=NOW)
    history_imports.apply_history(import_id=row.pk, now=NOW)
    row.refresh_from_db()
    assert row.status == HistoryImport.Status.DONE, row.problem
    return row


def test_a_table_of_unknown_columns_waits_for_them_and_is_read_as_said():
    row = received(TILL)
    assert row.status == HistoryImport.Status.COLUMNS
    surveyed, begin, offered = history_imports.survey_history(row)
    assert (begin.kind, offered) == (Kind.ORDERS, "")
    # By what stands in them: nothing of it is in the names.
    assert {key: begin.columns[key] for key in ("contact", "jour", "regle")} == {
        "contact": "email",
        "jour": "placed_at",
        "regle": "total",
    }
    assert surveyed[5].words == ["réglé", "à relancer"]
    row = written(chosen(row))
    orders = PastOrder.objects.order_by("number")
    assert [(order.number, str(order.total), order.state) for order in orders] == [
        ("T-1", "31.40", "PAID"),
        ("T-2", "12.00", "OPEN"),
    ]
    assert [(line["quantity"], line["name"]) for line in orders[0].lines] == [(2, "Miel"), (1, "Pain")]
    ((_line, column, value, _reason, _remedy),) = row.report["rejects"]
    assert (column, value) == ("Jour", "07/13/2023")
    assert (row.report["unknown_statuses"], row.report["lines"]) == ([], 5)


def test_dates_are_read_as_said():
    assert chosen(received(TILL), dates=MONTH).report["first_at"][:10] == "2023-05-12"
    assert chosen(received(TILL), dates="").report["created"] == 1


def test_the_choice_is_offered_for_the_next_file_with_these_columns():
    first = written(chosen(received(TILL, name="avril.csv")))
    assert first.report["choice"]["columns"] == COLUMNS
    second = received(TILL.replace("T-", "U-").replace("Panier\n", "Panier;Vendeur\n"), name="mai.csv")
    _surveyed, begin, offered = history_imports.survey_history(second)
    assert (begin.columns, begin.dates, offered) == (COLUMNS, DAY, "avril.csv")


def test_the_command_reads_what_was_said_once(tmp_path):
    path = tmp_path / "juin.csv"
    path.write_text(TILL)
    with pytest.raises(UnreadableFile):
        history_imports.run_command(path=path, source="", dry_run=True, now=NOW)
    written(chosen(received(TILL)))
    again = history_imports.run_command(path=path, source="", dry_run=True, now=NOW)
    assert (again.report["created"], again.report["repeated"]) == (0, 2)


def test_a_known_file_may_be_read_otherwise():
    row = received(history.SHOPIFY_ORDERS)
    history_imports.preview_history(import_id=row.pk, now=NOW)
    row.refresh_from_db()
    _surveyed, begin, _offered = history_imports.survey_history(row)
    assert begin.columns["name"] == "number"
    assert begin.columns["lineitem_name"] == "item_name"
    # The shop counted in dollars for a while: those orders are read too, once nothing says the currency.
    left = {key: column for key, column in begin.columns.items() if column != "currency"}
    row = chosen(row, columns=left, states={})
    assert (row.report["created"], row.report["rejected"]) == (4, 0)


def test_products_beside_each_other_and_a_table_without_names():
    row = received(history.WEBTOFFEE_ORDERS)
    _surveyed, begin, _offered = history_imports.survey_history(row)
    assert [key for key, column in begin.columns.items() if column == ITEMS] == ["line_item_1", "line_item_2"]
    sheet = workbook(["zoe@exemple.fr", "Zoé", "0612345678"], ["luc@exemple.fr", "Luc", ""])
    row = received(sheet, name="clients.xlsx")
    assert row.status == HistoryImport.Status.COLUMNS
    _surveyed, begin, _offered = history_imports.survey_history(row)
    assert (begin.has_header, begin.columns) == (False, {"colonne_1": "email", "colonne_3": "phone"})
    columns = {"colonne_1": "email", "colonne_2": "first_name", "colonne_3": "phone"}
    row = written(chosen(row, kind=Kind.CUSTOMERS, columns=columns, has_header=False, states={}))
    assert set(User.objects.values_list("email", "first_name")) == {
        ("zoe@exemple.fr", "Zoé"),
        ("luc@exemple.fr", "Luc"),
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": {**COLUMNS, "jour": ""}},
        {"columns": {**COLUMNS, "acheteur": "email"}},
        {"kind": Kind.CUSTOMERS, "columns": {"acheteur": "name"}},
    ],
)
def test_a_choice_that_cannot_be_read_is_refused(changes):
    row = received(TILL)
    with pytest.raises(InvalidChoice):
        chosen(row, **changes)
    row.refresh_from_db()
    assert row.status == HistoryImport.Status.COLUMNS


def test_columns_of_a_written_import_stay():
    row = written(chosen(received(TILL)))
    with pytest.raises(history_imports.NotToConfirm):
        chosen(row)


def test_an_order_given_twice_is_refused_with_all_its_lines():
    content = history.PRESTASHOP_SQL + history.PRESTASHOP_SQL.split("\n", 1)[1].replace("FFATNOMMJ", "AUTRE")
    content += history.PRESTASHOP_SQL.split("\n", 1)[1]
    row = received(content)
    history_imports.preview_history(import_id=row.pk, now=NOW)
    row.refresh_from_db()
    assert (row.report["created"], row.report["rejected"]) == (2, 2)
    with row.rejects.open("rb") as file:
        rows = BytesIO(file.read()).read().decode("utf-8-sig").splitlines()
    assert len(rows) == 3
    assert [line.split(";")[0] for line in rows[1:]] == ["6", "7"]
