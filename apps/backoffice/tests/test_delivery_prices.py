import pytest
from django.urls import reverse

from apps.accounts.tests.factories import StaffFactory
from apps.backoffice.tests.forms import form_of
from apps.catalogue import revision
from apps.delivery.tests.factories import DeliveryMethodFactory

pytestmark = pytest.mark.django_db


def test_a_changed_delivery_price_is_on_every_page_at_once(client):
    client.force_login(StaffFactory(is_superuser=True))
    method = DeliveryMethodFactory()
    url = reverse("admin:delivery_deliverymethod_change", args=[method.pk])
    before = revision.current()
    assert client.post(url, form_of(client, url) | {"free_from": "45.00"}).status_code == 302
    revision.invalidate()
    assert revision.current() != before
