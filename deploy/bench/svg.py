"""Small charts as SVG: readable in light and dark, with their figures as text for those who do not see them."""

import html
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH, LEFT, RIGHT, TOP, ROW = 760, 190, 24, 64, 26
# Shapes as well as colours, for those to whom some colours are one.
SHAPES = ("circle", "square", "diamond", "triangle")
STYLE = """
.paper{fill:#fbf8f2}.ink{fill:#1e2923}.quiet{fill:#5a665f}.grid{stroke:#ddd6c8;stroke-width:1}
.mark{stroke:#5a665f;stroke-width:1.5;stroke-dasharray:5 4}text{font:13px system-ui,sans-serif}.title{font-weight:600}
.s0{fill:#256b4c;stroke:#256b4c}.s1{fill:#b9381f;stroke:#b9381f}.s2{fill:#2f5f9e;stroke:#2f5f9e}.s3{fill:#8a5a00;stroke:#8a5a00}
.line{fill:none;stroke-width:2}.dashed{stroke-dasharray:6 4}
@media (prefers-color-scheme:dark){.paper{fill:#1a201c}.ink{fill:#eee9df}.quiet{fill:#aab5ad}.grid{stroke:#39433c}
.mark{stroke:#aab5ad}.s0{fill:#6cc79a;stroke:#6cc79a}.s1{fill:#f08a70;stroke:#f08a70}.s2{fill:#8fb8ee;stroke:#8fb8ee}
.s3{fill:#e8b23f;stroke:#e8b23f}}
""".replace("\n", "")


