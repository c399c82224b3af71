"""Field by field: what each changed alone is kept, what both changed is asked."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.tests.forms import form_of
from apps.backoffice.tests.two_people import attribute_value, change, html_of, resubmission
from apps.catalogue.models import Product
from apps.catalogue.tests.factories import BrandFactory, VariantFactory


def test_what_each_changed_alone_is_kept(client, staff, product):
    page = form_of(client, change(product)) | {"origin_fr": "Drôme"}
    Product.objects.filter(pk=product.pk).update(name_fr="Miel de lavande", vat_class="REDUCED")
    response = client.post(change(product), page)
    assert response.status_code == 409
    assert "Miel de lavande" in html_of(response)
    assert "5,5 %" in html_of(response)
    assert client.post(change(product), resubmission(response)).status_code == 302
    product.refresh_from_db()
    assert (product.name_fr, product.vat_class, product.origin_fr) == ("Miel de lavande", "REDUCED", "Drôme")


@pytest.mark.parametrize(("choice", "expected"), [("theirs", "Miel de lavande"), ("mine", "Miel doux")])
@pytest.mark.parametrize("button", ["field", "all"])
def test_what_both_changed_is_asked(client, staff, product, choice, expected, button):
    page = form_of(client, change(product)) | {"name_fr": "Miel doux", "origin_fr": "Drôme"}
    Product.objects.filter(pk=product.pk).update(name_fr="Miel de lavande")
    response = client.post(change(product), page)
    assert [(each.theirs, each.mine) for each in response.context["edit_asked"]] == [("Miel de lavande", "Miel doux")]
    again = resubmission(response)
    refused = client.post(change(product), again)
    assert refused.status_code == 409, "nothing was chosen"
    product.refresh_from_db()
    assert (product.name_fr, product.origin_fr) == ("Miel de lavande", "France")
    answer = {"conflict-all": choice} if button == "all" else {"choice-name_fr": choice}
    assert client.post(change(product), resubmission(refused) | answer).status_code == 302
    product.refresh_from_db()
    assert (product.name_fr, product.origin_fr) == (expected, "Drôme")


def test_a_third_change_is_asked_again(client, staff, product):
    page = form_of(client, change(product)) | {"name_fr": "Miel doux"}
    Product.objects.filter(pk=product.pk).update(name_fr="Miel de lavande")
    response = client.post(change(product), page)
    Product.objects.filter(pk=product.pk).update(name_fr="Miel d’acacia")
    response = client.post(change(product), resubmission(response) | {"choice-name_fr": "mine"})
    assert [each.theirs for each in response.context["edit_asked"]] == ["Miel d’acacia"]
    product.refresh_from_db()
    assert product.name_fr == "Miel d’acacia"


def test_the_same_change_by_both_is_no_conflict(client, staff, product):
    page = form_of(client, change(product)) | {"name_fr": "Miel doux"}
    Product.objects.filter(pk=product.pk).update(name_fr="Miel doux")
    assert client.post(change(product), page).status_code == 302


@pytest.mark.parametrize("snapshot", ["", "forged", "of another"])
def test_a_page_that_does_not_say_what_it_showed_overwrites_nothing(client, staff, product, snapshot):
    page = form_of(client, change(product)) | {"name_fr": "Miel doux"}
    if snapshot == "of another":
        snapshot = form_of(client, change(VariantFactory().product))["seen"]
    response = client.post(change(product), page | {"seen": snapshot})
    assert response.status_code == 409
    product.refresh_from_db()
    assert product.name_fr == "Miel"


def test_a_program_that_sends_no_snapshot_writes_what_it_says(client, staff, product):
    page = form_of(client, change(product)) | {"name_fr": "Miel doux"}
    page = {name: value for name, value in page.items() if name != "seen" and not name.endswith("-seen")}
    assert client.post(change(product), page).status_code == 302
    product.refresh_from_db()
    assert product.name_fr == "Miel doux"


def test_values_of_many_kinds_come_back_untouched(client, staff):
    value = attribute_value()
    product = VariantFactory(content_quantity=Decimal("250.500"), content_unit="GRAM").product
    product.attribute_values.add(value)
    Product.objects.filter(pk=product.pk).update(description_fr="Une ligne\r\nUne autre\nUne  autre ")
    page = form_of(client, change(product)) | {"origin_fr": "Drôme"}
    assert client.post(change(product), page).status_code == 302


def test_lists_of_choices_are_compared(client, staff, product):
    value = attribute_value()
    page = form_of(client, change(product)) | {"origin_fr": "Drôme"}
    product.attribute_values.add(value)
    response = client.post(change(product), page)
    assert [each.theirs for each in response.context["edit_taken"]] == [str(value)]
    assert client.post(change(product), resubmission(response)).status_code == 302
    assert list(product.attribute_values.all()) == [value]


def test_the_last_colleague_is_named(client, staff, product):
    other = Client()
    other.force_login(StaffFactory(is_superuser=True, email="claire@webmarket.example"))
    page = form_of(client, change(product)) | {"origin_fr": "Drôme"}
    other.post(change(product), form_of(other, change(product)) | {"name_fr": "Miel doux"})
    assert "claire@webmarket.example" in html_of(client.post(change(product), page))


def test_an_earlier_version_put_back_undoes_only_what_the_page_said(client, staff, product):
    product.name_fr = "Miel nouveau"
    product.save()
    earliest = product.history.earliest("history_date")
    url = reverse("admin:catalogue_product_simple_history", args=[product.pk, earliest.pk])
    form = client.get(url).context["adminform"].form
    page = {bound.html_name: str(bound.value()) for bound in form if bound.value() not in (None, False, [])}
    Product.objects.filter(pk=product.pk).update(origin_fr="Drôme")
    response = client.post(url, page)
    assert response.status_code == 409
    assert "Drôme" in html_of(response)
    product.refresh_from_db()
    assert (product.name_fr, product.origin_fr) == ("Miel nouveau", "Drôme")
    form = response.context["adminform"].form
    page = {bound.html_name: str(bound.value()) for bound in form if bound.value() not in (None, False, [])}
    assert client.post(url, page).status_code == 302
    product.refresh_from_db()
    assert (product.name_fr, product.origin_fr) == ("Miel", "Drôme")


def test_a_record_that_a_colleague_deleted_gives_back_what_was_typed(client, staff):
    brand = BrandFactory()
    page = form_of(client, change(brand)) | {"name": "Maison du Miel"}
    url = change(brand)
    brand.delete()
    response = client.post(url, page)
    assert response.status_code == 409
    assert "Maison du Miel" in html_of(response)


def test_a_right_that_was_taken_away_meanwhile_loses_nothing_typed(client, staff):
    brand = BrandFactory()
    page = form_of(client, change(brand)) | {"name": "Maison du Miel"}
    User.objects.filter(pk=staff.pk).update(is_superuser=False)
    response = client.post(change(brand), page)
    assert response.status_code == 403
    assert "Maison du Miel" in html_of(response)
    assert '<dt class="font-semibold mt-2">Nom</dt>' in html_of(response)
    assert "no-store" in response["Cache-Control"]
