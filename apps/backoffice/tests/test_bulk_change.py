"""« Modifier en lot » on the list of products."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.admin.variant_sheet import VariantSheet
from apps.backoffice.services.groups import sync_groups
from apps.catalogue.models import CatalogueImport, Product, Variant
from apps.catalogue.tests.factories import CategoryFactory, VariantFactory
from apps.imports.catalogue.columns import guessed_reading, survey_columns
from apps.imports.catalogue.run import run_import
from apps.imports.tests.importing import NOW, source_of

pytestmark = pytest.mark.django_db
LIST = "admin:catalogue_product_changelist"


@pytest.fixture
def staff(client):
    sync_groups()
    user = StaffFactory()
    user.groups.add(Group.objects.get(name="Catalogue"))
    client.force_login(user)
    return user


@pytest.fixture
def send(client, django_capture_on_commit_callbacks):
    def send(variants, query: str = "", **fields: str):
        chosen = {"action": "change_in_bulk", "_selected_action": [each.product_id for each in variants]}
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(reverse(LIST) + query, chosen | fields)

    return send


def test_asks_previews_and_writes_what_was_selected(client, staff, send, django_capture_on_commit_callbacks):
    one, two, other = (VariantFactory(price=Decimal("10.00")) for _ in range(3))
    asked = send([one, two])
    assert asked.status_code == 200
    assert "2 produits" in asked.content.decode()
    previewed = send([one, two], bulk="1", by="percent", amount="5,5", rounding="90")
    received = CatalogueImport.objects.get()
    assert previewed.url == reverse("admin:catalogue_catalogueimport_change", args=[received.pk])
    assert received.status == CatalogueImport.Status.PREVIEWED
    assert set(Variant.objects.values_list("price", flat=True)) == {Decimal("10.00")}
    assert "10,90" in client.get(previewed.url).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("admin:catalogue_import_confirm", args=[received.pk]))
    assert dict(Variant.objects.values_list("sku", "price")) == {
        one.sku: Decimal("10.90"),
        two.sku: Decimal("10.90"),
        other.sku: Decimal("10.00"),
    }


def test_all_that_the_filter_leaves_is_more_than_the_page(staff, send):
    variants = [VariantFactory(price=Decimal("10.00"), product__vat_class="REDUCED") for _ in range(3)]
    VariantFactory(price=Decimal("10.00"), product__vat_class="STANDARD")
    filtered = "?vat_class__exact=REDUCED"
    assert "3 produits" in send(variants[:1], filtered, select_across="1").content.decode()
    send(variants[:1], filtered, select_across="1", bulk="1", by="set", amount="12")
    assert CatalogueImport.objects.get().report["updated"] == 3


def test_a_mistake_keeps_what_was_typed(staff, send):
    variant = VariantFactory()
    answer = send([variant], bulk="1", by="percent", amount="cinq", low_threshold="4")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="cinq"' in page
    assert 'value="4"' in page
    assert not CatalogueImport.objects.exists()
    assert "Choisissez au moins une chose" in send([variant], bulk="1").content.decode()
    assert "Dites de combien" in send([variant], bulk="1", by="euros").content.decode()


def test_is_for_those_who_may_import(client):
    sync_groups()
    user = StaffFactory()
    user.groups.add(Group.objects.get(name="Commandes"))
    client.force_login(user)
    VariantFactory()
    assert b"change_in_bulk" not in client.get(reverse(LIST)).content


class TestSheet:
    @pytest.fixture
    def sheet(self):
        above = CategoryFactory(name_fr="Épicerie")
        rayon = CategoryFactory(parent=above, name_fr="Miels")
        one = VariantFactory(sku="M-1", product__category=rayon, product__name_fr="Miel", price=Decimal("12.50"))
        VariantFactory(sku="M-2", product=one.product, price=Decimal("7.00"))
        VariantFactory(sku="=B", product__brand__name="Abeille", product__category=rayon, price=Decimal("3.00"))
        return VariantSheet().export(queryset=Product.objects.all())

    @pytest.mark.parametrize("format_", ["csv", "xlsx"])
    def test_comes_back_as_it_left(self, sheet, format_):
        report = brought(sheet.export(format_), format_)
        assert (report.unchanged, report.updated, report.created, report.rejected) == (2, 0, 0, 0)

    def test_a_price_changed_in_it_is_the_only_change(self, sheet):
        assert sheet.dict[0]["rayon"] == "Épicerie > Miels"
        text = sheet.export("csv").replace("7.00", "8.40")
        report = brought(text, "csv")
        assert (report.updated, report.created, report.rejected) == (1, 0, 0)
        assert {(each.code, each.column, each.after) for each in report.differences} == {("M-2", "price", "8,40")}

    def test_queries_do_not_grow(self, sheet, django_assert_num_queries):
        with django_assert_num_queries(2):
            VariantSheet().export(queryset=Product.objects.all())


def brought(content: str | bytes, format_: str):
    source = source_of(content, f"modeles.{format_}")
    reading = guessed_reading(survey_columns(source.header, source.rows()))
    again = source_of(content, f"modeles.{format_}", reading=reading)
    return run_import(source=again, reading=reading, now=NOW, dry_run=True)
