"""Line charts as SVG: no script, printable, with their figures in the table below."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 12, 28


@dataclass(frozen=True)
class Line:
    """`number` chooses its colour, in every chart of the page the same for the same thing."""

    name: str
    number: int
    points: str
    last: str


@dataclass(frozen=True)
class Tick:
    place: float
    text: str


@dataclass(frozen=True)
class Chart:
    title: str
    unit: str
    lines: Sequence[Line]
    across: Sequence[Tick]
    up: Sequence[Tick]
    limit: float | None = None

    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def line_chart(
    title: str,
    unit: str,
    series: Sequence[tuple[str, int, Sequence[tuple[float, float]]]],
    *,
    seconds: float,
    top: float | None = None,
    limit: float | None = None,
) -> Chart:
    """`series` is (name, colour, points of (second, value)). The scale ends at a round figure above the largest value,
    or at `top`; `limit` is drawn as a line across."""
    highest = max([value for _, _, points in series for _, value in points] + [limit or 0.0])
    end = top or _round_up(highest)

    def x(second: float) -> float:
        return round(LEFT + min(max(second, 0), seconds) / max(seconds, 1) * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - min(value, end) / end * (HEIGHT - TOP - BOTTOM), 1)

    lines = [
        Line(name, number, " ".join(f"{x(at)},{y(value)}" for at, value in points), f"{points[-1][1]:.0f}")
        for name, number, points in series
        if points
    ]
    step = _round_up(seconds / 6)
    across = [Tick(x(at), _clock(at)) for at in _until(seconds, step)]
    up = [Tick(y(value), f"{value:g}") for value in (0, end / 2, end)]
    return Chart(title, unit, lines, across, up, y(limit) if limit else None)


def _until(end: float, step: float) -> list[float]:
    return [number * step for number in range(int(end // step) + 1)]


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _round_up(value: float) -> float:
    if value <= 0:
        return 1.0
    magnitude = 10.0 ** math.floor(math.log10(value))
    return next(magnitude * step for step in (1, 1.5, 2, 3, 5, 10) if magnitude * step >= value)