@dataclass(frozen=True)
class Point:
    """One figure, with the range it was found in where that is known."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Series:
    """Points by the name of their row, or for a chart of lines by their place on the axis."""

    name: str
    points: dict
    is_dashed: bool = False


def number(value: float) -> str:
    """At most three figures that count: 0.011, 0.47, 8.1, 442, 1,300."""
    if value >= 100:
        return f"{value:,.0f}"
    digits = 1 if value >= 10 else 2 if value >= 0.1 else 3
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def dots(
    title: str, series: Sequence[Series], *, unit: str, mark: tuple[float, str] | None = None, is_log: bool = False
) -> str:
    """A row for each name, a dot for each series in it, with its range as a line; `mark` is a value that all are
    compared with, and what it is called."""
    rows = list(dict.fromkeys(name for each in series for name in each.points))
    points = [point for each in series for point in each.points.values()]
    # One round that something disturbed would make all others small: ranges are cut where the axis ends.
    most = 1.5 * max(point.value for point in points)
    ends = [end for point in points for end in (point.value, point.low, point.high) if end is not None and end <= most]
    ends += [mark[0]] if mark else []
    height = TOP + ROW * len(rows) + 52
    low, high = _ends(ends, is_log=is_log)
    place, ticks = _axis(low, high, LEFT, WIDTH - RIGHT, is_log=is_log)
    bottom = TOP + ROW * len(rows)
    shapes = [_vertical(place(tick), TOP - 6, bottom, number(tick)) for tick in ticks]
    if mark:
        x = place(mark[0])
        shapes.append(f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{bottom}"/>')
    for line, name in enumerate(rows):
        middle = TOP + ROW * line + ROW / 2
        shapes.append(f'<text class="ink" x="{LEFT - 12}" y="{middle + 4:.1f}" text-anchor="end">{_text(name)}</text>')
        present = [(kind, each.points[name]) for kind, each in enumerate(series) if name in each.points]
        for order, (kind, point) in enumerate(present):
            y = middle + (order - (len(present) - 1) / 2) * 6
            if point.low is not None and point.high is not None:
                x1, x2 = (place(min(end, high)) for end in (point.low, point.high))
                shapes.append(f'<line class="s{kind}" x1="{x1:.1f}" x2="{x2:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>')
            shapes.append(_shape(kind, place(point.value), y))
    shapes.append(f'<text class="quiet" x="{LEFT}" y="{height - 12}">{_text(unit)}</text>')
    if mark:
        shapes.append(
            f'<text class="quiet" x="{WIDTH - RIGHT}" y="{height - 12}" text-anchor="end">- - {_text(mark[1])}</text>'
        )
    spoken = [
        f"{each.name}: " + ", ".join(f"{name} {_spoken(point)}" for name, point in each.points.items())
        for each in series
    ]
    return _picture(title, f"{unit}. {'. '.join(spoken)}.", series, shapes, height)


def lines(
    title: str,
    series: Sequence[Series],
    *,
    across: str,
    up: str,
    is_log: bool = False,
    is_log_across: bool = False,
    mark: tuple[float, str] | None = None,
) -> str:
    """Values over another one. Points of a dashed series are joined by a dashed line."""
    # Room for the legend above the unit, and for half a label beyond the end.
    height, left, top, right = 380, 84, TOP + 20, WIDTH - RIGHT - 16
    bottom = height - 64
    xs = [x for each in series for x in each.points]
    ys = [end for each in series for p in each.points.values() for end in (p.value, p.low, p.high) if end is not None]
    ys += [mark[0]] if mark else []
    place_x, ticks_x = _axis(*_ends(xs, is_log=is_log_across), left, right, is_log=is_log_across)
    place_y, ticks_y = _axis(*_ends(ys, is_log=is_log), bottom, top, is_log=is_log)
    shapes = [_vertical(place_x(tick), top, bottom, number(tick)) for tick in ticks_x]
    for tick in ticks_y:
        y = place_y(tick)
        shapes.append(f'<line class="grid" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        shapes.append(f'<text class="quiet" x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{number(tick)}</text>')
    if mark:
        y = place_y(mark[0])
        shapes.append(f'<line class="mark" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        shapes.append(f'<text class="quiet" x="{left + 6}" y="{y - 5:.1f}">{_text(mark[1])}</text>')
    for kind, each in enumerate(series):
        found = sorted(each.points.items())
        path = " ".join(f"{place_x(x):.1f},{place_y(point.value):.1f}" for x, point in found)
        dashed = " dashed" * each.is_dashed
        shapes.append(f'<polyline class="line s{kind}{dashed}" style="fill:none" points="{path}"/>')
        for x, point in found:
            if point.low is not None and point.high is not None:
                at, y1, y2 = place_x(x), place_y(point.low), place_y(point.high)
                shapes.append(f'<line class="s{kind}" x1="{at:.1f}" x2="{at:.1f}" y1="{y1:.1f}" y2="{y2:.1f}"/>')
            shapes.append(_shape(kind, place_x(x), place_y(point.value)))
    shapes.append(f'<text class="quiet" x="{left}" y="{top - 12}">{_text(up)}</text>')
    shapes.append(f'<text class="quiet" x="{right}" y="{height - 12}" text-anchor="end">{_text(across)}</text>')
    spoken = [
        f"{each.name}: " + ", ".join(f"{number(x)} → {_spoken(point)}" for x, point in sorted(each.points.items()))
        for each in series
    ]
    return _picture(title, f"{up}, by {across}. {'. '.join(spoken)}.", series, shapes, height)


def _picture(title: str, spoken: str, series: Sequence[Series], shapes: list[str], height: float) -> str:
    legend, x = [], 16.0
    for kind, each in enumerate(series if len(series) > 1 else ()):
        legend.append(_shape(kind, x, 40))
        legend.append(f'<text class="ink" x="{x + 10:.0f}" y="44">{_text(each.name)}</text>')
        x += 38 + 8 * len(each.name)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        f' role="img" aria-labelledby="title figures"><title id="title">{_text(title)}</title>'
        f'<desc id="figures">{_text(spoken)}</desc><style>{STYLE}</style>'
        f'<rect class="paper" width="100%" height="100%" rx="10"/><text class="ink title" x="16" y="24">{_text(title)}'
        f"</text>{''.join(legend)}\n{chr(10).join(shapes)}\n</svg>\n"
    )


def _text(text: str) -> str:
    return html.escape(text, quote=False)


def _spoken(point: Point) -> str:
    if point.low is None or point.high is None:
        return number(point.value)
    return f"{number(point.value)} ({number(point.low)} to {number(point.high)})"


def _vertical(x: float, top: float, bottom: float, label: str) -> str:
    return (
        f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}"/>'
        f'<text class="quiet" x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{label}</text>'
    )


def _shape(kind: int, x: float, y: float) -> str:
    name = SHAPES[kind % len(SHAPES)]
    if name == "circle":
        return f'<circle class="s{kind}" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>'
    corners = {
        "square": ((-4, -4), (4, -4), (4, 4), (-4, 4)),
        "diamond": ((0, -6), (6, 0), (0, 6), (-6, 0)),
        "triangle": ((0, -5.5), (5.5, 4), (-5.5, 4)),
    }[name]
    return f'<polygon class="s{kind}" points="{" ".join(f"{x + a:.1f},{y + b:.1f}" for a, b in corners)}"/>'


def _ends(values: Sequence[float], *, is_log: bool) -> tuple[float, float]:
    if is_log:
        above = [value for value in values if value > 0]
        first, last = math.floor(math.log10(min(above))), math.ceil(math.log10(max(above)))
        return 10.0**first, 10.0 ** max(last, first + 1)
    return min(0.0, *values), max(values) * 1.05


def _axis(
    low: float, high: float, start: float, end: float, *, is_log: bool
) -> tuple[Callable[[float], float], list[float]]:
    """Where a value is drawn between `start` and `end`, and which are labelled."""
    if is_log:
        first, last = math.log10(low), math.log10(high)

        def place(value: float) -> float:
            return start + (math.log10(max(value, low)) - first) / (last - first) * (end - start)

        return place, [10.0**power for power in range(round(first), round(last) + 1)]
    step = 10 ** math.floor(math.log10((high - low) / 4))
    step *= next(factor for factor in (1, 2, 2.5, 5, 10) if (high - low) / (step * factor) <= 6)
    ticks = [step * count for count in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return lambda value: start + (value - low) / (high - low) * (end - start), ticks
