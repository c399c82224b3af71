"""Small drawings for labels, about 40 units high around (0, 0). Each takes the pen and one or two colours."""

from collections.abc import Callable

from apps.demo.catalogue.illustrations.palette import pale
from apps.demo.catalogue.illustrations.pen import Pen, around, box, curve, ellipse, leaf, polygon

Emblem = Callable[[Pen, str], None]


def wheat(pen: Pen, fill: str) -> None:
    pen.line("M0 22V-16", fill, 2.4)
    for y in (-14, -5, 4):
        for side in (False, True):
            with pen.at(0, y + 6, turn=42 if not side else -42):
                pen.flat(leaf(14, 6), fill)
    with pen.at(0, -12):
        pen.flat(leaf(14, 5.5), fill)


def sprig(pen: Pen, fill: str) -> None:
    pen.line("M0 22C2 8 -2 -4 0 -16", fill, 2.2)
    for y, turn in ((12, 60), (8, -60), (0, 52), (-4, -52), (-11, 38), (-14, -38)):
        with pen.at(0, y, turn=turn):
            pen.flat(leaf(16, 6), fill)
    with pen.at(0, -14):
        pen.flat(leaf(14, 5.5), fill)


def olive(pen: Pen, fill: str) -> None:
    pen.line("M-22 -10C-8 -14 8 -12 22 -18", "mousse", 2.4)
    for x, turn in ((-16, -20), (2, 20), (14, 50)):
        with pen.at(x, -12, turn=turn):
            pen.flat(leaf(20, 5), "mousse")
    for x, y in ((-7, 4), (10, 6)):
        pen.line(f"M{x} {y - 10}V-12", "mousse", 2)
        pen.form(ellipse(x, y + 2, 8.5, 11), fill, (-4, -3))


def sun(pen: Pen, fill: str) -> None:
    pen.flat(ellipse(0, 0, 10), fill)
    for x, y, _angle in around(10, 15):
        pen.line(f"M{x:.1f} {y:.1f}L{x * 1.4:.1f} {y * 1.4:.1f}", fill, 2.6)


def bee(pen: Pen, fill: str) -> None:
    for turn in (-38, 38):
        with pen.at(0, -4, turn=turn):
            pen.flat(ellipse(0, -13, 7, 11), "blanc", 0.9)
            pen.line(ellipse(0, -13, 7, 11), "encre", 1.3)
    body = ellipse(0, 6, 10, 15)
    pen.flat(body, fill)
    with pen.clipped(body):
        for y in (-1, 8, 17):
            pen.flat(box(-12, y, 24, 4.5), "encre")
    pen.flat(ellipse(0, -9, 6, 5), "encre")


def lavender(pen: Pen, fill: str) -> None:
    for x, turn in ((-9, -14), (0, 0), (9, 14)):
        with pen.at(x * 0.4, 20, turn=turn):
            pen.line("M0 0V-24", "mousse", 2)
            for step in range(5):
                pen.flat(ellipse(-3.2, -22 - step * 4.6, 3.6, 3), fill)
                pen.flat(ellipse(3.2, -24 - step * 4.6, 3.6, 3), fill)


def fish(pen: Pen, fill: str) -> None:
    pen.form("M-30 0C-18 -15 8 -14 20 0C8 14 -18 15 -30 0Z", fill, (-2, -5), 0.14)
    pen.flat("M17 0L32 -11C28 -3 28 3 32 11Z", fill)
    pen.flat(ellipse(-19, -3, 2.2), "blanc")
    pen.line("M-10 -8C-6 -3 -6 3 -10 8", pale(fill, 0.5), 1.8)


def wave(pen: Pen, fill: str) -> None:
    for y, width in ((-8, 26), (2, 32), (12, 26)):
        pen.line(f"M{-width} {y}q{width / 4} -9 {width / 2} 0t{width / 2} 0t{width / 2} 0t{width / 2} 0", fill, 2.8)


