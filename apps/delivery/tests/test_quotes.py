from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from apps.delivery import services
from apps.delivery.tests.factories import DeliveryMethodFactory, InStoreFactory

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


def prices(weight_g, goods_total="10", now=MONDAY):
    offered = services.quotes(weight_g=weight_g, goods_total=Decimal(goods_total), now=now)
    return {quote.method.code: quote.price for quote in offered}


def test_the_price_follows_the_weight_bracket():
    DeliveryMethodFactory(code="domicile")
    assert prices(0) == prices(2000) == {"domicile": Decimal("4.90")}
    assert prices(2001) == prices(30000) == {"domicile": Decimal("9.90")}
    assert prices(30001) == {}


def test_free_from_an_amount_of_goods():
    DeliveryMethodFactory(code="domicile", free_from=Decimal("60"))
    assert prices(100, "59.99") == {"domicile": Decimal("4.90")}
    assert prices(100, "60.00") == {"domicile": Decimal("0.00")}


def test_the_shop_itself_carries_any_weight_for_nothing():
    InStoreFactory(code="boutique")
    assert prices(500_000) == {"boutique": Decimal("0.00")}


def test_a_mode_that_is_switched_off_is_not_offered():
    DeliveryMethodFactory(code="ancien", is_active=False)
    DeliveryMethodFactory(code="domicile")
    assert prices(1) == {"domicile": Decimal("4.90")}


def test_progress_towards_the_nearest_free_delivery():
    assert services.missing_for_free_delivery(Decimal("10")) is None
    InStoreFactory(free_from=Decimal("1"))
    DeliveryMethodFactory(free_from=Decimal("80"))
    DeliveryMethodFactory(free_from=Decimal("60"))
    assert services.missing_for_free_delivery(Decimal("12.50")) == Decimal("47.50")
    assert services.missing_for_free_delivery(Decimal("70")) == 0


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        (datetime(2026, 11, 23, 9, tzinfo=UTC), date(2026, 11, 23)),  # Monday 10:00 in Paris
        (datetime(2026, 11, 23, 12, 59, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 11, 23, 13, 0, tzinfo=UTC), date(2026, 11, 24)),  # the cut-off hour itself
        (datetime(2026, 11, 27, 20, tzinfo=UTC), date(2026, 11, 30)),  # Friday evening
        (datetime(2026, 11, 10, 20, tzinfo=UTC), date(2026, 11, 12)),  # the eve of 11 November
        (datetime(2027, 5, 5, 20, tzinfo=UTC), date(2027, 5, 7)),  # Ascension Day is a Thursday
        (datetime(2026, 12, 24, 23, 30, tzinfo=UTC), date(2026, 12, 28)),  # Christmas night, then a weekend
    ],
)
def test_parcels_leave_on_working_days(now, leaves):
    assert services.departure_date(now) == leaves


def test_the_promise_counts_working_days():
    DeliveryMethodFactory(min_days=1, max_days=3)
    [quote] = services.quotes(weight_g=1, goods_total=Decimal(1), now=datetime(2026, 12, 23, 9, tzinfo=UTC))
    assert (quote.earliest_date, quote.latest_date) == (date(2026, 12, 24), date(2026, 12, 29))


@pytest.mark.parametrize("count", [1, 5])
def test_one_query_for_any_number_of_modes(count, django_assert_num_queries):
    """And the revisions, which a request has read already."""
    DeliveryMethodFactory.create_batch(count)
    with django_assert_num_queries(2):
        services.quotes(weight_g=1, goods_total=Decimal(1), now=MONDAY)
