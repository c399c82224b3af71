"""Receipts and counts: codes entered, looked over, booked once."""

import time
from datetime import UTC, datetime

import pytest

from apps.accounts.tests.factories import StaffFactory
from apps.catalogue.models import Category, Product, Stock, StockMovement, StockSheet
from apps.catalogue.services import stock_sheets
from apps.catalogue.services.stock import StockReserved, hold_stock, sell_holds
from apps.catalogue.tests.factories import CategoryFactory, VariantFactory
from apps.common.tests.races import race

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
Kind, Reason = StockSheet.Kind, StockMovement.Reason


def sheet_of(kind: str = Kind.RECEIPT, note: str = "", category: Category | None = None) -> StockSheet:
    return stock_sheets.open_sheet(kind=kind, note=note, category=category, by=StaffFactory(), now=NOW)


def enter(sheet: StockSheet, text: str, token: str = ""):
    return stock_sheets.enter_codes(sheet=sheet, text=text, token=token or f"{text[:20]}{sheet.lines.count()}")


def pieces(sheet: StockSheet) -> dict[str, int]:
    return dict(sheet.lines.values_list("variant__sku", "pieces"))


def on_hand() -> dict[str, int]:
    return dict(Stock.objects.values_list("variant__sku", "on_hand"))


@pytest.mark.django_db
class TestEntering:
    @pytest.fixture(autouse=True)
    def variants(self):
        VariantFactory(sku="CONF-A", ean13="3560070139675")
        VariantFactory(sku="Miel 12", ean13="0036000291452")
        VariantFactory(sku="Miel")

    @pytest.mark.parametrize(
        ("line", "taken"),
        [
            ("CONF-A", {"CONF-A": 1}),
            ("conf-a", {"CONF-A": 1}),
            ("3560070139675", {"CONF-A": 1}),
            ("3560070139675 24", {"CONF-A": 24}),
            ("CONF-A\t6", {"CONF-A": 6}),
            ("CONF-A;6", {"CONF-A": 6}),
            ("CONF-A × 6", {"CONF-A": 6}),
            ("0036000291452", {"Miel 12": 1}),
            ("036000291452 3", {"Miel 12": 3}),
            # A reference that ends in a number is not another one and as many pieces.
            ("Miel 12", {"Miel 12": 1}),
            ("Miel 12 4", {"Miel 12": 4}),
            ("Miel 3", {"Miel": 3}),
            ("CONF-A\n\n  CONF-A 2 \nMiel", {"CONF-A": 3, "Miel": 1}),
        ],
    )
    def test_reads_a_line(self, line, taken):
        sheet = sheet_of()
        assert enter(sheet, line).refused == []
        assert pieces(sheet) == taken

    def test_what_it_does_not_know_is_given_back(self):
        sheet = sheet_of()
        entry = enter(sheet, "CONF-A 2\n4006381333931\n3560070139675 3560070139675\nCONF-A 3560070")
        assert (entry.taken, pieces(sheet)) == (1, {"CONF-A": 2})
        assert entry.left == "4006381333931\n3560070139675 3560070139675\nCONF-A 3560070"
        assert "trop grand" in entry.refused[2].reason

    def test_too_many_pieces_are_refused_and_not_cut(self):
        sheet = sheet_of()
        assert enter(sheet, "CONF-A 999999").taken == 1
        assert enter(sheet, "CONF-A 2").left == "CONF-A 2"
        assert pieces(sheet) == {"CONF-A": 999_999}

    def test_a_line_that_is_no_code_takes_no_time(self):
        line = f"a{' ' * 190_000}b"
        started = time.process_time()
        assert enter(sheet_of(), line).left == line
        assert time.process_time() - started < 5

    def test_the_same_form_twice_counts_once(self):
        sheet = sheet_of()
        enter(sheet, "CONF-A 2", token="a-form")
        assert enter(sheet, "CONF-A 2", token="a-form").taken == 0
        enter(sheet, "CONF-A 2", token="another")
        assert pieces(sheet) == {"CONF-A": 4}

    def test_numbers_are_corrected_and_lines_taken_out(self):
        sheet, other = sheet_of(), sheet_of()
        enter(sheet, "CONF-A 2\nMiel 5")
        enter(other, "CONF-A 7")
        first, second, foreign = (*sheet.lines.all(), other.lines.get())
        stock_sheets.set_pieces(sheet=sheet, pieces={first.pk: 12, second.pk: None, foreign.pk: 1})
        assert (pieces(sheet), pieces(other)) == ({"CONF-A": 12}, {"CONF-A": 7})

    def test_queries_do_not_grow(self, django_assert_num_queries):
        for count in (2, 30):
            skus = [VariantFactory().sku for _ in range(count)]
            sheet = sheet_of()
            with django_assert_num_queries(10):
                enter(sheet, "\n".join(f"{sku} 3" for sku in skus))