def cow(pen: Pen, fill: str) -> None:
    pen.flat(
        "M-15 -12C-24 -20 -32 -14 -30 -8C-26 -4 -18 -4 -14 -6ZM15 -12C24 -20 32 -14 30 -8C26 -4 18 -4 14 -6Z", fill
    )
    pen.line("M-10 -17C-14 -24 -10 -27 -8 -27M10 -17C14 -24 10 -27 8 -27", fill, 2.6)
    pen.flat(curve((-14, -16), (14, -16), (15, 0), (12, 18), (-12, 18), (-15, 0)), fill)
    pen.flat(ellipse(0, 14, 14, 10), "peche")
    for x in (-5, 5):
        pen.flat(ellipse(x, 14, 2, 3), fill)
        pen.flat(ellipse(x * 1.6, -3, 2.4), "blanc")


def goat(pen: Pen, fill: str) -> None:
    pen.line("M-7 -14C-16 -20 -18 -28 -12 -32M7 -14C16 -20 18 -28 12 -32", fill, 3.6)
    pen.flat("M-12 -10C-24 -12 -26 -4 -14 -2ZM12 -10C24 -12 26 -4 14 -2Z", fill)
    pen.flat(curve((-11, -15), (11, -15), (11, -2), (6, 16), (-6, 16), (-11, -2)), fill)
    pen.flat(polygon((-4, 15), (4, 15), (0, 27)), fill)
    for x in (-5, 5):
        pen.flat(ellipse(x, -4, 2), "blanc")


def sheep(pen: Pen, fill: str) -> None:
    for x, y, _angle in around(8, 13, 20):
        pen.flat(ellipse(x * 1.25, y - 2, 9), fill)
    pen.flat(ellipse(0, -2, 16, 12), fill)
    pen.line("M-8 8V22M8 8V22", "encre", 3)
    pen.flat(ellipse(-20, -4, 7, 9), "encre")


def hen(pen: Pen, fill: str) -> None:
    pen.line("M-4 16V24M5 16V24", "miel", 2.6)
    pen.flat("M-22 -16C-14 -24 -6 -16 -6 -8C2 -6 10 -10 22 -18C26 6 14 20 -2 18C-16 16 -20 2 -19 -6Z", fill)
    pen.flat("M-20 -20q1 -6 4 -3q2 -5 5 -1q4 -3 3 4Z", "tomate")
    pen.flat(polygon((-22, -13), (-30, -10), (-21, -8)), "soleil")
    pen.flat(ellipse(-15, -13, 1.8), "encre")


def mountain(pen: Pen, fill: str) -> None:
    pen.flat(polygon((-34, 18), (-8, -20), (4, -2), (12, -12), (34, 18)), fill)
    pen.flat(polygon((-8, -20), (-16, -8), (-9, -10), (-5, -5), (-1, -10)), "blanc")


def grapes(pen: Pen, fill: str) -> None:
    for row, (count, y) in enumerate(((4, -8), (3, 1), (2, 10), (1, 19))):
        for index in range(count):
            pen.form(ellipse((index - (count - 1) / 2) * 10.5, y, 5.6), fill, (-2, -1.6), 0.22 + row * 0.02)
    with pen.at(0, -11, turn=-62):
        pen.flat(leaf(22, 9), "mousse")
    pen.line("M0 -12C0 -18 4 -20 8 -22", "noyer", 2.4)


def apple(pen: Pen, fill: str) -> None:
    pen.form("M0 -9C-8 -15 -21 -11 -20 4C-19 17 -8 22 0 18C8 22 19 17 20 4C21 -11 8 -15 0 -9Z", fill, (-6, -4))
    pen.line("M0 -9C0 -15 2 -19 5 -21", "noyer", 2.4)
    with pen.at(2, -13, turn=58):
        pen.flat(leaf(16, 6), "mousse")


