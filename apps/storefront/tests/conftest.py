"""Fixtures: a shop that can sell, and shoppers."""

import pytest
from django.test import Client

from apps.accounts.tests.factories import UserFactory
from apps.catalogue.tests.factories import VariantFactory
from apps.delivery.tests.factories import DeliveryMethodFactory, InStoreFactory, PickupPointFactory
from apps.payments.tests.fixtures import with_bank  # noqa: F401


@pytest.fixture
def delivery_methods(db):
    """Codes: domicile, relais (with the point relais-halles) and boutique."""
    home = DeliveryMethodFactory(code="domicile", position=1)
    point = PickupPointFactory(
        code="relais-halles", method__code="relais", method__position=2, method__brackets={30000: "3.90"}
    )
    store = InStoreFactory(code="boutique", position=3)
    return {"home": home, "pickup": point.method, "store": store}


@pytest.fixture
def variant(db):
    return VariantFactory(sku="CONFITURE", product__name_fr="Confiture de figues", product__name_en="Fig jam")


@pytest.fixture
def customer(db):
    return UserFactory()


@pytest.fixture
def customer_client(customer) -> Client:
    client = Client()
    client.force_login(customer)
    return client
