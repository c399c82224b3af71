import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from apps.accounts.tests.factories import UserFactory
from apps.basket import services
from apps.basket.models import MAX_QUANTITY, Basket, BasketLine
from apps.basket.tests.factories import BasketFactory, BasketLineFactory
from apps.catalogue.models import Variant
from apps.catalogue.services.stock import OutOfStock
from apps.catalogue.tests.factories import CategoryFactory, VariantFactory

pytestmark = pytest.mark.django_db


def add(variant, quantity=1, *, basket=None, key=None, user=None):
    sku = variant if isinstance(variant, str) else variant.sku
    return services.add(basket=basket, key=key, user=user, sku=sku, quantity=quantity, now=timezone.now())


def change(line, quantity, basket=None):
    return services.set_quantity(basket=basket or line.basket, line_id=line.pk, quantity=quantity, now=timezone.now())


def find(key=None, user=None):
    return services.open_basket(key=key, user=user)


def test_the_first_product_opens_a_basket_and_the_next_join_it():
    one, two = VariantFactory(), VariantFactory()
    basket = add(one, 2, user=AnonymousUser())
    assert add(two, key=str(basket.key)) == basket
    assert add(one, basket=basket) == basket
    assert dict(basket.lines.values_list("variant_id", "quantity")) == {one.pk: 3, two.pk: 1}
    assert basket.notice == ""


def test_a_visitors_key_never_opens_a_customers_basket():
    customer = UserFactory()
    theirs = add(VariantFactory(), user=customer)
    assert find(theirs.key) is None
    assert find(user=customer) == theirs
    assert find(theirs.key, UserFactory()) is None
    assert add(VariantFactory(), key=theirs.key) != theirs


@pytest.mark.parametrize("key", [None, "", "abc", "\x00", "é" * 500, "6e5d4f7a-7d6c-4a9b-8f3e-2b1c0d9e8f7a"])
def test_an_unknown_key_finds_nothing(key):
    assert find(key) is None


@pytest.mark.parametrize("quantity", [0, -1, 10**9, MAX_QUANTITY + 1, "abc", None, 1.5])
def test_refuses_senseless_quantities(quantity):
    line = BasketLineFactory()
    with pytest.raises(services.InvalidQuantity):
        add(line.variant, quantity, basket=line.basket)
    if quantity != 0:
        with pytest.raises(services.InvalidQuantity):
            change(line, quantity)
    line.refresh_from_db()
    assert line.quantity == 1


def test_takes_as_many_as_there_are_and_says_so():
    variant = VariantFactory(on_hand=3, product__name_fr="Tasse")
    basket = add(variant, 5)
    assert basket.lines.get().quantity == 3
    assert "« Tasse » : il n’en reste que 3 exemplaires" in basket.notice
    with pytest.raises(OutOfStock) as refusal:
        add(variant, basket=basket)
    assert refusal.value.message == "« Tasse » : il n’en reste que 3 exemplaires, déjà dans votre panier."
    changed = change(basket.lines.get(), 9)
    assert (changed.after, bool(changed.notice)) == (3, True)


def test_refuses_what_is_sold_out_or_not_sold():
    with pytest.raises(OutOfStock):
        add(VariantFactory(on_hand=0))
    hidden = [
        VariantFactory(is_active=False),
        VariantFactory(product__state="DRAFT"),
        VariantFactory(product__category__is_visible=False),
        VariantFactory(product__category=CategoryFactory(parent=CategoryFactory(is_visible=False))),
    ]
    for sku in ["unknown", "\x00", "x" * 10_000, *[variant.sku for variant in hidden]]:
        with pytest.raises(services.NotForSale):
            add(sku)
    assert not Basket.objects.exists()


def test_an_ordered_basket_is_left_alone_and_a_new_one_opened():
    ordered = BasketFactory(status=Basket.Status.ORDERED)
    fresh = add(VariantFactory(), basket=ordered)
    assert fresh != ordered
    assert not ordered.lines.exists()
    assert change(BasketLineFactory(basket=ordered), 4) is None


def test_removal_can_be_undone():
    line = BasketLineFactory(quantity=4)
    removed = change(line, 0)
    assert (removed.removed, removed.sku, removed.before) == (True, line.variant.sku, 4)
    assert change(line, 0) is None
    add(removed.sku, removed.before, basket=line.basket)
    assert line.basket.lines.get().quantity == 4


def test_another_baskets_line_cannot_be_changed():
    mine, theirs = BasketFactory(), BasketLineFactory(quantity=2)
    assert change(theirs, 0, basket=mine) is None
    assert change(theirs, 9, basket=mine) is None
    theirs.refresh_from_db()
    assert theirs.quantity == 2


def test_adding_shows_the_price_of_today():
    line = BasketLineFactory()
    Variant.objects.update(price="9.00")
    add(line.variant.sku, basket=line.basket)
    assert BasketLine.objects.get().price_seen == Variant.objects.get().price


@pytest.mark.parametrize("lines", [1, 50])
def test_queries_of_adding_do_not_depend_on_the_basket(lines, django_assert_num_queries):
    basket = BasketFactory(lines=[(VariantFactory(), 1) for _ in range(lines)])
    variant = VariantFactory()
    # Finding the basket, the product, the lock, the line, writing it; two are the savepoint of this test's transaction.
    with django_assert_num_queries(7):
        add(variant, key=basket.key)
