"""Sales and refunds as Parquet, a file for each month, for Athena.

Anonymous: no order number, name, address, e-mail or free text. Orders are numbered within their month, in the order in
which they were placed.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models.functions import TruncMonth
from django.utils import timezone

from apps.common.money import share_out, vat_included
from apps.operations.services.lake.parquet import DAY, FLAG, INTEGER, MONEY, RATE, Column, Rows
from apps.orders.models import Order, OrderLine
from apps.payments.models import Refund

CHUNK = 2000
GOODS, DELIVERY = "goods", "delivery"
SALES = [
    Column("day", DAY),
    Column("order_in_month", INTEGER),
    *(Column(name) for name in ("line", "rayon", "product_code", "product", "model", "sku")),
    Column("quantity", INTEGER),
    Column("unit_price", MONEY),
    Column("is_reduced", FLAG),
    *(Column(name, MONEY) for name in ("gross", "vat", "net")),
    # Delivery is taxed at the rates of its goods, which may be several.
    Column("vat_rate", RATE),
    *(Column(name) for name in ("delivery_method", "payment_method", "language", "country")),
]
REFUNDS = [
    Column("day", DAY),
    # False: the refunded order is no sale any more, and is missing from `sales` too.
    Column("is_of_sale", FLAG),
    *(Column(name, MONEY) for name in ("gross", "vat", "net")),
    Column("vat_rate", RATE),
    Column("payment_method"),
]
_ORDER = ["order__placed_at", "order__delivery_total", "order__vat_total", "order__delivery_method"]
_ORDER += ["order__payment_method", "order__language", "order__country"]
_LINE = ["variant__product__category__name_fr", "variant__product__code", "product_name", "variant_label", "sku"]
_LINE += ["quantity", "unit_price", "reference_price", "total", "vat_amount", "vat_rate"]


def months_of_sales() -> set[str]:
    """Months (2026-11, in the shop's time zone) that sold something."""
    return _months(Order.objects.sold(), "placed_at")


def months_of_refunds() -> set[str]:
    return _months(_refunds(), "done_at")


def sales_of(month: str) -> Rows:
    """The month's lines; its amounts add up to those of the sales by day, to the cent: what remains of an order's VAT
    is its delivery's."""
    return Rows(SALES, _sales(month))


def refunds_of(month: str) -> Rows:
    """Money that went back in the month, as negative amounts, shared out over the rates of the order's VAT."""
    return Rows(REFUNDS, _refund_lines(month))


def _sales(month: str) -> Iterator[tuple[Any, ...]]:
    first, after = _bounds(month)
    lines = (
        OrderLine.objects.filter(
            order__in=Order.objects.sold(), order__placed_at__gte=first, order__placed_at__lt=after
        )
        .order_by("order__placed_at", "order_id", "position")
        .values_list("order_id", *_ORDER, *_LINE)
        .iterator(CHUNK)
    )
    for number, (_order, ordered) in enumerate(groupby(lines, key=lambda row: row[0]), start=1):
        yield from _order_lines(number, list(ordered))


def _order_lines(number: int, ordered: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    _pk, placed_at, delivery, vat_total, *how = ordered[0][: 1 + len(_ORDER)]
    day = timezone.localtime(placed_at).date()
    remaining = vat_total
    for row in ordered:
        rayon, code, product, model, sku, quantity, price, reference, gross, vat, rate = row[1 + len(_ORDER) :]
        remaining -= vat
        what = (rayon, code, product, model, sku, quantity, price, reference is not None)
        yield (day, number, GOODS, *what, gross, vat, gross - vat, rate, *how)
    if delivery:
        what = (None, None, None, None, None, 1, delivery, False)
        yield (day, number, DELIVERY, *what, delivery, remaining, delivery - remaining, None, *how)


def _refund_lines(month: str) -> Iterator[tuple[Any, ...]]:
    first, after = _bounds(month)
    orders = Order.objects.only("status", "delivery_total").prefetch_related("lines")
    refunds = _refunds().filter(done_at__gte=first, done_at__lt=after).order_by("done_at", "pk")
    wanted = list(refunds.values_list("payment__order_id", "done_at", "amount", "payment__gateway"))
    found = orders.in_bulk({order for order, *_rest in wanted})
    sold = set(Order.objects.sold().filter(pk__in=found).values_list("pk", flat=True))
    for order, done_at, amount, gateway in wanted:
        day = timezone.localtime(done_at).date()
        shares = share_out(amount, {rate.rate: rate.gross for rate in found[order].vat_breakdown()})
        for rate, share in shares.items() or [(None, amount)]:
            vat = vat_included(gross=share, rate=rate) if rate is not None else 0 * share
            yield day, order in sold, -share, -vat, vat - share, rate, gateway


def _refunds() -> Any:
    return Refund.objects.filter(status=Refund.Status.DONE, done_at__isnull=False)


def _months(found: Any, moment: str) -> set[str]:
    starts = found.annotate(month=TruncMonth(moment)).order_by().values_list("month", flat=True).distinct()
    return {f"{start:%Y-%m}" for start in starts}


def _bounds(month: str) -> tuple[datetime, datetime]:
    year, number = map(int, month.split("-"))
    following = (year + number // 12, number % 12 + 1)
    first, after = datetime(year, number, 1), datetime(*following, 1)  # noqa: DTZ001
    return timezone.make_aware(first), timezone.make_aware(after)
