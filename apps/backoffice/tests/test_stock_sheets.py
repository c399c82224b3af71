"""« Réceptions et inventaires » in the back office."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.services.groups import sync_groups
from apps.catalogue.models import Stock, StockSheet
from apps.catalogue.tests.factories import CategoryFactory, VariantFactory

pytestmark = pytest.mark.django_db
ADD = "admin:catalogue_stocksheet_add"
CHANGE = "admin:catalogue_stocksheet_change"
TOKEN = "0123456789abcdef"


@pytest.fixture
def staff(client):
    sync_groups()
    user = StaffFactory()
    user.groups.add(Group.objects.get(name="Catalogue"))
    client.force_login(user)
    return user


@pytest.fixture
def sheet(client, staff) -> StockSheet:
    VariantFactory(sku="MIEL", ean13="3560070139675", product__name_fr="Miel de lavande", on_hand=4)
    client.post(reverse(ADD), {"kind": "RECEIPT", "note": "BL 4711", "category": ""})
    return StockSheet.objects.get()


def post(client, sheet: StockSheet, verb: str, **fields: str):
    return client.post(reverse(f"admin:stock_sheet_{verb}", args=[sheet.pk]), fields)


def test_goods_are_received_from_scan_to_stock(client, staff, sheet):
    assert post(client, sheet, "enter", codes="3560070139675\n3560070139675 5", token=TOKEN).status_code == 302
    page = client.get(reverse(CHANGE, args=[sheet.pk])).content.decode()
    assert "Miel de lavande" in page
    assert "<strong>10</strong>" in page
    line = sheet.lines.get()
    post(client, sheet, "pieces", **{f"pieces-{line.pk}": "12"})
    assert post(client, sheet, "book").status_code == 302
    assert Stock.objects.get().on_hand == 16
    sheet.refresh_from_db()
    assert (sheet.status, sheet.closed_by) == (StockSheet.Status.BOOKED, staff)
    closed = client.get(reverse(CHANGE, args=[sheet.pk])).content.decode()
    assert "Enregistrer dans le stock" not in closed
    assert "+12" in closed


def test_an_unknown_code_stays_in_the_field_with_its_reason(client, sheet):
    answer = post(client, sheet, "enter", codes="MIEL 2\n4006381333931", token=TOKEN)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert ">4006381333931</textarea>" in page
    assert "aucun modèle n’a cette référence ni ce code-barres" in page
    assert sheet.lines.get().pieces == 2


def test_a_number_that_is_none_loses_nothing(client, sheet):
    post(client, sheet, "enter", codes="MIEL 2", token=TOKEN)
    line = sheet.lines.get()
    answer = post(client, sheet, "pieces", **{f"pieces-{line.pk}": "douze"})
    assert answer.status_code == 422
    assert 'value="douze"' in answer.content.decode()
    assert sheet.lines.get().pieces == 2
    post(client, sheet, "pieces", **{f"pieces-{line.pk}": ""})
    assert not sheet.lines.exists()


def test_a_rayon_is_printed_without_the_stock_that_is_expected(client, staff):
    rayon = CategoryFactory(name_fr="Miels")
    VariantFactory(sku="MIEL", product__category=rayon, on_hand=4711)
    VariantFactory(sku="THYM")
    client.post(reverse(ADD), {"kind": "COUNT", "note": "", "category": rayon.pk})
    page = client.get(reverse("admin:stock_sheet_print", args=[StockSheet.objects.get().pk])).content.decode()
    assert "MIEL" in page
    assert "THYM" not in page
    assert "4711" not in page


def test_is_for_those_who_may_change_it(client, sheet):
    user = StaffFactory()
    user.groups.add(Group.objects.get(name="Assistance"))
    client.force_login(user)
    for verb in ("enter", "pieces", "book", "discard"):
        assert post(client, sheet, verb, codes="MIEL", token=TOKEN).status_code == 403
    assert client.get(reverse("admin:stock_sheet_print", args=[sheet.pk])).status_code == 403


def test_the_page_costs_the_same_for_many_lines(client, sheet, django_assert_max_num_queries):
    post(client, sheet, "enter", codes="\n".join(VariantFactory().sku for _ in range(40)), token=TOKEN)
    with django_assert_max_num_queries(25):
        client.get(reverse(CHANGE, args=[sheet.pk]))
