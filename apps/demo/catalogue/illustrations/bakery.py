"""Bread and cakes."""

import math

from apps.demo.catalogue.illustrations.palette import dark, pale
from apps.demo.catalogue.illustrations.pen import Pen, box, curve, ellipse, polygon, scatter


def _flour(pen: Pen, places: tuple[tuple[float, float], ...]) -> None:
    for index, (x, y) in enumerate(places):
        pen.flat(ellipse(x, y, 14 + index % 3 * 5, 5), "creme", 0.6)


def baguette(pen: Pen) -> None:
    """Two baguettes leaning in a paper sleeve."""
    pen.shadow(110)
    for x, turn in ((34, 14), (-26, -4)):
        with pen.at(x, -20, turn=turn):
            shape = curve(
                (0, -420), (-24, -396), (-38, -300), (-42, -120), (-34, 0), (34, 0), (42, -120), (38, -300), (24, -396)
            )
            pen.form(shape, "croute", (-13, -4))
            with pen.clipped(shape):
                for y in (-364, -296, -228, -160, -92):
                    cut = f"M-24 {y + 34}C-16 {y + 4} 4 {y - 20} 26 {y - 26}C28 {y - 8} 4 {y + 26} -24 {y + 34}Z"
                    pen.flat(cut, "mie")
                    pen.line(f"M-24 {y + 34}C-16 {y + 4} 4 {y - 20} 26 {y - 26}", dark("croute", 0.34), 4)
                _flour(pen, ((-12, -330), (10, -250), (-14, -180)))
    sleeve = polygon((-104, -222), (112, -210), (86, 0), (-78, 0))
    pen.form(sleeve, "papier", (-26, 0), 0.12)
    with pen.clipped(sleeve):
        for x in range(-120, 130, 26):
            pen.line(f"M{x} -230L{x * 0.8:.0f} 10", "ocean", 5, 0.75)
        pen.flat(polygon((40, -230), (130, -230), (110, 10), (24, 10)), "#2B1F2A", 0.1)
    zigzag = [(-104, -222)]
    for index in range(1, 18):
        zigzag.append((-104 + index * 12, -222 + index * 0.7 + (9 if index % 2 else 0)))
    pen.flat(polygon(*zigzag, (112, -204), (-103, -204)), "papier")


def country_loaf(pen: Pen) -> None:
    pen.shadow(176)
    shape = curve(
        (-176, -70),
        (-160, -150),
        (-90, -206),
        (0, -220),
        (90, -206),
        (160, -150),
        (176, -70),
        (140, -14),
        (0, 0),
        (-140, -14),
    )
    pen.form(shape, "croute", (-22, -16))
    with pen.clipped(shape):
        for x in (-96, -30, 36, 102):
            cut = f"M{x - 34} -76C{x - 22} -130 {x - 4} -176 {x + 30} -204C{x + 30} -160 {x + 8} -110 {x - 34} -76Z"
            pen.flat(cut, "mie")
            pen.line(f"M{x - 34} -76C{x - 22} -130 {x - 4} -176 {x + 30} -204", dark("croute", 0.36), 5)
        for x, y, _turn in scatter(26, 340, 180):
            pen.flat(ellipse(x, y - 110, 15, 5), "creme", 0.34)
    with pen.at(96, 4, 0.86):
        slice_ = curve((-78, -8), (-84, -70), (-72, -124), (0, -140), (72, -124), (84, -70), (78, -8), (0, 0))
        pen.form(slice_, "croute", (-4, -3))
        inner = curve((-66, -16), (-71, -68), (-60, -112), (0, -126), (60, -112), (71, -68), (66, -16), (0, -10))
        pen.flat(inner, "mie")
        with pen.clipped(inner):
            for index, (x, y, _turn) in enumerate(scatter(30, 130, 108)):
                pen.flat(ellipse(x, y - 70, 3 + index % 4 * 2, 2 + index % 3 * 1.6), dark("mie", 0.12))


def seeded_loaf(pen: Pen) -> None:
    """A tin loaf with seeds, cut."""
    pen.shadow(180)
    body = "M-170 -110C-182 -176 -120 -206 -60 -204C20 -208 100 -204 132 -188C170 -168 168 -130 160 -108L152 -8H-160Z"
    pen.form(body, "noyer", (-12, -12), 0.22)
    with pen.clipped(body):
        for index, (x, y, turn) in enumerate(scatter(110, 350, 110)):
            with pen.at(x, y - 150, turn=turn):
                pen.flat(ellipse(0, 0, 7, 3.4), ("beurre", "encre", "soleil", "creme")[index % 4], 0.9)
    with pen.at(112, 6):
        slice_ = "M-78 -8C-84 -80 -96 -110 -86 -140C-70 -172 70 -172 86 -140C96 -110 84 -80 78 -8Q0 2 -78 -8Z"
        pen.form(slice_, dark("noyer", 0.06), (-5, -4))
        inner = "M-68 -16C-73 -80 -84 -110 -75 -134C-60 -158 60 -158 75 -134C84 -110 73 -80 68 -16Q0 -8 -68 -16Z"
        pen.flat(inner, pale("croute", 0.3))
        with pen.clipped(inner):
            for index, (x, y, turn) in enumerate(scatter(50, 150, 134)):
                with pen.at(x, y - 84, turn=turn):
                    pen.flat(ellipse(0, 0, 5.4, 2.8), ("noyer", "soleil", "creme", "encre")[index % 4], 0.85)


