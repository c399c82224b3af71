"""The pen that composes every illustration: paths in, SVG out, one light from the upper left.

A motif draws around (0, 0), the middle of the ground it stands on; y grows downwards, so that what stands up has
negative y. The sheet is 600 units wide and a motif fills about 340 of them.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from apps.demo.catalogue.illustrations.palette import SHADOW, colour, dark

SIZE = 600
Point = tuple[float, float]
Profile = Sequence[Point]
"""Half-widths of a turned body from top to bottom: (half width, y)."""


def number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def ellipse(x: float, y: float, rx: float, ry: float | None = None) -> str:
    ry = rx if ry is None else ry
    return (
        f"M{number(x - rx)} {number(y)}a{number(rx)} {number(ry)} 0 1 0 {number(2 * rx)} 0"
        f"a{number(rx)} {number(ry)} 0 1 0 {number(-2 * rx)} 0Z"
    )


def box(x: float, y: float, width: float, height: float, radius: float = 0) -> str:
    r = min(radius, width / 2, height / 2)
    return (
        f"M{number(x + r)} {number(y)}h{number(width - 2 * r)}a{number(r)} {number(r)} 0 0 1 {number(r)} {number(r)}"
        f"v{number(height - 2 * r)}a{number(r)} {number(r)} 0 0 1 {number(-r)} {number(r)}"
        f"h{number(2 * r - width)}a{number(r)} {number(r)} 0 0 1 {number(-r)} {number(-r)}"
        f"v{number(2 * r - height)}a{number(r)} {number(r)} 0 0 1 {number(r)} {number(-r)}Z"
    )


def polygon(*points: Point) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points) + "Z"


def curve(*points: Point, closed: bool = True) -> str:
    """A smooth line through the points (Catmull-Rom), for everything that grew or was baked."""
    count = len(points)
    last = count if closed else count - 1
    path = [f"M{number(points[0][0])} {number(points[0][1])}"]
    for index in range(last):
        if closed:
            before, start, end, after = (points[(index + step) % count] for step in (-1, 0, 1, 2))
        else:
            before, start = points[max(index - 1, 0)], points[index]
            end, after = points[index + 1], points[min(index + 2, count - 1)]
        path.append(
            f"C{number(start[0] + (end[0] - before[0]) / 6)} {number(start[1] + (end[1] - before[1]) / 6)} "
            f"{number(end[0] - (after[0] - start[0]) / 6)} {number(end[1] - (after[1] - start[1]) / 6)} "
            f"{number(end[0])} {number(end[1])}"
        )
    return "".join(path) + ("Z" if closed else "")


def leaf(length: float, width: float, bend: float = 0) -> str:
    """A pointed leaf from (0, 0) upwards; `bend` moves its tip sideways."""
    tip = f"{number(bend)} {number(-length)}"
    return (
        f"M0 0C{number(-width)} {number(-length * 0.25)} {number(-width * 0.8 + bend)} {number(-length * 0.75)} {tip}"
        f"C{number(width * 0.8 + bend)} {number(-length * 0.75)} {number(width)} {number(-length * 0.25)} 0 0Z"
    )


def _edge(profile: Profile, factor: float) -> list[tuple[Point, Point, Point, Point]]:
    pieces = []
    for (w1, y1), (w2, y2) in itertools.pairwise(profile):
        lean = (y2 - y1) * 0.5
        pieces.append(((w1 * factor, y1), (w1 * factor, y1 + lean), (w2 * factor, y2 - lean), (w2 * factor, y2)))
    return pieces


def band(profile: Profile, left: float, right: float, foot: float = 0) -> str:
    """The part of a turned body between two fractions of its half-width: -1 is its left edge, 1 its right edge.

    `foot` rounds the two lower corners.
    """
    half, ground = profile[-1]
    profile = [*profile[:-1], (half, ground - foot)]
    down, up = _edge(profile, right), _edge(profile, left)
    path = [f"M{number(up[0][0][0])} {number(up[0][0][1])}L{number(down[0][0][0])} {number(down[0][0][1])}"]
    for _start, first, second, end in down:
        path.append("C" + " ".join(f"{number(x)} {number(y)}" for x, y in (first, second, end)))
    if foot:
        from_x, to_x = half * right, half * left
        path.append(
            f"Q{number(from_x)} {number(ground)} {number(from_x - foot)} {number(ground)}"
            f"L{number(to_x + foot)} {number(ground)}Q{number(to_x)} {number(ground)} {number(to_x)} {number(ground - foot)}"
        )
    else:
        path.append(f"L{number(half * left)} {number(ground)}")
    for start, first, second, _end in reversed(up):
        path.append("C" + " ".join(f"{number(x)} {number(y)}" for x, y in (second, first, start)))
    return "".join(path) + "Z"


def turned(profile: Profile, foot: float = 12) -> str:
    """The outline of a turned body."""
    return band(profile, -1, 1, foot)


def arched(left: float, right: float, top: float, bottom: float, bow: float = 8) -> str:
    """A label around a round body: its upper and lower edges bow downwards."""
    middle = (left + right) / 2
    return (
        f"M{number(left)} {number(top)}Q{number(middle)} {number(top + 2 * bow)} {number(right)} {number(top)}"
        f"L{number(right)} {number(bottom)}Q{number(middle)} {number(bottom + 2 * bow)} {number(left)} {number(bottom)}Z"
    )


def scatter(count: int, width: float, height: float, seed: int = 7) -> Iterator[tuple[float, float, int]]:
    """`count` places in a rectangle around (0, 0), without a pattern and always the same, with an angle each.

    Cells in rows, each place shaken within its own, so that nothing clots and nothing lines up.
    """
    columns = max(1, round(math.sqrt(count * width / height)))
    rows = -(-count // columns)
    for index in range(count):
        seed = seed * 48271 % 2147483647
        across = (index % columns + 0.5 + (seed % 1000 / 1000 - 0.5) * 0.9) / columns
        seed = seed * 48271 % 2147483647
        down = (index // columns + 0.5 + (seed % 1000 / 1000 - 0.5) * 0.9) / rows
        yield (across - 0.5) * width, (down - 0.5) * height, seed // 1000 % 180


class Pen:
    """Collects shapes in drawing order. `svg()` closes the sheet."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._clips = 0

    def flat(self, path: str, fill: str, opacity: float = 1) -> None:
        veil = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
        self._parts.append(f'<path d="{path}" fill="{colour(fill)}"{veil}/>')

    def line(self, path: str, stroke: str, width: float, opacity: float = 1) -> None:
        veil = f' stroke-opacity="{opacity:g}"' if opacity < 1 else ""
        self._parts.append(
            f'<path d="{path}" fill="none" stroke="{colour(stroke)}" stroke-width="{number(width)}" '
            f'stroke-linecap="round" stroke-linejoin="round"{veil}/>'
        )

    def form(self, path: str, fill: str, lean: Point = (-16, -12), depth: float = 0.2) -> None:
        """A shape in two tones: a crescent of shade on the side away from the light."""
        self.flat(path, dark(fill, depth))
        with self.clipped(path), self.at(*lean):
            self.flat(path, fill)

    def volume(self, profile: Profile, outline: str, gloss: float = 0.34) -> None:
        """Shade and light over a turned body and whatever is printed on it."""
        with self.clipped(outline):
            self.flat(band(profile, 0.5, 1), SHADOW, 0.16)
            self.flat(band(profile, 0.82, 1), SHADOW, 0.1)
            if gloss:
                self.flat(band(profile, -0.78, -0.62), "#FFFFFF", gloss)

    def shadow(self, width: float, x: float = 0, y: float = 0, depth: float = 13) -> None:
        self.flat(ellipse(x + width * 0.07, y, width, depth), SHADOW, 0.1)
        self.flat(ellipse(x + width * 0.04, y, width * 0.86, depth * 0.62), SHADOW, 0.16)

    @contextmanager
    def at(self, x: float = 0, y: float = 0, scale: float = 1, turn: float = 0, flip: bool = False) -> Iterator[None]:
        """Draw moved, turned (degrees, clockwise), scaled, mirrored."""
        moves = f"translate({number(x)} {number(y)})"
        if turn:
            moves += f" rotate({number(turn)})"
        if scale != 1 or flip:
            moves += f" scale({-scale if flip else scale:.3g} {scale:.3g})"
        self._parts.append(f'<g transform="{moves}">')
        yield
        self._parts.append("</g>")

    @contextmanager
    def clipped(self, path: str) -> Iterator[None]:
        self._clips += 1
        self._parts.append(
            f'<clipPath id="c{self._clips}"><path d="{path}"/></clipPath><g clip-path="url(#c{self._clips})">'
        )
        yield
        self._parts.append("</g>")

    def svg(self) -> str:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" height="{SIZE}">'
            + "".join(self._parts)
            + "</svg>"
        )


def around(count: int, radius: float, start: float = 0) -> list[tuple[float, float, float]]:
    """`count` places on a circle: (x, y, angle in degrees)."""
    return [
        (radius * math.cos(math.radians(angle)), radius * math.sin(math.radians(angle)), angle)
        for angle in (start + 360 * index / count for index in range(count))
    ]
