"""Sales in the data lake and on the dashboard are equal, to the cent."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from apps.backoffice.models import DailySales
from apps.backoffice.services.roll_up import roll_up_day
from apps.operations.services.lake.sales import sales_of
from apps.operations.tests.parquet import parquet_rows
from apps.orders.tests.factories import OrderFactory, OrderLineFactory

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.django_db
def test_the_lake_and_the_dashboard_agree_to_the_cent():
    days = [datetime(2026, 11, day, hour, tzinfo=PARIS) for day, hour in ((1, 0), (1, 23), (17, 12), (30, 23))]
    for number, at in enumerate(days, start=1):
        price = Decimal("3.33") * number
        totals = {"items_total": 3 * price, "delivery_total": Decimal("4.90"), "total": 3 * price + Decimal("4.90")}
        order = OrderFactory(status="DELIVERED", placed_at=at, lines=[], vat_total=Decimal("0.29") * number, **totals)
        for quantity in (1, 2):
            OrderLineFactory(order=order, quantity=quantity, unit_price=price, vat_amount=Decimal("0.07") * number)
        roll_up_day(day=at.date(), now=at)
    with sales_of("2026-11") as rows:
        lines = parquet_rows(rows.parquet())
    for row in DailySales.objects.all():
        of_day = [line for line in lines if line["day"] == row.date]
        assert sum(line["gross"] for line in of_day) == row.revenue
        assert sum(line["vat"] for line in of_day) == row.vat
        assert sum(line["quantity"] for line in of_day if line["line"] == "goods") == row.pieces
    assert DailySales.objects.count() == 3
