"""Sales and refunds as Parquet, a file for each month: what an analyst reads from Athena.

No line leads to a person: no number of an order, no name, no address, no e-mail, no free text. Orders are counted
within their month, in the order in which they were placed.
"""

import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

from django.db.models.functions import TruncMonth
from django.utils import timezone

from apps.orders.models import Order, OrderLine
from apps.payments.models import Refund

if TYPE_CHECKING:
    import pyarrow

ROWS_PER_GROUP = 20_000
CHUNK = 2000
GOODS, DELIVERY = "goods", "delivery"
_ORDER = ["order__placed_at", "order__delivery_total", "order__vat_total", "order__delivery_method"]
_ORDER += ["order__payment_method", "order__language"]
_LINE = ["variant__product__category__name_fr", "variant__product__code", "product_name", "variant_label", "sku"]
_LINE += ["quantity", "unit_price", "reference_price", "total", "vat_amount", "vat_rate"]


def months_of_sales() -> set[str]:
    """Months (2026-11, in the shop's time zone) that sold something."""
    return _months(Order.objects.sold(), "placed_at")


def months_of_refunds() -> set[str]:
    return _months(_refunds(), "done_at")


def sales_of(month: str) -> tuple[bytes, int]:
    """The month's Parquet file and its number of lines. Its amounts add up to those of the sales by day, to the cent:
    what remains of an order's VAT is its delivery's."""
    import pyarrow as pa

    amount = pa.decimal128(12, 2)
    schema = pa.schema(
        [
            ("day", pa.date32()),
            ("order_in_month", pa.int32()),
            ("line", pa.string()),
            ("rayon", pa.string()),
            ("product_code", pa.string()),
            ("product", pa.string()),
            ("model", pa.string()),
            ("sku", pa.string()),
            ("quantity", pa.int32()),
            ("unit_price", amount),
            ("is_reduced", pa.bool_()),
            ("gross", amount),
            ("vat", amount),
            ("net", amount),
            # Delivery is taxed at the rates of its goods, which may be several.
            ("vat_rate", pa.decimal128(4, 1)),
            ("delivery_method", pa.string()),
            ("payment_method", pa.string()),
            ("language", pa.string()),
        ]
    )
    return _written(schema, _sales(month))


def refunds_of(month: str) -> tuple[bytes, int]:
    """Money that went back in the month, as negative amounts. It includes what was given back of cancelled orders,
    which are not among the sales."""
    import pyarrow as pa

    schema = pa.schema([("day", pa.date32()), ("payment_method", pa.string()), ("gross", pa.decimal128(12, 2))])
    first, after = _bounds(month)
    refunds = _refunds().filter(done_at__gte=first, done_at__lt=after).order_by("done_at", "pk")
    rows = (
        (timezone.localtime(at).date(), gateway, -amount)
        for at, gateway, amount in refunds.values_list("done_at", "payment__gateway", "amount").iterator(CHUNK)
    )
    return _written(schema, rows)


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
    _pk, placed_at, delivery, vat_total, *how = ordered[0][:7]
    day = timezone.localtime(placed_at).date()
    remaining = vat_total
    for row in ordered:
        rayon, code, product, model, sku, quantity, price, reference, gross, vat, rate = row[7:]
        remaining -= vat
        what = (rayon, code, product, model, sku, quantity, price, reference is not None)
        yield (day, number, GOODS, *what, gross, vat, gross - vat, rate, *how)
    if delivery:
        what = (None, None, None, None, None, 1, delivery, False)
        yield (day, number, DELIVERY, *what, delivery, remaining, delivery - remaining, None, *how)


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


def _written(schema: "pyarrow.Schema", rows: Iterable[tuple[Any, ...]]) -> tuple[bytes, int]:
    """Memory is that of one group of rows and of the file that it becomes."""
    import pyarrow as pa
    from pyarrow import parquet

    stream, count = io.BytesIO(), 0
    remaining = iter(rows)
    with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
        while group := list(islice(remaining, ROWS_PER_GROUP)):
            columns = [
                pa.array(values, type=field.type)
                for values, field in zip(zip(*group, strict=True), schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            count += len(group)
    return stream.getvalue(), count