def croissants(pen: Pen) -> None:
    pen.shadow(176)
    for x, y, scale, turn in ((34, -112, 0.84, -8), (-10, -2, 1.06, 3)):
        with pen.at(x, y, scale, turn=turn):
            _croissant(pen)


def _croissant(pen: Pen) -> None:
    """Rolled segments, from the tips to the fat middle that lies over them."""
    for place_x, place_y, width, height, lean in (
        (162, -22, 32, 26, 62),
        (132, -54, 46, 42, 48),
        (92, -80, 56, 58, 30),
        (48, -94, 58, 70, 14),
    ):
        for side in (-1, 1):
            with pen.at(side * place_x, place_y, turn=side * lean):
                segment = curve((-width, 0), (-width * 0.7, -height * 0.8), (0, -height), (width * 0.7, -height * 0.8),
                                (width, 0), (width * 0.6, height * 0.62), (0, height * 0.78), (-width * 0.6, height * 0.62))  # fmt: skip
                pen.form(segment, "croute" if place_x > 80 else dark("pain", 0.06), (-9, -9), 0.28)
                with pen.clipped(segment):
                    pen.line(
                        f"M{-width * 0.5} {-height}C{-width * 0.2} -10 {-width * 0.3} 10 {-width * 0.5} {height}",
                        "mie",
                        5,
                        0.6,
                    )
    middle = curve((-58, -98), (-44, -160), (0, -178), (44, -160), (58, -98), (38, -50), (0, -38), (-38, -50))
    pen.form(middle, "pain", (-12, -12), 0.26)
    with pen.clipped(middle):
        pen.line("M-24 -180C-10 -120 -12 -90 -22 -40", "mie", 6, 0.8)
        pen.line("M20 -180C30 -120 28 -90 18 -40", dark("croute", 0.1), 4, 0.5)


def brioche(pen: Pen) -> None:
    """Brioche à tête in its fluted mould."""
    pen.shadow(136)
    pen.form(
        curve((-136, -128), (-146, -180), (-100, -220), (0, -226), (100, -220), (146, -180), (136, -128), (0, -108)),
        "croute",
        (-16, -12),
    )
    pen.form(
        curve((-74, -210), (-84, -270), (-44, -316), (6, -322), (58, -302), (82, -262), (74, -210), (0, -192)),
        dark("croute", 0.04),
        (-14, -12),
    )
    with pen.at(-32, -276, turn=34):
        pen.flat(ellipse(0, 0, 12, 26), "#FFFFFF", 0.36)
    with pen.at(-100, -176, turn=44):
        pen.flat(ellipse(0, 0, 10, 22), "#FFFFFF", 0.3)
    for x, y, _turn in scatter(28, 220, 56):
        pen.flat(box(x, y - 176, 7, 7, 2), "blanc", 0.9)
    for x, y, _turn in scatter(12, 100, 70):
        pen.flat(box(x, y - 262, 7, 7, 2), "blanc", 0.9)
    left, right = -148, 148
    scallop = [f"M{left} -150"]
    count = 9
    step = (right - left) / count
    for _ in range(count):
        scallop.append(f"q{step / 2:.1f} 26 {step:.1f} 0")
    mould = "".join(scallop) + "L92 -6Q0 10 -92 -6Z"
    pen.form(mould, "ardoise", (-22, 0))
    for index in range(1, count):
        x = left + index * step
        pen.line(f"M{x:.0f} -146L{x * 0.62:.0f} -2", dark("ardoise", 0.28), 4, 0.7)
        pen.line(f"M{x + 7:.0f} -134L{x * 0.62 + 5:.0f} -8", "acier", 3, 0.5)


def canneles(pen: Pen) -> None:
    pen.shadow(176)
    for x, y, scale in ((4, -104, 0.92), (-92, 0, 1), (94, 6, 1.02)):
        with pen.at(x, y, scale):
            body = "M-66 -146C-72 -90 -80 -40 -84 -8Q0 14 84 -8C80 -40 72 -90 66 -146Z"
            pen.form(body, "noyer", (-22, 0), 0.3)
            with pen.clipped(body):
                for step in range(-3, 4):
                    pen.line(f"M{step * 20} -146L{step * 26} 6", dark("chocolat", 0.1), 6, 0.5)
                    pen.line(f"M{step * 20 + 9} -146L{step * 26 + 11} 2", "croute", 4, 0.6)
            pen.form(ellipse(0, -148, 66, 22), "chocolat", (-6, -4))
            pen.flat(ellipse(0, -146, 34, 9), dark("chocolat", 0.4))
            pen.line("M-46 -152C-30 -162 -8 -164 8 -163", "croute", 4, 0.8)


