"""The command's own rules; what it loads is tested in the catalogue."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.catalogue.models import Product
from apps.catalogue.tests.factories import ProductFactory
from apps.delivery.models import DeliveryMethod, PickupPoint, WeightBracket
from apps.demo.delivery import load_delivery_methods
from apps.orders.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db


def test_refuses_a_shop_with_products_of_its_own():
    ProductFactory()

    with pytest.raises(CommandError, match="--force"):
        call_command("load_demo_shop")

    assert Product.objects.count() == 1
    assert not DeliveryMethod.objects.exists()


def test_refuses_a_shop_with_orders():
    OrderFactory()

    with pytest.raises(CommandError, match="commandes"):
        call_command("load_demo_shop")


def test_fills_an_empty_shop_and_says_when_there_is_nothing_left_to_do():
    output = StringIO()

    call_command("load_demo_shop", width=24, stdout=output)
    call_command("load_demo_shop", width=24, stdout=output)

    products = Product.objects.count()
    assert output.getvalue().splitlines()[0].startswith(f"Ajoutés\u202f: {products} produits")
    assert "rien n’a été changé" in output.getvalue()


def test_delivery_methods_are_loaded_once():
    assert load_delivery_methods() == 3
    written = (DeliveryMethod.objects.count(), WeightBracket.objects.count(), PickupPoint.objects.count())

    assert load_delivery_methods() == 0
    assert (DeliveryMethod.objects.count(), WeightBracket.objects.count(), PickupPoint.objects.count()) == written
    assert written == (3, 11, 7)
