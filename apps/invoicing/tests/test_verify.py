"""What the check finds, of each sort of change that the database's owner could make."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F, QuerySet

from apps.invoicing.models import Chain, Closing, Document, DocumentVat
from apps.invoicing.services import close_ended, issue_missing, verify_chain
from apps.invoicing.services.archive import archive_of
from apps.invoicing.tests.factories import NOVEMBER, OCTOBER, closed_october, sale

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain():
    closed_october()
    assert list(verify_chain()) == []
    return list(Document.objects.order_by("position"))


def change(document: Document, **values) -> None:
    QuerySet.update(Document.objects.filter(pk=document.pk), **values)


def test_a_changed_amount(chain):
    change(chain[1], net=F("net") + 1, gross=F("gross") + 1)
    assert any("columns differ" in fault for fault in verify_chain())


def test_a_changed_content(chain):
    change(chain[1], content=chain[1].content.replace("Camille", "Camilla"))
    assert list(verify_chain()) == [f"document {chain[1].number}: its content has another hash"]


def test_a_content_that_is_none(chain):
    change(chain[1], content='{"vat":[{}]}')
    assert any("cannot be read" in fault for fault in verify_chain())


def test_changed_vat(chain):
    QuerySet.update(DocumentVat.objects.filter(document=chain[0], rate=20), vat=Decimal("0.00"), gross=F("net"))
    assert list(verify_chain()) == [f"document {chain[0].number}: its VAT differs from its content"]


def test_a_row_that_is_moved_to_another_sale(chain):
    change(chain[0], order=sale(paid=False))
    assert any("columns differ from its content: order" in fault for fault in verify_chain())


@pytest.mark.parametrize("index", [0, 2, 4])
def test_a_removed_row(chain, index):
    with connection.constraint_checks_disabled():
        QuerySet._raw_delete(DocumentVat.objects.filter(document=chain[index]), "default")
        QuerySet._raw_delete(Document.objects.filter(pk=chain[index].pk), "default")
        assert f"document {index + 1} is missing" in list(verify_chain())
        # Put back, because the end of the test looks at foreign keys.
        chain[index]._state.adding = True
        chain[index].save(force_insert=True)


def test_a_removed_end_whose_counters_are_turned_back_is_in_the_closings(chain):
    last, before = chain[4], chain[3]
    QuerySet._raw_delete(DocumentVat.objects.filter(document=last), "default")
    QuerySet._raw_delete(Document.objects.filter(pk=last.pk), "default")
    Chain.objects.update(last_position=4, last_hash=before.hash)
    assert any("closing" in fault and "do not add up" in fault for fault in verify_chain())


def test_a_swapped_pair(chain):
    first, second = chain[1], chain[2]
    values = {"position": 99, "number": "x", "sequence": 99}
    one = {name: getattr(first, name) for name in values}
    two = {name: getattr(second, name) for name in values}
    change(first, **values)
    change(second, **one)
    change(first, **two)
    faults = list(verify_chain())
    assert any("columns differ" in fault for fault in faults)
    assert any("does not follow the one before it" in fault for fault in faults)


def test_a_changed_closing(chain):
    QuerySet.update(Closing.objects.filter(period="MONTH"), life_invoiced=F("life_invoiced") - 1)
    faults = [fault for fault in verify_chain() if fault.startswith("closing MONTH")]
    assert len(faults) == 2


def test_closings_count_every_day_and_go_on(chain):
    days = Closing.objects.filter(period="DAY").order_by("start_date")
    assert (days.first().start_date, days.last().start_date) == (date(2026, 10, 5), date(2026, 11, 2))
    assert days.count() == 29
    month = Closing.objects.get(period="MONTH")
    assert (month.count, month.invoiced, month.credited) == (5, sum(each.gross for each in chain[:4]), Decimal("9.00"))
    assert days.last().life_invoiced == month.life_invoiced
    assert close_ended(now=NOVEMBER) == []


def test_nothing_is_dated_in_a_closed_day(chain):
    sale(now=OCTOBER)
    issue_missing(now=OCTOBER, everything=True)
    assert Document.objects.order_by("position").last().issue_date == date(2026, 11, 3)
    assert list(verify_chain()) == []


def test_the_same_month_gives_the_same_file(chain):
    closing = Closing.objects.get(period="MONTH")
    assert archive_of(closing) == archive_of(closing)


def test_the_check_asks_by_thousands(chain, django_assert_max_num_queries):
    for _each in range(30):
        sale(now=NOVEMBER)
    issue_missing(now=NOVEMBER, everything=True)
    # Documents with their VAT in two; the end in two; and two for each closing of 30.
    with django_assert_max_num_queries(12 + 2 * 30):
        assert list(verify_chain()) == []