def madeleines(pen: Pen) -> None:
    pen.shadow(178)
    for x, y, turn, scale in ((-8, -150, -4, 0.86), (-88, -64, -22, 1), (92, -58, 20, 1), (2, -16, 2, 1.08)):
        with pen.at(x, y - 62, scale, turn=turn):
            shape = curve(
                (0, 78),
                (-26, 66),
                (-58, 16),
                (-62, -34),
                (-36, -76),
                (0, -88),
                (36, -76),
                (62, -34),
                (58, 16),
                (26, 66),
            )
            pen.form(shape, "pain", (-10, -9), 0.26)
            with pen.clipped(shape):
                for bend in (-66, -44, -22, 0, 22, 44, 66):
                    pen.line(f"M0 84C{bend * 0.5} 40 {bend * 1.05} -10 {bend} -92", dark("croute", 0.2), 5, 0.75)
                    pen.line(f"M7 80C{bend * 0.5 + 7} 40 {bend * 1.05 + 8} -10 {bend + 9} -92", "mie", 3.4, 0.7)
                pen.line(shape, "croute", 13, 0.75)


def apple_tart(pen: Pen) -> None:
    pen.shadow(186)
    with pen.at(0, -84):
        pen.form("M-184 -10L-158 66Q0 120 158 66L184 -10Z", "croute", (-22, 0), 0.24)
        for step in range(-9, 10):
            x = step * 19
            pen.line(
                f"M{x} {58 - abs(step) * 3.6:.0f}L{x * 0.88:.0f} {90 - abs(step) * 3:.0f}", dark("croute", 0.3), 4, 0.7
            )
        pen.flat(ellipse(0, -10, 186, 84), "pain")
        pen.flat(ellipse(0, -12, 166, 70), dark("abricot", 0.1))
        for ring, (radius, count, length) in enumerate(((132, 17, 48), (88, 12, 44), (44, 7, 38))):
            for index in range(count):
                angle = math.radians(360 * index / count + ring * 11)
                x, y = radius * math.cos(angle), radius * 0.42 * math.sin(angle) - 12
                with pen.at(x, y, turn=math.degrees(math.atan2(0.42 * math.sin(angle), math.cos(angle))) + 62):
                    pen.flat(ellipse(0, 0, length * 0.56, 12), "beurre")
                    pen.line(f"M{-length * 0.5:.0f} 2Q0 15 {length * 0.5:.0f} 2", "tomate", 3, 0.75)
                    pen.line(f"M{-length * 0.3:.0f} -4Q0 -10 {length * 0.3:.0f} -4", "blanc", 2.6, 0.8)
        pen.flat(ellipse(0, -12, 20, 10), "miel")


def gingerbread(pen: Pen) -> None:
    """Pain d'épices: a dark loaf tied with string, two slices cut."""
    pen.shadow(182)
    top = polygon((-150, -150), (90, -150), (150, -190), (-90, -190))
    pen.flat(polygon((90, -150), (150, -190), (150, -46), (90, 0)), dark("noyer", 0.34))
    pen.flat(polygon((-150, -150), (90, -150), (90, 0), (-150, 0)), "noyer")
    pen.flat(top, dark("cacao", 0.1))
    for x, y, _turn in scatter(34, 230, 130):
        pen.flat(ellipse(x - 30, y - 75, 4, 3), dark("noyer", 0.26))
    for x in (-64, 14):
        pen.line(f"M{x} 0V-150L{x + 60} -190", "creme", 5)
    with pen.at(-20, -172, 0.9):
        pen.line("M0 0C-30 -26 -48 0 0 4C44 -26 56 -2 0 4", "creme", 5)
    for x, turn in ((-128, -8), (-164, -14)):
        with pen.at(x, 4, turn=turn):
            pen.form(polygon((-60, -136), (56, -136), (60, 0), (-58, 0)), pale("noyer", 0.12), (-5, -4))
            pen.line(polygon((-60, -136), (56, -136), (60, 0), (-58, 0)), "cacao", 7)
            for dot_x, dot_y, _turn in scatter(20, 100, 116):
                pen.flat(ellipse(dot_x, dot_y - 68, 3.6, 2.6), dark("noyer", 0.2))
    for x, y in ((136, 2), (166, -8)):
        with pen.at(x, y):
            for turn in range(0, 180, 45):
                pen.line("M0 -18L0 18", "terre", 7) if turn == 0 else None
                with pen.at(0, 0, turn=turn):
                    pen.flat(ellipse(0, 0, 20, 5), "terre")
            pen.flat(ellipse(0, 0, 5), "chocolat")
