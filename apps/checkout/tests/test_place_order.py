from decimal import Decimal

import pytest
from django.utils import timezone

from apps.basket.models import Basket
from apps.catalogue.services.stock import OutOfStock
from apps.catalogue.tests.factories import ProductFactory, VariantFactory
from apps.checkout import services
from apps.checkout.tests.factories import order_now, placed_order, ready_basket
from apps.common import revisions
from apps.common.money import vat_included
from apps.orders.emails import OrderEmail, emails_about
from apps.orders.models import Order
from apps.payments.models import Payment

pytestmark = pytest.mark.django_db


def test_holds_the_stock_and_waits_for_the_money():
    variant = VariantFactory(on_hand=10)
    placed = placed_order((variant, 3))
    variant.stock.refresh_from_db()
    assert placed.next_step == services.NextStep.DONE
    assert placed.order.status == Order.Status.AWAITING_PAYMENT
    assert (variant.stock.on_hand, variant.stock.reserved) == (10, 3)
    assert placed.payment.status == Payment.Status.PENDING
    assert placed.payment.amount == placed.order.total
    assert [email.kind for email in emails_about(placed.order)] == [OrderEmail.PLACED]
    assert services.check_books() == []


def test_totals_add_up_to_the_cent_and_delivery_bears_the_rates_of_the_goods():
    cheap = VariantFactory(price=Decimal("0.07"), on_hand=20, weight_g=9, product=ProductFactory(vat_class="REDUCED"))
    mixed = VariantFactory(price=Decimal("3.33"), on_hand=20, weight_g=9, product=ProductFactory(vat_class="STANDARD"))
    order = placed_order((cheap, 7), (mixed, 3)).order
    assert order.items_total == Decimal("10.48")
    assert order.total == Decimal("15.38")
    rates = {amount.rate: amount for amount in order.vat_breakdown()}
    assert rates[Decimal("20.0")].gross == Decimal("9.99") + Decimal("4.67")
    assert rates[Decimal("20.0")].vat == Decimal("1.67") + vat_included(gross=Decimal("4.67"), rate=Decimal(20))
    assert rates[Decimal("5.5")].gross == Decimal("0.49") + Decimal("0.23")
    assert sum(amount.vat for amount in rates.values()) == order.vat_total
    assert sum(amount.gross for amount in rates.values()) == order.total


def test_keeps_a_snapshot_in_the_language_of_the_order():
    variant = VariantFactory(product__name_en="Honey", product__name_fr="Miel", option1_fr="Grand", option1_en="Large")
    line = order_now(ready_basket((variant, 1)), language="en").order.lines.get()
    variant.product.name_en = "Something else"
    variant.product.save()
    assert (line.product_name, line.variant_label, line.sku) == ("Honey", "Large", variant.sku)


def test_paid_on_collection_is_confirmed_and_sold_at_once():
    variant = VariantFactory(on_hand=5)
    placed = placed_order((variant, 2), payment="on_collection")
    variant.stock.refresh_from_db()
    assert placed.order.status == Order.Status.CONFIRMED
    assert placed.order.paid_at is None
    assert (variant.stock.on_hand, variant.stock.reserved) == (3, 0)
    assert services.check_books() == []


def test_a_repeat_returns_the_same_order_whatever_it_sends():
    basket = ready_basket()
    first = order_now(basket)
    again = order_now(basket, fingerprint="something else")
    assert again.order == first.order
    assert again.payment == first.payment
    assert Order.objects.count() == 1


@pytest.mark.parametrize("change", ["price", "quantity", "delivery", "vat", "withdrawal"])
def test_refuses_what_the_shopper_did_not_see(change):
    variant = VariantFactory(on_hand=5)
    basket = ready_basket((variant, 1))
    seen = services.summarise(basket=basket, now=timezone.now()).fingerprint
    if change == "price":
        type(variant).objects.filter(pk=variant.pk).update(price=Decimal("12.49"))
    elif change == "quantity":
        basket.lines.update(quantity=2)
    elif change == "delivery":
        from apps.delivery.models import WeightBracket

        WeightBracket.objects.update(price=Decimal("5.00"))
    elif change == "withdrawal":
        type(variant.product).objects.update(withdrawal_exception="PERISHABLE")
    else:
        type(variant.product).objects.update(vat_class="STANDARD")
    with pytest.raises(services.PricesChanged):
        order_now(basket, fingerprint=seen)
    variant.stock.refresh_from_db()
    basket.refresh_from_db()
    assert (variant.stock.reserved, basket.status, Order.objects.count()) == (0, Basket.Status.OPEN, 0)


def test_refuses_more_than_there_is():
    variant = VariantFactory(on_hand=1, product__name_fr="Tasse")
    with pytest.raises(OutOfStock) as refusal:
        order_now(ready_basket((variant, 2)))
    assert refusal.value.message == "« Tasse » : il n’en reste qu’un exemplaire. Réduisez la quantité."
    assert Order.objects.count() == 0


@pytest.mark.parametrize("state", ["variant", "product"])
def test_refuses_what_is_no_longer_sold(state):
    variant = VariantFactory()
    basket = ready_basket((variant, 1))
    if state == "variant":
        type(variant).objects.update(is_active=False)
    else:
        type(variant.product).objects.update(state="ARCHIVED")
    with pytest.raises(OutOfStock):
        order_now(basket)


@pytest.mark.parametrize(
    "gap",
    [
        {"email": ""},
        {"recipient": " "},
        {"line1": ""},
        {"payment_method": "on_collection"},
        {"payment_method": "nothing"},
        {"delivery_method": "nothing"},
    ],
)
def test_refuses_while_something_is_missing(gap):
    basket = ready_basket()
    type(basket.details).objects.filter(basket=basket).update(**gap)
    with pytest.raises(services.DetailsMissing) as refusal:
        order_now(basket)
    assert next(iter(gap)) in refusal.value.details["missing"]


def test_refuses_an_empty_or_merged_basket():
    basket = ready_basket()
    basket.lines.all().delete()
    with pytest.raises(services.BasketClosed):
        order_now(basket)
    Basket.objects.update(status=Basket.Status.MERGED)
    with pytest.raises(services.BasketClosed):
        order_now(basket)


@pytest.mark.parametrize("payment", ["bank_transfer", "demo_card"])
def test_queries_do_not_depend_on_the_number_of_lines(payment, django_assert_num_queries):
    for count in (3, 30):
        basket = ready_basket(*[(VariantFactory(), 1) for _ in range(count)], payment=payment)
        now = timezone.now()
        # As in a request; one of them reads the revisions, which a test's transaction never keeps.
        with django_assert_num_queries(6), revisions.one_state():
            seen = services.summarise(basket=basket, now=now).fingerprint
        with django_assert_num_queries(15), revisions.one_state():
            order_now(basket, fingerprint=seen, now=now)
