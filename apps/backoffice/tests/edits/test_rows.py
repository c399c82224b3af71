"""Rows inside a record that two colleagues save."""

from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from apps.backoffice.tests.forms import form_of
from apps.backoffice.tests.two_people import change, html_of, resubmission, rows_at
from apps.catalogue.models import ProductImage, Variant
from apps.catalogue.tests.factories import VariantFactory
from apps.catalogue.tests.images import picture_bytes
from apps.delivery.models import WeightBracket
from apps.delivery.tests.factories import DeliveryMethodFactory


def test_a_row_of_a_colleague_is_not_restored(client, staff, product):
    variant = product.variants.get()
    page = form_of(client, change(product)) | {"variants-0-position": "3", "name_fr": "Miel doux"}
    Variant.objects.filter(pk=variant.pk).update(weight_g=777, is_active=False)
    response = client.post(change(product), page)
    assert response.status_code == 409
    assert {each.field for each in response.context["edit_taken"]} == {"weight_g", "is_active"}
    assert client.post(change(product), resubmission(response)).status_code == 302
    variant.refresh_from_db()
    product.refresh_from_db()
    assert (variant.weight_g, variant.is_active, variant.position) == (777, False, 3)
    assert product.name_fr == "Miel doux"


def test_a_row_that_both_changed_is_asked(client, staff, product):
    variant = product.variants.get()
    page = form_of(client, change(product)) | {"variants-0-weight_g": "300"}
    Variant.objects.filter(pk=variant.pk).update(weight_g=777)
    response = client.post(change(product), page)
    assert [(each.theirs, each.mine) for each in response.context["edit_asked"]] == [("777", "300")]
    assert variant.sku in html_of(response)
    client.post(change(product), resubmission(response) | {"choice-variants-0-weight_g": "mine"})
    variant.refresh_from_db()
    assert variant.weight_g == 300


@pytest.mark.parametrize(("choice", "expected"), [("theirs", "11.00"), ("mine", "13.90")])
def test_a_price_that_moved_is_asked_with_the_others(client, staff, choice, expected):
    from apps.catalogue.services.prices import set_price

    variant = VariantFactory(price=Decimal("12.50"))
    url = change(variant.product)
    page = form_of(client, url) | {"variants-0-amount": "13.90"}
    set_price(variant=variant, amount=Decimal("11.00"), author=staff, now=timezone.now())
    response = client.post(url, page)
    assert response.status_code == 409
    assert client.post(url, resubmission(response) | {"choice-variants-0-amount": choice}).status_code == 302
    variant.refresh_from_db()
    assert variant.price == Decimal(expected)


def test_rows_keep_their_owner_when_a_colleague_adds_deletes_and_moves(client, staff):
    method = DeliveryMethodFactory(brackets={1000: "3.00", 2000: "5.00", 3000: "7.00"})
    page = form_of(client, change(method))
    rows = {page[f"brackets-{index}-id"]: index for index in range(3)}
    second, third = method.brackets.order_by("up_to_g")[1:3]
    page |= {f"brackets-{rows[str(third.pk)]}-price": "7.50"}
    method.brackets.order_by("up_to_g").first().delete()
    WeightBracket.objects.create(method=method, up_to_g=500, price=Decimal("2.00"))
    response = client.post(change(method), page)
    assert response.status_code == 302, response.context["edit_conflicts"]
    assert {each.up_to_g: each.price for each in method.brackets.all()} == {
        500: Decimal("2.00"),
        second.up_to_g: second.price,
        third.up_to_g: Decimal("7.50"),
    }


def test_a_deleted_picture_is_not_missed(client, staff, product):
    images = [
        ProductImage.objects.create(
            product=product, file=ContentFile(picture_bytes(), f"{name}.png"), alt_fr=name, position=1
        )
        for name in ("un", "deux", "trois")
    ]
    page = form_of(client, change(product)) | {"images-2-alt_fr": "Le troisième"}
    images[0].delete()
    assert client.post(change(product), page).status_code == 302
    assert sorted(product.images.values_list("alt_fr", flat=True)) == ["Le troisième", "deux"]


@pytest.mark.parametrize(("choice", "is_left"), [("theirs", True), ("mine", False)])
def test_a_row_that_a_colleague_changed_is_not_deleted_unasked(client, staff, choice, is_left):
    method = DeliveryMethodFactory(brackets={1000: "3.00", 2000: "5.00"})
    row = method.brackets.get(up_to_g=1000)
    page = form_of(client, change(method))
    page[f"{rows_at(page, 'brackets', row.pk)}-DELETE"] = "on"
    WeightBracket.objects.filter(pk=row.pk).update(price=Decimal("3.50"))
    response = client.post(change(method), page)
    assert response.status_code == 409
    (asked,) = response.context["edit_asked"]
    assert "3,50" in asked.theirs
    again = resubmission(response)
    refused = client.post(change(method), again)
    assert refused.status_code == 409, "nothing was chosen"
    assert client.post(change(method), resubmission(refused) | {f"choice-{asked.name}": choice}).status_code == 302
    assert list(method.brackets.filter(pk=row.pk).values_list("price", flat=True)) == [Decimal("3.50")] * is_left


def test_a_row_that_nobody_changed_is_deleted_at_once(client, staff):
    method = DeliveryMethodFactory(brackets={1000: "3.00", 2000: "5.00"})
    page = form_of(client, change(method)) | {"brackets-0-DELETE": "on"}
    assert client.post(change(method), page).status_code == 302
    assert method.brackets.count() == 1


def test_what_was_typed_into_a_row_that_a_colleague_deleted_is_told(client, staff):
    method = DeliveryMethodFactory(brackets={1000: "3.00", 2000: "5.00"})
    row = method.brackets.get(up_to_g=1000)
    page = form_of(client, change(method))
    page[f"{rows_at(page, 'brackets', row.pk)}-price"] = "7.77"
    row.delete()
    response = client.post(change(method), page | {"name_fr": "Coursier"})
    assert response.status_code == 409
    assert "7.77" in html_of(response)
    assert client.post(change(method), resubmission(response)).status_code == 302
    method.refresh_from_db()
    assert (method.name_fr, method.brackets.count()) == ("Coursier", 1)


def test_a_row_that_a_colleague_has_added_already_is_told(client, staff):
    method = DeliveryMethodFactory(brackets={1000: "3.00"})
    row = {"brackets-TOTAL_FORMS": "2", "brackets-1-up_to_g": "2000", "brackets-1-price": "5.00"}
    page = form_of(client, change(method)) | row
    WeightBracket.objects.create(method=method, up_to_g=2000, price=Decimal("4.00"))
    response = client.post(change(method), page)
    assert response.status_code == 200
    assert [mistake.anchor for mistake in response.context["edit_mistakes"]] == ["id_brackets-1-up_to_g"]


def test_rows_that_exchange_what_is_unique_lose_nothing_typed(client, staff):
    method = DeliveryMethodFactory(name_fr="Coursier", brackets={1000: "3.00", 2000: "5.00"})
    page = form_of(client, change(method)) | {"brackets-0-up_to_g": "2000", "brackets-1-up_to_g": "1000"}
    response = client.post(change(method), page)
    assert response.status_code == 409
    assert "Coursier" in html_of(response)


@pytest.mark.parametrize("rows", ["", "-1", "x", "999999999999", "3"])
def test_a_page_with_a_wrong_number_of_rows_is_no_fault_of_ours(client, staff, product, rows):
    page = form_of(client, change(product)) | {"images-INITIAL_FORMS": rows, "images-0-id": "x"}
    assert client.post(change(product), page).status_code in (200, 302, 409)