def hop(pen: Pen, fill: str) -> None:
    for y, width in ((14, 6), (8, 11), (0, 14), (-8, 12)):
        for x in (-width / 2, width / 2):
            pen.flat(f"M{x} {y - 10}c-8 3 -8 10 0 15c8 -5 8 -12 0 -15Z", fill)
            pen.line(f"M{x} {y - 9}c-7 3 -7 9 0 13", pale(fill, 0.45), 1.4)
    pen.line("M0 -16V-24", "mousse", 2.6)


def lemon(pen: Pen, fill: str) -> None:
    pen.form("M-24 0C-20 -3 -18 -14 0 -14C18 -14 20 -3 24 0C20 3 18 14 0 14C-18 14 -20 3 -24 0Z", fill, (-4, -4), 0.16)
    with pen.at(10, -12, turn=60):
        pen.flat(leaf(18, 7), "mousse")


def heart(pen: Pen, fill: str) -> None:
    pen.flat("M0 18C-26 0 -22 -18 -10 -18C-4 -18 0 -13 0 -9C0 -13 4 -18 10 -18C22 -18 26 0 0 18Z", fill)


def star(pen: Pen, fill: str) -> None:
    points = []
    for (x, y, _a), (u, v, _b) in zip(around(5, 20, -90), around(5, 8.6, -54), strict=True):
        points += [(x, y), (u, v)]
    pen.flat(polygon(*points), fill)


def bean(pen: Pen, fill: str) -> None:
    for x, turn in ((-10, -28), (11, 24)):
        with pen.at(x, 0, turn=turn):
            pen.form(ellipse(0, 0, 11, 16), fill, (-4, -3))
            pen.line("M2 -13C-6 -4 6 4 -2 13", pale(fill, 0.55), 2.4)


def droplet(pen: Pen, fill: str) -> None:
    pen.form("M0 -24C8 -10 15 -3 15 6A15 15 0 0 1 -15 6C-15 -3 -8 -10 0 -24Z", fill, (-5, -3))


def almond(pen: Pen, fill: str) -> None:
    for x, turn in ((-8, -24), (9, 22)):
        with pen.at(x, 14, turn=turn):
            pen.form(leaf(36, 15), fill, (-5, -2))


def tree(pen: Pen, fill: str) -> None:
    pen.line("M0 22V0", "noyer", 4)
    pen.form(curve((-20, 2), (-16, -14), (0, -24), (16, -14), (20, 2), (0, 8)), fill, (-5, -4))


def flower(pen: Pen, fill: str) -> None:
    for x, y, angle in around(6, 11):
        with pen.at(x, y, turn=angle):
            pen.flat(ellipse(0, 0, 10, 7), fill)
    pen.flat(ellipse(0, 0, 6.5), "soleil")


def chestnut(pen: Pen, fill: str) -> None:
    shell = "M0 -20C14 -16 24 -4 20 8C16 18 -16 18 -20 8C-24 -4 -14 -16 0 -20Z"
    pen.form(shell, fill, (-5, -4))
    with pen.clipped(shell):
        pen.flat(ellipse(0, 18, 20, 9), "sable")


EMBLEMS: dict[str, Emblem] = {
    "ble": wheat,
    "brin": sprig,
    "olive": olive,
    "soleil": sun,
    "abeille": bee,
    "lavande": lavender,
    "poisson": fish,
    "vague": wave,
    "vache": cow,
    "chevre": goat,
    "brebis": sheep,
    "poule": hen,
    "montagne": mountain,
    "raisin": grapes,
    "pomme": apple,
    "houblon": hop,
    "citron": lemon,
    "coeur": heart,
    "etoile": star,
    "grains": bean,
    "goutte": droplet,
    "amande": almond,
    "arbre": tree,
    "fleur": flower,
    "marron": chestnut,
}


def emblem(pen: Pen, name: str, fill: str, *, x: float = 0, y: float = 0, scale: float = 1) -> None:
    with pen.at(x, y, scale):
        EMBLEMS[name](pen, fill)
