from decimal import Decimal

import pytest
from django.utils import timezone

from apps.basket import services
from apps.basket.tests.factories import BasketFactory
from apps.catalogue.models import Category, Product, ProductImage, Stock, Variant
from apps.catalogue.tests.factories import CategoryFactory, VariantFactory
from apps.delivery.tests.factories import DeliveryMethodFactory
from apps.shop.tests.factories import write_shop

pytestmark = pytest.mark.django_db


def picture(of, **fields):
    image = ProductImage.objects.create(product=of.product, **fields)
    ProductImage.objects.filter(pk=image.pk).update(file="miel.png", width=10, height=10)
    return image


def test_adds_up_prices_weights_and_pieces():
    one = VariantFactory(price=Decimal("0.99"), weight_g=120)
    two = VariantFactory(price=Decimal("10.00"), weight_g=1000)
    loaded = services.load(BasketFactory(lines=[(one, 3), (two, 1)]))
    assert (loaded.items_total, loaded.weight_g, loaded.count) == (Decimal("12.97"), 1360, 4)
    assert loaded.orderable
    assert loaded.announcements == ()


def test_announces_prices_that_changed_until_the_shopper_goes_on():
    variant = VariantFactory(price=Decimal("12.50"), product__name_fr="Miel")
    basket = BasketFactory(lines=[(variant, 1)])
    Variant.objects.update(price=Decimal("11.00"))
    assert services.load(basket).announcements == (
        "Le prix de Miel a baissé\u202f: 11,00\u00a0€ au lieu de 12,50\u00a0€.",
    )
    services.save_details(basket=basket, now=timezone.now(), email="a@exemple.fr")
    assert services.load(basket).announcements == ()


def test_announces_shortages_and_products_no_longer_sold():
    short, gone = VariantFactory(product__name_fr="Tasse"), VariantFactory(product__name_fr="Bol")
    basket = BasketFactory(lines=[(short, 3), (gone, 1)])
    Stock.objects.filter(pk=short.pk).update(on_hand=2)
    Product.objects.filter(pk=gone.product_id).update(state="ARCHIVED")
    loaded = services.load(basket)
    assert not loaded.orderable
    assert [shortage.available for shortage in loaded.shortages] == [2, 0]
    assert loaded.announcements[0] == "« Tasse » : il n’en reste que 2 exemplaires. Réduisez la quantité."
    assert "Bol n’est plus disponible" in loaded.announcements[1]


def test_what_lies_under_a_hidden_rayon_is_no_longer_sold():
    above = CategoryFactory()
    variant = VariantFactory(product__category=CategoryFactory(parent=above))
    basket = BasketFactory(lines=[(variant, 1)])
    assert services.load(basket).orderable
    Category.objects.filter(pk=above.pk).update(is_visible=False)
    assert not services.load(basket).orderable


def test_shows_the_way_to_a_free_delivery():
    DeliveryMethodFactory(free_from=Decimal("50"))
    variant = VariantFactory(price=Decimal("12.50"))
    loaded = services.load(BasketFactory(lines=[(variant, 1)]))
    assert (loaded.missing_for_free_delivery, loaded.free_delivery_percent) == (Decimal("37.50"), 25)
    assert services.load(BasketFactory(lines=[(variant, 4)])).free_delivery_percent == 100
    assert services.load(BasketFactory()).free_delivery_percent == 0


def test_shows_the_picture_of_the_variant_or_else_the_first_that_is_ready():
    variant = VariantFactory()
    picture(variant, position=0, state="WANTED")
    first = picture(variant, position=1)
    basket = BasketFactory(lines=[(variant, 1)])
    assert services.load(basket).lines[0].image == first
    own = picture(variant, position=2, variant=variant)
    assert services.load(basket).lines[0].image == own


@pytest.mark.parametrize("lines", [1, 50])
def test_three_queries_for_any_number_of_lines(lines, django_assert_num_queries):
    basket = BasketFactory(lines=[(VariantFactory(option1_fr="Grand"), 1) for _ in range(lines)])
    # And the shop's version, which a page has read already: whether VAT is charged.
    with django_assert_num_queries(4):
        loaded = services.load(basket)
        for line in loaded.lines:
            _displayed = (line.full_name, line.image, line.shortage, line.vat_rate, line.product.slug, line.total)
        _totals = (loaded.announcements, loaded.items_total, loaded.weight_g, loaded.free_delivery_percent)


def test_a_shop_that_charges_no_vat_has_no_rate():
    basket = BasketFactory(lines=[(VariantFactory(), 1)])
    assert services.load(basket).lines[0].vat_rate == Decimal("5.5")
    write_shop(vat_franchise=True)
    assert services.load(basket).lines[0].vat_rate == 0
