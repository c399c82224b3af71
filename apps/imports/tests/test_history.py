"""Customers and past orders of a former shop: read, previewed, written once, undone."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Address, DataAccess, User
from apps.accounts.tests.factories import UserFactory
from apps.common.models import OutboxEmail
from apps.common.tabular.errors import UnreadableFile
from apps.common.tests.races import race
from apps.common.tests.tables import workbook
from apps.imports import retention, tasks
from apps.imports.history.choice import Kind
from apps.imports.history.reading import HistoryFile
from apps.imports.history.records import CustomerRecord, OrderRecord, Refused
from apps.imports.models import HistoryImport
from apps.imports.services import history_imports, history_undo
from apps.imports.services.undo import NotToUndo
from apps.imports.tests import history
from apps.imports.tests.history import NOW, brought, received, table
from apps.orders.models import Order, PastOrder
from apps.orders.retention import PAST_ORDER_RETENTION, purge_past_orders

State = PastOrder.State


def read(content: str | bytes, name: str = "export.csv") -> tuple[HistoryFile, list]:
    data = content.encode() if isinstance(content, str) else content
    file = HistoryFile(lambda: io.BytesIO(data), name)
    return file, list(file.records(now=NOW))


def orders_of(content: str) -> dict[str, OrderRecord]:
    file, records = read(content)
    assert file.kind is Kind.ORDERS
    return {record.number: record for record in records if isinstance(record, OrderRecord)}


def refusals(content: str) -> list[Refused]:
    return [record for record in read(content)[1] if isinstance(record, Refused)]


class TestOrdersAreReadAsTheProgramsWriteThem:
    def test_shopify(self):
        found = orders_of(history.SHOPIFY_ORDERS)
        assert set(found) == {"#1001", "#1002", "#1003"}
        first = found["#1001"]
        assert (first.email, first.name, first.total) == ("zoe@exemple.fr", "Zoé Martin", Decimal("35.70"))
        assert first.placed_at == datetime(2023, 5, 12, 8, 23, 45, tzinfo=UTC)
        assert first.delivery_total == Decimal("5.90")
        assert first.delivered_to == "Zoé Martin, 12 rue des Halles, 69002 Lyon, FR"
        assert [(line.name, line.sku, line.quantity, line.price) for line in first.lines] == [
            ("Miel de lavande 250 g", "MIEL-250", 2, Decimal("9.90")),
            ("Savon", "SAV-1", 1, Decimal("10.00")),
        ]
        assert [found[number].state for number in found] == [State.PAID, State.PAID, State.CANCELLED]
        assert found["#1002"].refunded == Decimal("12.50")

    def test_an_order_in_another_currency_is_refused_and_says_what_to_do(self):
        (refused,) = refusals(history.SHOPIFY_ORDERS)
        assert (refused.row.line, refused.column, refused.value) == (6, "Currency", "USD")
        assert "euro" in refused.reason
        assert refused.remedy

    def test_woocommerce_with_its_lines_beside_each_other(self):
        found = orders_of(history.WEBTOFFEE_ORDERS)
        order = found["312"]
        assert (order.total, order.email, order.phone) == (Decimal("27.1"), "zoe@exemple.fr", "0612345678")
        assert order.placed_at == datetime(2022, 11, 3, 17, 4, 10, tzinfo=UTC)
        assert [(line.name, line.sku, line.quantity, line.price) for line in order.lines] == [
            ("Confiture d'abricot", "CONF-A", 2, None),
            ("Thé vert", "THE", 1, None),
        ]
        assert found["313"].state == State.OPEN

    def test_woocommerce_with_a_row_for_each_line(self):
        order = orders_of(history.ALGOLPLUS_ORDERS)["900"]
        assert (order.state, order.total, order.payment_text) == (State.PAID, Decimal("24.9"), "Carte")
        assert [line.name for line in order.lines] == ["Bougie", "Savon"]
        # Without VAT in that file.
        assert {line.price for line in order.lines} == {None}

    def test_woocommerce_figures_in_french(self):
        order = orders_of(history.WOO_ANALYTICS)["1207"]
        assert (order.email, order.name, order.total) == ("", "Zoé Martin", Decimal("31.40"))
        assert [(line.quantity, line.name) for line in order.lines] == [(2, "Miel, crème"), (1, "Pain d’épices")]

    def test_prestashop_list(self):
        found = orders_of(history.PRESTASHOP_GRID)
        assert found["FFATNOMMJ"].total == Decimal("1029.90")
        assert found["FFATNOMMJ"].state == State.PAID
        assert found["XKBKNABJK"].state == State.OPEN
        assert found["XKBKNABJK"].placed_at == datetime(2020, 12, 5, 13, 5, 11, tzinfo=UTC)
        assert found["XKBKNABJK"].name == "J. DUPONT"

    def test_prestashop_orders_that_were_divided_have_one_reference(self):
        found = orders_of(
            history.PRESTASHOP_GRID + "3;FFATNOMMJ;0;France;J. DUPONT;12,00 €;Carte;Livré;03/12/2020 09:00:00\n"
        )
        assert [number for number in found if number.startswith("FFAT")] == ["FFATNOMMJ", "FFATNOMMJ (3)"]

    def test_prestashop_query_with_lines(self):
        order = orders_of(history.PRESTASHOP_SQL)["FFATNOMMJ"]
        assert (order.email, order.total, order.delivery_total) == (
            "jeanne@exemple.fr",
            Decimal("1029.9"),
            Decimal("7"),
        )
        assert [(line.sku, line.quantity, line.price) for line in order.lines] == [
            ("TAB-1", 1, Decimal("999")),
            ("CIR-1", 2, Decimal("11.95")),
        ]

    def test_a_workbook(self):
        data = workbook(["N° de commande", "Date", "E-mail", "Total TTC"], ["A1", "2024-02-03", "a@exemple.fr", 12.5])
        _file, (order,) = read(data, "commandes.xlsx")
        assert (order.number, order.total) == ("A1", Decimal("12.50"))


class TestWhatIsAmbiguousIsRefused:
    @pytest.mark.parametrize(
        ("row", "column"),
        [
            ("A1;pas une adresse;2024-01-02;12,00;payée", "E-mail"),
            ("A1;a@exemple.fr;2024-13-02;12,00;payée", "Date"),
            ("A1;a@exemple.fr;2124-01-02;12,00;payée", "Date"),
            ("A1;a@exemple.fr;2024-01-02;1.234;payée", "Total TTC"),
            ("A1;a@exemple.fr;2024-01-02;12,345;payée", "Total TTC"),
            ("A1;a@exemple.fr;2024-01-02;;payée", "Total TTC"),
            (";a@exemple.fr;2024-01-02;12,00;payée", ""),
        ],
    )
    def test_with_line_column_and_remedy(self, row, column):
        (refused,) = refusals(table(row))
        assert (refused.row.line, refused.column) == (2, column)
        assert refused.reason
        assert refused.remedy

    def test_a_date_that_may_be_american(self):
        english = "Order Number,Email,Order Date,Order Total Amount,Order Status"
        (refused,) = refusals(table("1,a@exemple.fr,05/12/2023,12.00,Completed", header=english))
        assert (refused.column, refused.value) == ("Order Date", "05/12/2023")
        order = orders_of(table("1,a@exemple.fr,05/22/2023,12.00,Completed", header=english))["1"]
        assert order.placed_at.date().isoformat() == "2023-05-22"

    def test_a_file_of_neither_says_which_columns_it_lacks(self):
        with pytest.raises(UnreadableFile, match="date, total TTC"):
            read("Numéro;Couleur\n1;bleu\n")

    def test_a_bad_line_refuses_its_whole_order(self):
        content = history.PRESTASHOP_SQL.replace(";2;11.950000", ";deux;11.950000")
        first, second = refusals(content)
        assert (first.row.line, first.column, first.value) == (3, "product_quantity", "deux")
        assert second.row.line == 2

    def test_a_total_below_the_table_is_no_order(self):
        (refused,) = refusals(table("A1;a@exemple.fr;2024-01-02;12,00;payée", "Total;;;12,00;"))
        assert refused.row.line == 3

    def test_an_unknown_state_is_not_counted_as_paid(self):
        order = orders_of(table("A1;a@exemple.fr;2024-01-02;12,00;Chez le voisin"))["A1"]
        assert (order.state, order.unknown_status) == (State.OPEN, "Chez le voisin")


class TestCustomersAreReadAsTheProgramsWriteThem:
    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (history.SHOPIFY_CUSTOMERS, ("zoe@exemple.fr", "Zoé", "Martin", "+33612345678", "69002")),
            (history.PRESTASHOP_CUSTOMERS, ("jeanne@exemple.fr", "Jeanne", "Dupont", "", "")),
            (history.PRESTASHOP_TEMPLATE, ("marc@exemple.fr", "Marc", "Petit", "", "")),
            (history.WOO_CUSTOMERS, ("luc@exemple.fr", "Luc", "Petit", "", "44000")),
        ],
        ids=["shopify", "prestashop list", "prestashop import", "woocommerce"],
    )
    def test_first_row(self, content, expected):
        file, (first, *_others) = read(content)
        assert file.kind is Kind.CUSTOMERS
        assert isinstance(first, CustomerRecord)
        assert (first.email, first.first_name, first.last_name, first.phone, first.postcode) == expected

    def test_one_without_an_address_is_refused(self):
        (refused,) = refusals(history.SHOPIFY_CUSTOMERS)
        assert (refused.row.line, refused.column) == (4, "Email")


@pytest.mark.either_database
@pytest.mark.django_db(transaction=True)
class TestOrders:
    def test_the_preview_writes_nothing_and_says_what_would_come(self):
        row = received(history.SHOPIFY_ORDERS)
        history_imports.preview_history(import_id=row.pk, now=NOW)
        row.refresh_from_db()
        assert row.status == HistoryImport.Status.PREVIEWED
        assert (row.report["created"], row.report["repeated"], row.report["rejected"]) == (3, 0, 1)
        assert Decimal(row.report["total"]) == Decimal("75.70")
        assert row.report["samples"][0][0] == "#1001"
        assert not PastOrder.objects.exists()

    def test_are_written_once_and_touch_no_order(self):
        row = brought(history.SHOPIFY_ORDERS, by=UserFactory())
        assert row.report["created"] == 3
        order = PastOrder.objects.get(number="#1001")
        assert (order.source, order.total, order.import_number) == ("Shopify", Decimal("35.70"), row.pk)
        assert order.lines[0] == {"name": "Miel de lavande 250 g", "sku": "MIEL-250", "quantity": 2, "price": "9.90"}
        assert not Order.objects.exists()
        assert not OutboxEmail.objects.exists()
        again = brought(history.SHOPIFY_ORDERS)
        assert (again.report["created"], again.report["repeated"]) == (0, 3)
        assert PastOrder.objects.count() == 3
        access = DataAccess.objects.get()
        assert (access.action, access.count) == (DataAccess.Action.IMPORTED, 3)

    def test_the_file_goes_and_refused_lines_can_be_given_back(self):
        row = received(history.SHOPIFY_ORDERS)
        stored = row.file.name
        history_imports.preview_history(import_id=row.pk, now=NOW)
        row.refresh_from_db()
        with row.rejects.open("rb") as file:
            text = file.read().decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text), delimiter=";"))
        assert rows[0][:3] == ["rejet_ligne", "rejet_motif", "Name"]
        assert rows[1][0] == "6"
        assert "Currency" in rows[1][1]
        history_imports.confirm_history(received=row, now=NOW)
        history_imports.apply_history(import_id=row.pk, now=NOW)
        assert not row.file.storage.exists(stored)
        corrected = text.replace("USD", "EUR")
        assert brought(corrected).report["created"] == 1

    def test_the_same_number_of_another_shop_is_refused_unless_it_is_named(self):
        brought(table("A1;a@exemple.fr;2024-01-02;12,00;payée"))
        other = table("A1;b@exemple.fr;2024-05-06;15,00;payée")
        row = received(other)
        history_imports.preview_history(import_id=row.pk, now=NOW)
        row.refresh_from_db()
        assert (row.report["created"], row.report["rejected"]) == (0, 1)
        assert brought(other, source="Boutique de Nantes").report["created"] == 1

    def test_undo_takes_away_what_it_brought_and_nothing_else(self):
        first = brought(table("A1;a@exemple.fr;2024-01-02;12,00;payée"))
        second = brought(table("A1;a@exemple.fr;2024-01-02;12,00;payée", "A2;a@exemple.fr;2024-01-03;9,00;payée"))
        history_undo.start_undo(received=second, now=NOW)
        history_undo.undo_history(import_id=second.pk, now=NOW)
        second.refresh_from_db()
        assert (second.status, second.report["undone"]) == (HistoryImport.Status.UNDONE, 1)
        assert list(PastOrder.objects.values_list("number", "import_number")) == [("A1", first.pk)]
        with pytest.raises(NotToUndo):
            history_undo.start_undo(received=second, now=NOW)
        late = timezone.now() + timedelta(days=31)
        with pytest.raises(NotToUndo):
            history_undo.start_undo(received=first, now=late)

    def test_a_worker_that_was_killed_is_replaced_and_nothing_is_doubled(self):
        row = received(history.SHOPIFY_ORDERS)
        history_imports.preview_history(import_id=row.pk, now=NOW)
        row.refresh_from_db()
        history_imports.confirm_history(received=row, now=NOW)
        PastOrder.objects.create(
            source="Shopify",
            number="#1001",
            email="zoe@exemple.fr",
            placed_at=datetime(2023, 5, 12, 8, 23, 45, tzinfo=UTC),
            state=State.PAID,
            total=Decimal("35.70"),
            import_number=row.pk,
        )
        assert history_imports.stale_imports(now=NOW + timedelta(minutes=4)) == [(row.pk, "CONFIRMED")]
        HistoryImport.objects.filter(pk=row.pk).update(beat_at=timezone.now() - timedelta(minutes=4))
        assert tasks.resume_history() == 1
        row.refresh_from_db()
        assert (row.status, row.report["created"], row.report["repeated"]) == (HistoryImport.Status.DONE, 3, 0)
        assert PastOrder.objects.count() == 3

    def test_one_that_is_killed_every_time_ends_and_says_so(self):
        row = received(history.SHOPIFY_ORDERS)
        for attempt in range(history_imports.MOST_ATTEMPTS):
            assert history_imports.stale_imports(now=NOW + timedelta(minutes=4 * attempt + 4))
        assert not history_imports.stale_imports(now=NOW + timedelta(hours=2))
        row.refresh_from_db()
        assert row.status == HistoryImport.Status.REFUSED
        assert row.problem

    @pytest.mark.mysql
    def test_two_workers_at_once_write_each_order_once(self):
        rows = [received(history.SHOPIFY_ORDERS) for _ in range(2)]
        for row in rows:
            history_imports.preview_history(import_id=row.pk, now=NOW)
            row.refresh_from_db()
            history_imports.confirm_history(received=row, now=NOW)
        race(*[lambda row=row: history_imports.apply_history(import_id=row.pk, now=NOW) for row in rows])
        assert PastOrder.objects.count() == 3
        assert {row.status for row in HistoryImport.objects.all()} == {HistoryImport.Status.DONE}

    def test_the_number_of_queries_does_not_grow_with_the_orders(self, django_assert_max_num_queries):
        rows = [f"A{number};a@exemple.fr;2024-01-02;12,00;payée" for number in range(400)]
        row = received(table(*rows))
        history_imports.preview_history(import_id=row.pk, now=NOW)
        row.refresh_from_db()
        history_imports.confirm_history(received=row, now=NOW)
        with django_assert_max_num_queries(20):
            history_imports.apply_history(import_id=row.pk, now=NOW)
        assert PastOrder.objects.count() == 400


@pytest.mark.either_database
@pytest.mark.django_db(transaction=True)
class TestRetention:
    @pytest.mark.parametrize("other", ["zoé@exemple.fr", "zoe+1@exemple.fr", "zoe@exemple.frr"])
    def test_addresses_are_compared_exactly(self, other):
        brought(history.SHOPIFY_ORDERS)
        assert not PastOrder.objects.of_emails([other]).exists()

    def test_are_deleted_after_ten_years(self):
        brought(table("A1;a@exemple.fr;2024-01-02;12,00;payée", "A2;a@exemple.fr;2024-02-03;12,00;payée"))
        placed_at = PastOrder.objects.get(number="A1").placed_at
        assert purge_past_orders(now=placed_at + PAST_ORDER_RETENTION + timedelta(seconds=1)) == 1
        assert [order.number for order in PastOrder.objects.all()] == ["A2"]

    def test_a_file_that_nobody_confirms_is_deleted(self):
        row = received(history.SHOPIFY_ORDERS)
        history_imports.preview_history(import_id=row.pk, now=NOW)
        row.refresh_from_db()
        stored, rejects = row.file.name, row.rejects.name
        assert retention.purge_history(now=NOW + timedelta(days=6)) == 0
        assert retention.purge_history(now=NOW + timedelta(days=8)) == 1
        assert not row.file.storage.exists(stored)
        assert not row.file.storage.exists(rejects)
        row.refresh_from_db()
        assert (row.file.name, row.report["rejects"], row.report["samples"]) == ("", [], [])


@pytest.mark.either_database
@pytest.mark.django_db(transaction=True)
class TestCustomers:
    def test_become_accounts_without_a_password_and_nobody_is_written_to(self, mailoutbox):
        row = brought(history.SHOPIFY_CUSTOMERS)
        assert (row.report["created"], row.report["rejected"], row.report["without_postal_address"]) == (2, 1, 1)
        user = User.objects.get(email="zoe@exemple.fr")
        assert (user.first_name, user.last_name, user.phone) == ("Zoé", "Martin", "+33612345678")
        assert not user.has_usable_password()
        assert not EmailAddress.objects.get(user=user).verified
        postal_address = Address.objects.get(user=user)
        assert (postal_address.line1, postal_address.line2, postal_address.postcode, postal_address.city) == (
            "12 rue des Halles",
            "Bât. B",
            "69002",
            "Lyon",
        )
        assert not OutboxEmail.objects.exists()
        assert not mailoutbox
        again = brought(history.SHOPIFY_CUSTOMERS)
        assert (again.report["created"], again.report["repeated"]) == (0, 2)

    def test_an_account_that_is_there_stays_as_it_is(self):
        user = UserFactory(email="zoe@exemple.fr", first_name="Zo")
        brought(history.SHOPIFY_CUSTOMERS)
        user.refresh_from_db()
        assert user.first_name == "Zo"
        assert user.has_usable_password()

    def test_choose_a_password_by_the_page_for_forgotten_ones(self, client, mailoutbox):
        brought(history.SHOPIFY_CUSTOMERS)
        response = client.post(reverse("account_reset_password"), {"email": "zoe@exemple.fr"})
        assert response.status_code == 302
        assert [email.to for email in mailoutbox] == [["zoe@exemple.fr"]]

    def test_are_invited_once_and_only_when_somebody_asks(self, mailoutbox):
        row = brought(history.SHOPIFY_CUSTOMERS)
        User.objects.filter(email="paul@exemple.fr").update(last_login=NOW)
        tasks.invite_customers(import_id=row.pk)
        assert history_imports.invite_customers(import_id=row.pk, now=NOW) == 0
        assert [email.to for email in mailoutbox] == [["zoe@exemple.fr"]]
        row.refresh_from_db()
        assert row.report["invited"] == 1

    def test_undo_takes_away_accounts_that_nobody_used_or_changed(self):
        row = brought(history.SHOPIFY_CUSTOMERS)
        User.objects.filter(email="paul@exemple.fr").update(last_login=NOW)
        history_undo.start_undo(received=row, now=NOW)
        history_undo.undo_history(import_id=row.pk, now=NOW)
        row.refresh_from_db()
        assert (row.status, row.report["undone"], row.report["left"]) == (HistoryImport.Status.UNDONE, 1, 1)
        assert list(User.objects.values_list("email", flat=True)) == ["paul@exemple.fr"]


@pytest.mark.django_db(transaction=True)
class TestCommand:
    def test_says_what_it_would_do_does_it_and_undoes_it(self, tmp_path, capsys):
        path = tmp_path / "orders.csv"
        path.write_text(history.SHOPIFY_ORDERS)
        call_command("import_history", str(path), dry_run=True)
        assert "3 repris" in capsys.readouterr().out
        assert not PastOrder.objects.exists()
        assert not HistoryImport.objects.exists()
        call_command("import_history", str(path))
        assert PastOrder.objects.count() == 3
        row = HistoryImport.objects.get()
        assert row.report["rejects"] == []
        call_command("import_history", undo=row.pk)
        assert not PastOrder.objects.exists()

    def test_one_that_was_killed_is_said_to_have_ended(self):
        row = HistoryImport.objects.create(name="a.csv", status=HistoryImport.Status.CONFIRMED, beat_at=NOW)
        assert history_imports.stale_imports(now=NOW + timedelta(minutes=4)) == []
        row.refresh_from_db()
        assert row.status == HistoryImport.Status.REFUSED
        assert row.problem

    def test_refuses_a_file_that_is_none(self, tmp_path):
        path = tmp_path / "autre.csv"
        path.write_text("Couleur;Taille\nbleu;L\n")
        with pytest.raises(CommandError, match="ni une liste de clients"):
            call_command("import_history", str(path))
