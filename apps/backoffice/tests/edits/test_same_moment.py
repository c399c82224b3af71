"""Saves at the same moment: the database decides which of two comes first."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.tests.forms import form_of
from apps.backoffice.tests.two_people import change, rows_of
from apps.catalogue.tests.factories import VariantFactory
from apps.common.tests.races import race
from apps.delivery.tests.factories import DeliveryMethodFactory


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_two_saves_at_the_same_moment_lose_nothing():
    """Without the lock both read the row before either writes, and the later one restores the other's field."""
    product = VariantFactory(product__name_fr="Miel", product__origin_fr="France").product
    savers = []
    for number in range(2):
        client = Client()
        client.force_login(StaffFactory(is_superuser=True))
        data = form_of(client, change(product))
        savers.append((client, data | ({"name_fr": "Miel doux"} if number else {"origin_fr": "Drôme"})))
    statuses = sorted(
        response.status_code
        for response in race(*[lambda c=client, d=data: c.post(change(product), d) for client, data in savers])
    )
    assert statuses == [302, 409]
    product.refresh_from_db()
    assert (product.name_fr, product.origin_fr) in {("Miel doux", "France"), ("Miel", "Drôme")}


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_one_name_given_twice_at_the_same_moment_is_told():
    """Neither sees the other's when it is checked: the index refuses the second."""
    url = reverse("admin:catalogue_brand_add")
    savers = []
    for _number in range(2):
        client = Client()
        client.force_login(StaffFactory(is_superuser=True))
        savers.append(client)
    data = {"name": "Maison du Miel", "slug": "maison-du-miel"}
    responses = race(*[lambda c=client: c.post(url, data) for client in savers])
    assert sorted(response.status_code for response in responses) == [200, 302]


@pytest.mark.mysql
@pytest.mark.django_db(transaction=True)
def test_two_lists_saved_at_the_same_moment_lose_nothing():
    row = DeliveryMethodFactory(position=1, is_active=True)
    url = reverse("admin:delivery_deliverymethod_changelist")
    savers = []
    for number in range(2):
        client = Client()
        client.force_login(StaffFactory(is_superuser=True))
        page = rows_of(client, url)
        if number:
            page["form-0-position"] = "9"
        else:
            page.pop("form-0-is_active")
        savers.append((client, page))
    statuses = sorted(
        response.status_code for response in race(*[lambda c=client, d=data: c.post(url, d) for client, data in savers])
    )
    assert statuses == [302, 409]
    row.refresh_from_db()
    assert (row.position, row.is_active) in {(9, True), (1, False)}
