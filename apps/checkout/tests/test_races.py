"""Races between buyers, tabs, workers and messages, on a real MySQL server."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone

from apps.accounts.tests.factories import UserFactory
from apps.basket import services as baskets
from apps.basket.models import Basket
from apps.basket.tests.factories import BasketFactory
from apps.catalogue.models import Stock, StockMovement
from apps.catalogue.services.stock import OutOfStock
from apps.catalogue.tests.factories import VariantFactory
from apps.checkout import services
from apps.checkout.tests.factories import order_now, placed_order, ready_basket
from apps.common.models import OutboxEmail
from apps.common.tests.races import of_kind, race
from apps.demo.bank import ACCEPTED, CHALLENGED, DemoCard, sign, webhook_body
from apps.demo.models import DemoCharge
from apps.orders.emails import OrderEmail
from apps.orders.models import Order, OrderEvent
from apps.orders.services import expire_unpaid
from apps.payments import services as payments
from apps.payments.models import Payment, Refund

pytestmark = [pytest.mark.mysql, pytest.mark.django_db(transaction=True)]


def figures(variant):
    return Stock.objects.values_list("on_hand", "reserved").get(variant=variant)


def place(basket):
    """The request of a shopper who has just read the summary."""
    now = timezone.now()
    seen = services.summarise(basket=basket, now=now).fingerprint
    return partial(order_now, basket, fingerprint=seen, now=now)


def pay(payment, card=ACCEPTED):
    return partial(payments.start_payment, payment=payment, instrument=card, return_url="/", now=timezone.now())


@pytest.mark.parametrize("end", ["paid", "expired"])
def test_fifty_buyers_for_ten_pieces(end):
    variant = VariantFactory(on_hand=10)
    buyers = [place(ready_basket((variant, 1))) for _ in range(50)]
    results = race(*buyers)
    placed, refused = of_kind(results, services.PlacedOrder), of_kind(results, OutOfStock)
    assert (len(placed), len(refused)) == (10, 40)
    assert Order.objects.count() == 10
    assert figures(variant) == (10, 10)
    if end == "paid":
        for one in placed:
            payments.receive_payment(order=one.order, by=None, now=timezone.now())
        assert figures(variant) == (0, 0)
    else:
        assert expire_unpaid(now=timezone.now() + timedelta(days=8)) == 10
        assert figures(variant) == (10, 0)
    assert services.check_books() == []


def test_fifty_repeats_of_one_request_make_one_order():
    variant = VariantFactory(on_hand=100)
    request = place(ready_basket((variant, 2)))
    results = race(*[request] * 50)
    assert {placed.order.pk for placed in results} == {Order.objects.get().pk}
    assert {placed.payment.pk for placed in results} == {Payment.objects.get().pk}
    assert figures(variant) == (100, 2)
    assert OutboxEmail.objects.count() == 1
    assert services.check_books() == []


def test_two_tabs_order_what_one_of_them_showed():
    for _round in range(5):
        variant = VariantFactory(on_hand=100)
        basket = ready_basket((variant, 1))
        one = place(basket)
        line = basket.lines.get()
        baskets.set_quantity(basket=basket, line_id=line.pk, quantity=2, now=timezone.now())
        two = place(basket)
        results = race(one, two, one, two)
        order = Order.objects.get(basket_key=basket.key)
        assert order.lines.get().quantity == 2
        assert {type(result) for result in results} <= {services.PlacedOrder, services.PricesChanged}
    assert services.check_books() == []


def test_a_line_changed_while_ordering_is_ordered_as_it_was_seen_or_not_at_all():
    for _round in range(8):
        variant = VariantFactory(on_hand=100)
        basket = ready_basket((variant, 1))
        line = basket.lines.get()
        change = partial(baskets.set_quantity, basket=basket, line_id=line.pk, quantity=5, now=timezone.now())
        placed, _changed = race(place(basket), change)
        order = Order.objects.filter(basket_key=basket.key).first()
        if isinstance(placed, services.PlacedOrder):
            assert order.lines.get().quantity == 1
        else:
            assert isinstance(placed, services.PricesChanged)
            assert order is None
    assert services.check_books() == []


def test_crossed_products_never_deadlock():
    one, two, three = (VariantFactory(on_hand=1000) for _ in range(3))
    crossed = [(one, two, three), (three, two, one), (two, three, one)]
    requests = [place(ready_basket(*[(variant, 1) for variant in crossed[n % 3]])) for n in range(30)]
    # Without the retry that would hide one: the lock order alone must do.
    bare = services.place_order.__wrapped__
    results = race(*[partial(bare, **_arguments(request)) for request in requests])
    assert len(of_kind(results, services.PlacedOrder)) == 30, of_kind(results, Exception)
    assert {figures(variant) for variant in (one, two, three)} == {(1000, 30)}


def _arguments(request):
    return {
        "basket": request.args[0],
        **request.keywords,
        "terms_version": "2026-11",
        "language": "fr",
        "user": None,
    }


def test_paying_and_cancelling_at_once_leaves_no_money_behind():
    for _round in range(8):
        variant = VariantFactory(on_hand=5)
        placed = placed_order((variant, 2), payment="demo_card")
        cancel = partial(services.cancel_and_refund, order=placed.order, by=None, now=timezone.now())
        race(pay(placed.payment), cancel, pay(placed.payment))
        payments.reconcile_payments(now=timezone.now() + timedelta(minutes=5))
        placed.order.refresh_from_db()
        assert placed.order.status == Order.Status.CANCELLED
        assert figures(variant) == (5, 0)
        charge = DemoCharge.objects.get(key=placed.payment.key)
        assert charge.status == "CANCELLED" or charge.refunded == charge.amount
        assert services.check_books() == []


def test_paying_and_expiring_at_once_sells_or_gives_back():
    for _round in range(8):
        variant = VariantFactory(on_hand=2)
        placed = placed_order((variant, 2), payment="demo_card")
        late = timezone.now() + timedelta(minutes=31)
        _paid, expired, again = race(
            pay(placed.payment), partial(expire_unpaid, now=late), partial(expire_unpaid, now=late)
        )
        assert expired + again <= 1
        payments.reconcile_payments(now=late + timedelta(minutes=5))
        placed.order.refresh_from_db()
        charge = DemoCharge.objects.get(key=placed.payment.key)
        if placed.order.status == Order.Status.CONFIRMED:
            assert figures(variant) == (0, 0)
            assert (charge.status, charge.refunded) == ("CAPTURED", 0)
        else:
            assert placed.order.status == Order.Status.EXPIRED
            assert figures(variant) == (2, 0)
            assert charge.status != "CAPTURED" or charge.refunded == charge.amount
        assert services.check_books() == []


def test_expiring_workers_end_each_order_once():
    variant = VariantFactory(on_hand=30)
    for _order in range(10):
        placed_order((variant, 1))
    late = timezone.now() + timedelta(days=8)
    results = race(*[partial(expire_unpaid, now=late)] * 4)
    assert sum(results) == 10
    assert OrderEvent.objects.filter(to_status=Order.Status.EXPIRED).count() == 10
    assert figures(variant) == (30, 0)


def test_the_banks_message_the_shoppers_return_and_the_sweep_confirm_once():
    variant = VariantFactory(on_hand=3)
    placed = placed_order((variant, 1), payment="demo_card")
    pay(placed.payment, CHALLENGED)()
    charge = DemoCharge.objects.get()
    DemoCard().answer_challenge(reference=charge.reference, accepted=True)
    charge.refresh_from_db()
    body, now = webhook_body(charge), timezone.now()
    message = partial(
        payments.handle_webhook, gateway_code="demo_card", headers={"X-Demo-Signature": sign(body)}, body=body, now=now
    )
    back = partial(payments.refresh_payment, payment=placed.payment, now=now)
    sweep = partial(payments.reconcile_payments, now=now + timedelta(minutes=5))
    results = race(message, message, back, back, sweep, sweep)
    assert of_kind(results, Exception) == []
    assert figures(variant) == (2, 0)
    assert StockMovement.objects.filter(reason=StockMovement.Reason.SALE).count() == 1
    assert OrderEvent.objects.filter(to_status=Order.Status.CONFIRMED).count() == 1
    assert OutboxEmail.objects.filter(kind=OrderEmail.CONFIRMED).count() == 1
    assert services.check_books() == []


def test_refunds_at_once_never_exceed_what_was_paid():
    for keys in (["a", "b", "c", "d"], ["same"] * 4):
        placed = placed_order((VariantFactory(price=Decimal("30")), 1), payment="demo_card")
        payment = pay(placed.payment)().payment
        requests = [
            partial(
                payments.refund,
                payment=payment,
                amount=Decimal("20"),
                reason="",
                by=None,
                key=f"{key}-{payment.pk}",
                now=timezone.now(),
            )
            for key in keys
        ]
        results = race(*requests)
        payment.refresh_from_db()
        assert payment.refunded == Decimal("20")
        assert DemoCharge.objects.get(key=payment.key).refunded == Decimal("20")
        assert Refund.objects.filter(payment=payment).count() == 1
        assert len(of_kind(results, payments.RefundRefused)) == (3 if keys[0] == "a" else 0)
    assert services.check_books() == []


def test_retries_at_once_open_one_attempt():
    placed = placed_order(payment="demo_card")
    pay(placed.payment, "4000000000000002")()
    results = race(*[partial(services.retry_payment, order=placed.order, now=timezone.now())] * 8)
    assert {result.payment.pk for result in results} == {Payment.objects.open().get().pk}


def test_merges_at_once_count_each_piece_once():
    variant, other, user = VariantFactory(on_hand=100), VariantFactory(on_hand=100), UserFactory()
    own = BasketFactory(user=user, lines=[(variant, 1)])
    visitor = BasketFactory(lines=[(variant, 2), (other, 3)])
    login = partial(baskets.merge, visitor_key=visitor.key, user=user)
    results = race(*[login] * 8)
    assert set(results) == {own}
    assert dict(own.lines.values_list("variant_id", "quantity")) == {variant.pk: 3, other.pk: 3}


def test_two_visitors_baskets_of_one_customer_become_one():
    variant, user = VariantFactory(on_hand=100), UserFactory()
    visitors = [BasketFactory(lines=[(variant, 2)]) for _ in range(4)]
    race(*[partial(baskets.merge, visitor_key=v.key, user=user) for v in visitors])
    assert Basket.objects.get(user=user, status=Basket.Status.OPEN).lines.get().quantity == 8


def test_a_customers_first_products_share_one_basket():
    variants, user = [VariantFactory() for _ in range(6)], UserFactory()
    race(
        *[
            partial(baskets.add, basket=None, key=None, user=user, sku=v.sku, quantity=1, now=timezone.now())
            for v in variants
        ]
    )
    assert Basket.objects.get(user=user).lines.count() == 6


def test_the_same_product_added_at_once_is_counted_each_time():
    variant, basket = VariantFactory(on_hand=100), BasketFactory()
    add = partial(baskets.add, basket=basket, key=None, user=None, sku=variant.sku, quantity=2, now=timezone.now())
    assert of_kind(race(*[add] * 10), Exception) == []
    assert basket.lines.get().quantity == 20
