"""Charts as SVG, rendered on the server: without scripts, printable, with their figures as text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

WIDTH, HEIGHT, BASELINE = 720, 180, 160


@dataclass(frozen=True)
class Bar:
    """One bar in the chart's coordinates, with its figures."""

    x: float
    y: float
    width: float
    height: float
    date: date
    amount: Decimal
    orders: int
    is_labelled: bool


@dataclass(frozen=True)
class BarChart:
    bars: Sequence[Bar]
    top: Decimal

    width: int = WIDTH
    height: int = HEIGHT
    baseline: int = BASELINE


def bar_chart(days: Sequence[tuple[date, Decimal, int]]) -> BarChart:
    """`days` as (date, amount, orders), oldest first; the scale ends at a round number above the largest amount."""
    top = _round_up(max((amount for _, amount, _ in days), default=Decimal(0)))
    step = WIDTH / max(len(days), 1)
    bars = []
    for index, (day, amount, orders) in enumerate(days):
        height = float(amount / top) * (BASELINE - 10) if top else 0.0
        bars.append(
            Bar(
                x=round(index * step + step * 0.15, 1),
                y=round(BASELINE - height, 1),
                width=round(step * 0.7, 1),
                height=round(height, 1),
                date=day,
                amount=amount,
                orders=orders,
                is_labelled=(len(days) - 1 - index) % 7 == 0,
            )
        )
    return BarChart(bars=bars, top=top)


def _round_up(amount: Decimal) -> Decimal:
    if amount <= 0:
        return Decimal(0)
    magnitude = Decimal(10) ** amount.adjusted()
    return next(magnitude * step for step in (1, 2, 5, 10) if magnitude * step >= amount)
