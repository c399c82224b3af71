"""Lists that two colleagues edit in place."""

from django.urls import reverse

from apps.backoffice.tests.two_people import rows_at, rows_of
from apps.delivery.models import DeliveryMethod
from apps.delivery.tests.factories import DeliveryMethodFactory


def test_a_list_edited_in_place_is_guarded(client, staff):
    first, second = DeliveryMethodFactory(code="a", position=1), DeliveryMethodFactory(code="b", position=2)
    url = reverse("admin:delivery_deliverymethod_changelist")
    page = rows_of(client, url)
    index = next(name for name, value in page.items() if name.endswith("-id") and value == str(second.pk))
    index = index.split("-")[1]
    page[f"form-{index}-position"] = "9"
    DeliveryMethod.objects.filter(pk=first.pk).update(position=5, is_active=False)
    response = client.post(url, page)
    assert response.status_code == 409
    assert set(DeliveryMethod.objects.values_list("position", "is_active")) == {(5, False), (2, True)}
    formset = response.context["cl"].formset
    again = {bound.html_name: str(bound.value()) for bound in formset.management_form} | {"_save": "1"}
    for form in formset.forms:
        again |= {bound.html_name: str(bound.value()) for bound in form if bound.value() not in (None, False)}
    assert client.post(url, again).status_code == 302
    assert set(DeliveryMethod.objects.values_list("position", "is_active")) == {(5, False), (9, True)}


def test_a_list_that_a_colleague_reordered_shows_each_row_with_its_own_fields(client, staff):
    first, second = DeliveryMethodFactory(code="a", position=1), DeliveryMethodFactory(code="b", position=2)
    url = reverse("admin:delivery_deliverymethod_changelist")
    page = rows_of(client, url)
    page[f"{rows_at(page, 'form', second.pk)}-position"] = "9"
    DeliveryMethod.objects.filter(pk=first.pk).update(position=5)
    cl = client.post(url, page).context["cl"]
    assert [row.pk for row in cl.result_list] == [form.instance.pk for form in cl.formset.forms]


def test_a_row_of_a_list_that_a_colleague_deleted_is_told(client, staff):
    first, second = DeliveryMethodFactory(code="a", position=1), DeliveryMethodFactory(code="b", position=2)
    url = reverse("admin:delivery_deliverymethod_changelist")
    page = rows_of(client, url)
    page[f"{rows_at(page, 'form', second.pk)}-position"] = "9"
    second.delete()
    assert client.post(url, page).status_code == 409
    page = rows_of(client, url)
    page[f"{rows_at(page, 'form', first.pk)}-position"] = "4"
    assert client.post(url, page).status_code == 302
