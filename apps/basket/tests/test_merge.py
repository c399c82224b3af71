import pytest

from apps.accounts.tests.factories import UserFactory
from apps.basket import services
from apps.basket.models import Basket
from apps.basket.tests.factories import BasketFactory, CheckoutDetailsFactory
from apps.catalogue.tests.factories import VariantFactory

pytestmark = pytest.mark.django_db


def merge(visitor, user):
    return services.merge(visitor_key=getattr(visitor, "key", visitor), user=user)


def quantities(basket):
    return dict(basket.lines.values_list("variant_id", "quantity"))


def test_a_customer_without_a_basket_takes_the_visitors():
    user, visitor = UserFactory(), BasketFactory(lines=[(VariantFactory(), 1)])
    assert merge(visitor, user) == visitor
    visitor.refresh_from_db()
    assert (visitor.user, visitor.status) == (user, Basket.Status.OPEN)


def test_quantities_add_up_as_far_as_there_are_pieces():
    both, only_visitor, only_customer, short = (VariantFactory(on_hand=n) for n in (10, 10, 10, 3))
    user = UserFactory()
    own = BasketFactory(user=user, lines=[(both, 2), (only_customer, 1), (short, 2)])
    visitor = BasketFactory(lines=[(both, 3), (only_visitor, 4), (short, 2)])
    assert merge(visitor, user) == own
    assert quantities(own) == {both.pk: 5, only_visitor.pk: 4, only_customer.pk: 1, short.pk: 3}
    visitor.refresh_from_db()
    assert visitor.status == Basket.Status.MERGED
    assert not visitor.lines.exists()


def test_a_repeat_changes_nothing():
    variant, user = VariantFactory(), UserFactory()
    own = BasketFactory(user=user, lines=[(variant, 1)])
    visitor = BasketFactory(lines=[(variant, 1)])
    for _repeat in range(3):
        assert merge(visitor, user) == own
    assert quantities(own) == {variant.pk: 2}


def test_another_customers_basket_cannot_be_taken():
    theirs = BasketFactory(user=UserFactory(), lines=[(VariantFactory(), 1)])
    assert merge(theirs, UserFactory()) is None
    theirs.refresh_from_db()
    assert theirs.status == Basket.Status.OPEN


@pytest.mark.parametrize("key", [None, "", "abc"])
def test_without_a_visitors_basket_the_customers_own_is_found(key):
    user = UserFactory()
    own = BasketFactory(user=user)
    assert merge(key, user) == own


def test_what_was_typed_goes_with_the_customer():
    user, details = UserFactory(), CheckoutDetailsFactory()
    own = BasketFactory(user=user)
    assert merge(details.basket, user) == own
    assert own.details.line1 == details.line1


@pytest.mark.parametrize("lines", [3, 30])
def test_queries_do_not_depend_on_the_lines(lines, django_assert_num_queries):
    variants = [VariantFactory() for _ in range(lines)]
    user = UserFactory()
    BasketFactory(user=user, lines=[(variant, 1) for variant in variants[::2]])
    visitor = BasketFactory(lines=[(variant, 1) for variant in variants])
    with django_assert_num_queries(13):
        merge(visitor, user)
