import pytest
from django.utils import timezone

from apps.accounts.tests.factories import StaffFactory
from apps.catalogue.models import CatalogueRevision, ProductCard, Stock, StockHold, StockMovement
from apps.catalogue.services import stock
from apps.catalogue.services.ledgers import check_ledgers
from apps.catalogue.services.listing import refresh_listing
from apps.catalogue.tests.factories import VariantFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def figures(variant):
    return Stock.objects.values_list("on_hand", "reserved").get(variant=variant)


def hold(quantities, reference="WM-1"):
    stock.hold_stock(quantities={v.pk: n for v, n in quantities.items()}, reference=reference, now=NOW)


def test_a_hold_promises_pieces_and_a_sale_takes_them():
    one, two = VariantFactory(on_hand=5), VariantFactory(on_hand=1)
    hold({one: 2, two: 1})
    assert (figures(one), figures(two)) == ((5, 2), (1, 1))
    assert stock.sell_holds(reference="WM-1", now=NOW) == 2
    assert stock.sell_holds(reference="WM-1", now=NOW) == 0
    assert (figures(one), figures(two)) == ((3, 0), (0, 0))
    sale = StockMovement.objects.get(stock_id=one.pk, reason=StockMovement.Reason.SALE)
    assert (sale.delta, sale.on_hand_after, sale.reference) == (-2, 3, "WM-1")
    assert check_ledgers() == []


def test_a_shortage_of_one_reserves_nothing_of_the_others():
    plenty, short, none = VariantFactory(on_hand=5), VariantFactory(on_hand=2), VariantFactory(on_hand=0)
    hold({short: 1}, "WM-0")
    with pytest.raises(stock.OutOfStock) as refusal:
        hold({plenty: 5, short: 2, none: 1})
    assert {(s.variant_id, s.wanted, s.available) for s in refusal.value.shortages} == {
        (short.pk, 2, 1),
        (none.pk, 1, 0),
    }
    assert figures(plenty) == (5, 0)
    assert StockHold.objects.count() == 1


def test_a_variant_without_stock_cannot_be_promised():
    variant = VariantFactory()
    StockMovement.objects.filter(stock_id=variant.pk)._raw_delete("default")
    Stock.objects.filter(pk=variant.pk).delete()
    with pytest.raises(stock.OutOfStock):
        hold({variant: 1})


def test_released_pieces_are_there_for_the_next_buyer():
    variant = VariantFactory(on_hand=1)
    hold({variant: 1}, "WM-1")
    assert stock.release_holds(references=["WM-1", "WM-2"]) == 1
    assert stock.release_holds(references=["WM-1"]) == 0
    hold({variant: 1}, "WM-2")
    assert check_ledgers() == []


def test_a_count_is_written_with_its_reason_and_author():
    variant, staff = VariantFactory(on_hand=5), StaffFactory()
    values = {"variant": variant, "reason": StockMovement.Reason.LOSS, "note": "casse", "author": staff, "now": NOW}
    assert stock.correct_stock(on_hand=3, **values)
    assert not stock.correct_stock(on_hand=3, **values)
    movement = variant.stock.movements.first()
    assert (movement.delta, movement.on_hand_after, movement.note, movement.author) == (-2, 3, "casse", staff)
    assert check_ledgers() == []


def test_a_count_below_what_is_promised_is_refused():
    variant = VariantFactory(on_hand=5)
    hold({variant: 4})
    with pytest.raises(stock.StockReserved):
        stock.correct_stock(
            variant=variant, on_hand=3, reason=StockMovement.Reason.CORRECTION, note="", author=None, now=NOW
        )
    assert figures(variant) == (5, 4)


def test_receipts_and_returns_add_up():
    one, two = VariantFactory(on_hand=0), VariantFactory(on_hand=1)
    receipt = {"reason": StockMovement.Reason.RECEIPT, "note": "BL 12", "author": None, "now": NOW}
    stock.correct_stock(variant=one, on_hand=6, **receipt)
    stock.correct_stock(variant=two, on_hand=3, **receipt)
    stock.restock(reference="WM-1", quantities={one.pk: 1}, reason=StockMovement.Reason.RETURN, author=None, now=NOW)
    assert (figures(one), figures(two)) == ((7, 0), (3, 0))
    assert check_ledgers() == []


def test_the_books_show_what_does_not_add_up():
    variant = VariantFactory(on_hand=5)
    Stock.objects.filter(variant=variant).update(on_hand=6, reserved=1)
    assert len(check_ledgers()) == 2


@pytest.mark.parametrize(("before", "taken", "announced"), [(50, 10, False), (5, 2, True), (3, 1, True), (1, 1, True)])
def test_pages_hear_only_of_changes_they_show(before, taken, announced, django_capture_on_commit_callbacks):
    variant = VariantFactory(on_hand=before)
    refresh_listing(product_ids=[variant.product_id])
    number = CatalogueRevision.objects.get().number
    with django_capture_on_commit_callbacks(execute=True):
        hold({variant: taken})
    assert (CatalogueRevision.objects.get().number != number) == announced
    assert ProductCard.objects.get().in_stock == (before > taken)


@pytest.mark.parametrize("count", [3, 30])
def test_queries_do_not_depend_on_the_number_of_variants(count, django_assert_num_queries):
    variants = {VariantFactory(on_hand=50): 1 for _ in range(count)}
    with django_assert_num_queries(3):
        hold(variants)
    with django_assert_num_queries(6):
        stock.sell_holds(reference="WM-1", now=NOW)