@pytest.mark.django_db
class TestBooking:
    def test_a_receipt_adds_to_the_ledger(self):
        variant = VariantFactory(sku="A", on_hand=4)
        sheet = sheet_of(note="Moulin, BL 4711")
        enter(sheet, "A 24")
        assert stock_sheets.book_sheet(sheet=sheet, by=StaffFactory(), now=NOW) == 1
        assert on_hand() == {"A": 28}
        movement = StockMovement.objects.filter(stock=variant.pk).latest("pk")
        assert (movement.delta, movement.reason) == (24, Reason.RECEIPT)
        assert movement.note == f"réception {sheet.pk} : Moulin, BL 4711"
        with pytest.raises(stock_sheets.SheetClosed):
            stock_sheets.book_sheet(sheet=sheet, by=StaffFactory(), now=NOW)
        with pytest.raises(stock_sheets.SheetClosed):
            enter(sheet, "A")
        assert on_hand() == {"A": 28}

    def test_pieces_sold_while_others_are_counted_stay_sold(self):
        variant = VariantFactory(sku="A", on_hand=10)
        sheet = sheet_of(Kind.COUNT)
        enter(sheet, "A 8")
        hold_stock(quantities={variant.pk: 3}, reference="WM-1", now=NOW)
        sell_holds(reference="WM-1", now=NOW)
        stock_sheets.book_sheet(sheet=sheet, by=StaffFactory(), now=NOW)
        # Two were missing of ten, and three were sold.
        assert on_hand() == {"A": 5}
        assert StockMovement.objects.latest("pk").reason == Reason.CORRECTION

    def test_a_count_below_what_is_promised_writes_nothing(self):
        short, other = VariantFactory(sku="A", on_hand=10), VariantFactory(sku="B", on_hand=10)
        hold_stock(quantities={short.pk: 6, other.pk: 1}, reference="WM-1", now=NOW)
        sheet = sheet_of(Kind.COUNT)
        enter(sheet, "A 5\nB 5")
        with pytest.raises(StockReserved, match="resterait : A\\."):
            stock_sheets.book_sheet(sheet=sheet, by=StaffFactory(), now=NOW)
        sheet.refresh_from_db()
        assert (sheet.is_open, on_hand()) == (True, {"A": 10, "B": 10})

    def test_an_empty_or_discarded_sheet_is_not_booked(self):
        sheet, by = sheet_of(), StaffFactory()
        with pytest.raises(stock_sheets.SheetEmpty):
            stock_sheets.book_sheet(sheet=sheet, by=by, now=NOW)
        stock_sheets.discard_sheet(sheet=sheet, by=by, now=NOW)
        with pytest.raises(stock_sheets.SheetClosed):
            stock_sheets.discard_sheet(sheet=sheet, by=by, now=NOW)
        with pytest.raises(stock_sheets.SheetClosed):
            stock_sheets.book_sheet(sheet=sheet, by=by, now=NOW)

    def test_queries_do_not_grow(self, django_assert_num_queries):
        by = StaffFactory()
        for count in (2, 30):
            sheet = sheet_of()
            enter(sheet, "\n".join(f"{VariantFactory(on_hand=0).sku} 3" for _ in range(count)))
            with django_assert_num_queries(9):
                stock_sheets.book_sheet(sheet=sheet, by=by, now=NOW)


@pytest.mark.django_db
def test_the_list_to_count_is_of_the_rayon_and_below():
    above = CategoryFactory(name_fr="Épicerie")
    below = CategoryFactory(parent=above, name_fr="Miels")
    VariantFactory(sku="A", product__category=above)
    VariantFactory(sku="B", product__category=below)
    VariantFactory(sku="OLD", on_hand=0, product__category=below, product__state=Product.State.ARCHIVED)
    VariantFactory(sku="OLD-LEFT", on_hand=2, product__category=below, product__state=Product.State.ARCHIVED)
    VariantFactory(sku="ELSEWHERE")
    counted = stock_sheets.to_count(sheet_of(Kind.COUNT, category=above))
    assert {variant.sku for variant in counted} == {"A", "B", "OLD-LEFT"}
    assert len(stock_sheets.to_count(sheet_of(Kind.COUNT))) == 4


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_booked_twice_at_once_it_counts_once():
    VariantFactory(sku="A", on_hand=0)
    sheet, by = sheet_of(), StaffFactory()
    enter(sheet, "A 10")

    def book():
        try:
            return stock_sheets.book_sheet(sheet=sheet, by=by, now=NOW)
        except stock_sheets.SheetClosed:
            return "closed"

    assert sorted(map(str, race(*[book] * 6))) == ["1", *["closed"] * 5]
    assert on_hand() == {"A": 10}


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_two_colleagues_scan_into_one_sheet_at_once():
    VariantFactory(sku="A", on_hand=0)
    sheet = sheet_of()

    def scan(name: str):
        return lambda: enter(sheet, "A 5", token=name).taken

    race(*[scan(f"form-{number}") for number in range(6)])
    assert pieces(sheet) == {"A": 30}
