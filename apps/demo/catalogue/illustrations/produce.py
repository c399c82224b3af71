"""Fruit, vegetables, herbs."""

from apps.demo.catalogue.illustrations.palette import dark, pale
from apps.demo.catalogue.illustrations.pen import Pen, around, box, curve, ellipse, leaf, polygon, scatter


def _glint(pen: Pen, x: float, y: float, width: float = 14, height: float = 26, turn: float = 24) -> None:
    with pen.at(x, y, turn=turn):
        pen.flat(ellipse(0, 0, width, height), "#FFFFFF", 0.34)


def _tomato(pen: Pen, fill: str = "tomate") -> None:
    pen.form(
        curve((-76, -60), (-62, -112), (-20, -128), (24, -128), (64, -110), (78, -58), (58, -12), (0, 0), (-58, -12)),
        fill,
    )
    _glint(pen, -42, -88)
    for x, y, angle in around(5, 26, -80):
        with pen.at(4 + x * 0.1, -122 + y * 0.1, turn=angle + 90):
            pen.flat(leaf(38, 8, 6), "mousse")
    pen.flat(ellipse(4, -122, 8, 6), "feuille")


def tomatoes(pen: Pen) -> None:
    pen.shadow(172)
    with pen.at(-2, -126, 0.92):
        _tomato(pen, dark("tomate", 0.08))
    with pen.at(-88, -10, 1.02, turn=-8):
        _tomato(pen)
    with pen.at(88, 0, 1.08, turn=7):
        _tomato(pen)
    pen.line("M-92 -140C-60 -196 -20 -246 18 -262C60 -276 96 -268 120 -286", "mousse", 10)
    pen.line("M-8 -236C-10 -246 -8 -252 4 -256M96 -150C84 -200 60 -232 30 -262", "mousse", 8)
    pen.line("M112 -280L132 -300", "feuille", 12)


def apples(pen: Pen, *, fill: str = "soleil", blush: str = "tomate") -> None:
    pen.shadow(160)
    with pen.at(84, -40, 0.88, turn=10):
        _apple(pen, dark(fill, 0.06), blush)
    with pen.at(-50, 0, 1.12):
        _apple(pen, fill, blush)


def _apple(pen: Pen, fill: str, blush: str) -> None:
    shape = "M0 -168C-34 -192 -108 -182 -108 -98C-108 -40 -66 4 -34 2C-18 0 -12 -6 0 -6C12 -6 18 0 34 2C66 4 108 -40 108 -98C108 -182 34 -192 0 -168Z"
    pen.form(shape, fill, (-22, -14))
    with pen.clipped(shape):
        for reach, veil in ((0, 0.16), (16, 0.14), (34, 0.14), (52, 0.14)):
            pen.flat(f"M{14 + reach} -190C{70 + reach} -140 {64 + reach} -50 {20 + reach} 10H130V-190Z", blush, veil)
        for x in (-84, -58, -28, 4, 34, 62, 86):
            pen.line(f"M{x * 0.2:.0f} -162C{x * 1.06:.0f} -140 {x * 1.1:.0f} -60 {x * 0.4:.0f} -8", blush, 3.4, 0.2)
        for x, y in ((-30, -60), (-6, -40), (20, -52), (-52, -86), (4, -90), (-34, -28), (36, -24)):
            pen.flat(ellipse(x, y, 2.6), "creme", 0.8)
    pen.flat(ellipse(0, -162, 30, 10), dark(fill, 0.3), 0.7)
    _glint(pen, -66, -118, 13, 32)
    pen.line("M0 -162C-2 -186 6 -200 16 -212", "noyer", 8)
    with pen.at(8, -186, turn=66):
        pen.form(leaf(74, 26, 8), "mousse", (-4, -7))
        pen.line("M0 0C4 -24 6 -44 8 -64", "tendre", 2.4)


def pears(pen: Pen) -> None:
    pen.shadow(150)
    for x, y, scale, turn, fill in ((74, -26, 0.94, 12, dark("tendre", 0.05)), (-46, 0, 1.08, -4, "tendre")):
        with pen.at(x, y, scale, turn=turn):
            shape = curve(
                (0, -256),
                (-30, -240),
                (-42, -186),
                (-66, -136),
                (-92, -70),
                (-70, -12),
                (0, 0),
                (70, -12),
                (92, -70),
                (66, -136),
                (42, -186),
                (30, -240),
            )
            pen.form(shape, fill, (-20, -10))
            with pen.clipped(shape):
                pen.flat(ellipse(74, -66, 60, 84), "miel", 0.14)
                pen.flat(ellipse(88, -60, 52, 74), "miel", 0.14)
                for dot_x, dot_y, _turn in scatter(40, 150, 220):
                    pen.flat(ellipse(dot_x, dot_y - 120, 1.8), "olive", 0.6)
            _glint(pen, -48, -84, 12, 34, 18)
            pen.line("M0 -250C-2 -270 6 -284 14 -292", "noyer", 8)
    with pen.at(-40, -286, turn=-70):
        pen.form(leaf(66, 22, -8), "mousse", (-4, -6))


def lemons(pen: Pen) -> None:
    pen.shadow(168)
    for x, y, turn, scale in ((58, -92, -24, 0.94), (-70, -76, 16, 1.05)):
        with pen.at(x, y, scale, turn=turn):
            shape = "M-122 0C-104 -10 -92 -82 0 -82C92 -82 100 -14 124 -4C128 2 126 8 120 10C98 20 88 82 0 82C-92 82 -104 12 -122 0Z"
            pen.form(shape, "citron", (-18, -14))
            for dot_x, dot_y, _turn in scatter(26, 150, 110):
                pen.flat(ellipse(dot_x, dot_y, 2.2), dark("citron", 0.22), 0.6)
            _glint(pen, -44, -42, 11, 30, 56)
    with pen.at(100, -58):
        pen.form(ellipse(0, 0, 66, 60), "citron", (-6, -5))
        pen.flat(ellipse(-3, -2, 56, 51), "creme")
        for x, y, angle in around(9, 26, 12):
            with pen.at(x * 0.24 - 3, y * 0.22 - 2, turn=angle + 90):
                pen.flat("M0 0L-13 -40Q0 -50 13 -40Z", "citron")
                pen.flat("M0 -6L-6 -38Q0 -42 3 -38Z", "beurre")
    with pen.at(-96, -150, turn=-34):
        pen.form(leaf(104, 36, 10), "mousse", (-6, -8))
        pen.line("M0 0C4 -34 6 -60 9 -90", "tendre", 2.6)
    with pen.at(-92, -150, turn=36):
        pen.form(leaf(88, 30, -6), "feuille", (-5, -7))


def _strawberry(pen: Pen) -> None:
    shape = curve((0, 0), (-42, -32), (-64, -86), (-44, -124), (0, -130), (44, -124), (64, -86), (42, -32))
    pen.form(shape, "cerise", (-13, -9))
    with pen.clipped(shape):
        for row in range(6):
            for step in range(6):
                x, y = (step - 2.5) * 24 + (row % 2) * 12, -112 + row * 20
                pen.flat(ellipse(x, y, 2.6, 4), "beurre")
    _glint(pen, -36, -94, 8, 18)
    for x, y, angle in around(7, 18, -90):
        with pen.at(x * 0.4, -126 + y * 0.2, turn=angle + 90):
            pen.flat(leaf(36, 10, 4), "pre" if angle > 0 else "mousse")
    pen.line("M0 -130C0 -146 4 -154 12 -162", "mousse", 6)


def strawberries(pen: Pen) -> None:
    """A small wooden punnet, full."""
    pen.shadow(172)
    pen.flat(box(-140, -150, 280, 60, 20), dark("cerise", 0.3))
    for x, y, turn, scale in (
        (-88, -126, -16, 0.86),
        (0, -146, 4, 0.92),
        (90, -124, 18, 0.86),
        (-44, -98, -6, 0.96),
        (48, -94, 10, 0.98),
        (-112, -84, -30, 0.8),
        (116, -82, 30, 0.8),
    ):
        with pen.at(x, y, scale, turn=turn):
            _strawberry(pen)
    tray = polygon((-176, -118), (176, -118), (150, 0), (-150, 0))
    pen.form(tray, "bois", (-14, -4))
    with pen.clipped(tray):
        for y in (-82, -42):
            pen.line(f"M-190 {y}H190", dark("bois", 0.3), 4)
        for x in (-104, 0, 104):
            pen.line(f"M{x} -120L{x * 0.86} 4", dark("bois", 0.22), 3)
        for y in (-104, -62, -22):
            pen.line(f"M-150 {y}c40 -6 60 6 100 0s70 4 110 -2", pale("bois", 0.35), 2, 0.8)
    pen.flat(box(-182, -130, 364, 22, 8), pale("bois", 0.2))
    with pen.at(-164, 0, 0.62, turn=-72):
        _strawberry(pen)


def carrots(pen: Pen) -> None:
    pen.shadow(150)
    for x, turn in ((-30, -26), (34, 28), (-6, -14), (22, 14), (4, 0)):
        with pen.at(x * 0.7, -206, turn=turn):
            for tip, lean in ((-150, -16), (-172, 0), (-146, 18)):
                pen.line(f"M0 0C{lean * 0.2} {tip * 0.5} {lean} {tip * 0.7} {lean * 1.6} {tip}", "mousse", 5)
                for step in range(3, 9):
                    y = tip * step / 8.5
                    for side in (-58, 58):
                        with pen.at(lean * 1.6 * (step / 8.5) ** 2, y, turn=side):
                            pen.flat(leaf(28 - step, 7), "pre" if side > 0 else "mousse")
    for x, turn, length, fill in (
        (-62, 17, 214, dark("orange", 0.06)),
        (64, -17, 214, dark("orange", 0.06)),
        (-32, 8, 226, "orange"),
        (34, -8, 224, "orange"),
        (0, 0, 236, pale("orange", 0.08)),
    ):
        with pen.at(x, -222, turn=turn):
            shape = f"M-30 6C-30 -14 30 -14 30 6C30 70 12 {length - 50} 3 {length}Q0 {length + 6} -3 {length}C-12 {length - 50} -30 70 -30 6Z"
            pen.form(shape, fill, (-9, -2))
            for y, left, right in ((26, -22, -4), (58, 2, 20), (92, -18, -2), (128, 2, 13), (160, -9, 0)):
                pen.line(f"M{left} {y}H{right}", dark("orange", 0.3), 3)
    pen.line("M-62 -214Q0 -192 62 -214", "kraft", 12)
    pen.line("M-62 -206Q0 -184 62 -206", dark("kraft"), 3)


def leeks(pen: Pen) -> None:
    pen.shadow(140)
    for x, turn, scale in ((56, 9, 0.96), (-58, -9, 0.96), (0, 0, 1.04)):
        with pen.at(x, 0, scale, turn=turn):
            for lean, height, fill in (
                (-66, 372, "feuille"),
                (66, 366, "feuille"),
                (-34, 396, "mousse"),
                (36, 390, "mousse"),
                (0, 350, "pre"),
            ):
                pen.form(
                    f"M-20 -196C-24 -250 {lean - 24} -290 {lean * 1.3:.0f} -{height}C{lean + 22} -300 24 -250 20 -196Z",
                    fill,
                    (-7, 0),
                )
            stem = box(-27, -218, 54, 214, 24)
            pen.flat(stem, "blanc")
            with pen.clipped(stem):
                pen.flat(box(-30, -222, 60, 62), "pre", 0.85)
                pen.flat(box(-30, -166, 60, 36), "tendre", 0.7)
                pen.flat(box(-30, -134, 60, 30), "tendre", 0.3)
                pen.flat(box(8, -222, 24, 222), "#2B1F2A", 0.12)
                for stripe in (-14, -2, 10):
                    pen.line(f"M{stripe} -216V-20", "olive", 1.6, 0.4)
            for root in (-14, -5, 4, 13):
                pen.line(f"M{root} -6C{root * 1.3} 6 {root * 1.1} 10 {root * 1.8} 16", "sable", 3)
    pen.line("M-84 -126Q0 -108 84 -126", "tomate", 10)


def lettuce(pen: Pen) -> None:
    pen.shadow(140)
    for ring, (radius, lift, size, fills) in enumerate(
        (
            (112, -112, 94, ("mousse", "pre")),
            (82, -128, 84, ("pre", "tendre")),
            (48, -140, 70, ("tendre", "pre")),
            (18, -146, 52, (pale("tendre", 0.3), "tendre")),
        )
    ):
        count = 9 - ring * 2
        for index, (x, y, angle) in enumerate(around(max(count, 3), radius, -90 + ring * 17)):
            with pen.at(x * 0.94, lift - 26 + y * 0.8, size / 94, turn=angle + 90):
                shape = curve(
                    (0, 64),
                    (-34, 34),
                    (-58, 16),
                    (-52, -16),
                    (-66, -36),
                    (-34, -50),
                    (-24, -72),
                    (4, -60),
                    (30, -70),
                    (40, -46),
                    (64, -34),
                    (52, -10),
                    (58, 18),
                    (32, 36),
                )
                pen.form(shape, fills[index % 2], (-7, -6), 0.16)
                pen.line(
                    "M0 58C-2 20 2 -10 0 -44M0 20C-14 8 -24 0 -34 -14M0 12C14 0 24 -8 34 -22", pale("tendre", 0.45), 4
                )


def mushrooms(pen: Pen) -> None:
    pen.shadow(160)
    for x, y, scale, turn in ((6, -84, 0.86, 4), (-96, -18, 0.9, -10), (98, -10, 0.96, 9), (0, 0, 1.12, 0)):
        with pen.at(x, y, scale, turn=turn):
            stem = "M-30 -92C-26 -50 -40 -30 -36 -10Q0 8 36 -10C40 -30 26 -50 30 -92Z"
            pen.form(stem, "creme", (-14, -2), 0.16)
            pen.flat(ellipse(0, -88, 78, 18), dark("noyer", 0.1))
            for step in range(-6, 7):
                pen.line(f"M{step * 5} -90L{step * 11} -82", "sable", 2)
            cap = "M-92 -90C-96 -160 -46 -190 0 -190C46 -190 96 -160 92 -90C60 -74 -60 -74 -92 -90Z"
            pen.form(cap, "#EFDDB8", (-18, -10), 0.2)
            _glint(pen, -48, -146, 13, 24, 40)
            for dx, dy in ((-10, -164), (20, -150), (-24, -128), (44, -120)):
                pen.flat(ellipse(dx, dy, 4, 2.6), "sable", 0.9)


def pumpkin(pen: Pen) -> None:
    """A potimarron: a red kuri squash, shaped like a fat drop."""
    pen.shadow(160)
    shape = curve(
        (0, -272),
        (-40, -250),
        (-96, -206),
        (-150, -120),
        (-128, -34),
        (-60, -2),
        (0, 2),
        (60, -2),
        (128, -34),
        (150, -120),
        (96, -206),
        (40, -250),
    )
    pen.form(shape, "potiron", (-26, -12))
    with pen.clipped(shape):
        for x in (-150, -84, -28, 28, 84, 150):
            pen.line(
                f"M{x * 0.16:.0f} -262C{x * 1.05:.0f} -190 {x * 1.05:.0f} -60 {x * 0.3:.0f} 4",
                dark("potiron", 0.2),
                4,
                0.7,
            )
        pen.flat(ellipse(-70, -150, 20, 52), "#FFFFFF", 0.22)
    pen.form(
        curve((-24, -262), (-20, -300), (-34, -330), (-14, -344), (10, -336), (14, -300), (26, -264), (0, -254)),
        "olive",
        (-8, -2),
    )
    pen.line("M-8 -262C-6 -290 -12 -310 -10 -330M8 -264C6 -290 0 -312 0 -330", dark("olive"), 3)
    with pen.at(96, -6, 0.74):
        slice_ = "M-118 -10C-70 66 70 66 118 -10C110 -26 96 -30 84 -24C50 14 -50 14 -84 -24C-96 -30 -110 -26 -118 -10Z"
        with pen.at(0, -46):
            pen.form(slice_, "potiron", (-4, -8))
            pen.flat(
                "M-108 -12C-66 50 66 50 108 -12C102 -22 94 -26 84 -24C50 14 -50 14 -84 -24C-94 -26 -102 -22 -108 -12Z",
                "abricot",
            )
            for x, y in ((-46, 8), (-16, 18), (16, 18), (46, 8)):
                with pen.at(x, y, turn=x * 0.8):
                    pen.flat(ellipse(0, 0, 7, 11), "creme")


def radishes(pen: Pen) -> None:
    pen.shadow(136)
    for turn, height in ((-38, 190), (36, 186), (-20, 214), (18, 210), (0, 226)):
        with pen.at(0, -168, turn=turn):
            shape = curve(
                (0, 0),
                (-10, -70),
                (-34, -100),
                (-30, -150),
                (-12, -height + 26),
                (6, -height),
                (26, -height + 30),
                (36, -140),
                (28, -100),
                (10, -70),
            )
            pen.form(shape, "pre" if turn % 4 else "mousse", (-7, -4))
            pen.line(f"M0 -6C-2 -70 4 -130 4 -{height - 26}", "tendre", 4)
    for x, y, turn, fill in (
        (-86, -62, 30, "framboise"),
        (86, -60, -30, "framboise"),
        (-46, -36, 14, "framboise"),
        (48, -34, -14, "framboise"),
        (0, -24, 0, "framboise"),
    ):
        with pen.at(x, y - 66, turn=turn):
            shape = curve((0, -48), (-34, -34), (-40, 8), (-24, 52), (0, 66), (24, 52), (40, 8), (34, -34))
            pen.line("M0 50C-4 76 6 84 2 106", "blanc", 5)
            pen.form(shape, fill, (-10, -6))
            with pen.clipped(shape):
                pen.flat(ellipse(0, 70, 40, 38), "blanc")
            _glint(pen, -18, -16, 6, 15, 14)
    pen.line("M-52 -164Q0 -146 52 -164", "soleil", 10)


def basil(pen: Pen) -> None:
    """Basil in its terracotta pot."""
    pen.shadow(112)
    for x, y, size, turn, fill in (
        (-70, -214, 0.9, -58, "mousse"),
        (72, -214, 0.9, 58, "mousse"),
        (-92, -262, 0.86, -34, "pre"),
        (92, -262, 0.86, 34, "pre"),
        (-40, -206, 0.9, -24, "feuille"),
        (40, -206, 0.9, 24, "feuille"),
        (-52, -290, 0.9, -30, "mousse"),
        (54, -288, 0.9, 28, "mousse"),
        (0, -230, 1, 0, "pre"),
        (-30, -256, 0.9, -64, "pre"),
        (32, -258, 0.9, 64, "mousse"),
        (-4, -306, 0.96, -6, "tendre"),
        (-34, -322, 0.66, -44, "pre"),
        (34, -322, 0.66, 44, "tendre"),
        (0, -250, 0.8, 16, "tendre"),
    ):
        with pen.at(x * 0.86, y + 34, size, turn=turn):
            pen.form("M0 0C-40 -14 -50 -66 0 -104C50 -66 40 -14 0 0Z", fill, (-8, -6), 0.2)
            pen.line(
                "M0 -6C2 -34 0 -60 0 -86M0 -34C-10 -42 -16 -46 -22 -56M0 -34C10 -42 16 -46 22 -56", pale(fill, 0.4), 3
            )
    body = polygon((-92, -150), (92, -150), (70, 0), (-70, 0))
    pen.form(body, "terre", (-24, 0))
    pen.form(box(-108, -172, 216, 50, 8), pale("terre", 0.1), (-22, -6))


def onions(pen: Pen) -> None:
    """A plait of pink onions."""
    pen.shadow(110)
    pen.line("M-4 -330C6 -300 -8 -270 2 -230", "kraft", 20)
    pen.line("M-8 -386C-20 -360 10 -350 -4 -326M10 -384C0 -360 -16 -350 4 -326", "kraft", 7)
    for x, y, turn, scale in (
        (-58, -236, 34, 0.8),
        (60, -224, -34, 0.82),
        (-70, -150, 26, 0.92),
        (72, -136, -26, 0.94),
        (0, -190, 0, 0.9),
        (-46, -52, 14, 1),
        (50, -44, -14, 1.02),
        (2, -104, 0, 1),
    ):
        with pen.at(x, y, scale, turn=turn):
            shape = curve(
                (0, -74),
                (-14, -50),
                (-50, -22),
                (-54, 18),
                (-26, 46),
                (0, 50),
                (26, 46),
                (54, 18),
                (50, -22),
                (14, -50),
            )
            pen.form(shape, "#C77A86", (-13, -6))
            with pen.clipped(shape):
                for bend in (-44, -16, 16, 44):
                    pen.line(f"M0 -66C{bend * 1.3} -30 {bend * 1.3} 20 {bend * 0.3} 52", "#8E3F55", 2.8, 0.7)
            pen.flat("M-9 -58C-6 -74 -8 -84 -2 -96C2 -84 6 -74 9 -58Z", "kraft")
            pen.line("M-8 49l-4 9M0 51v10M8 49l4 9", "sable", 2.6)
            _glint(pen, -26, 0, 6, 16, 10)


def lavender_pot(pen: Pen) -> None:
    pen.shadow(112)
    for turn in (-34, 34, -22, 22, -11, 11, 0, -28, 28, -5, 5):
        height = 250 - abs(turn) * 1.4
        with pen.at(turn * 0.7, -150, turn=turn):
            pen.line(f"M0 0V-{height - 50:.0f}", "sauge", 5)
            for step in range(7):
                y = -(height - 60) - step * 12
                size = 9 - step * 0.8
                pen.flat(ellipse(-size * 0.8, y, size, size * 0.9), "lavande")
                pen.flat(ellipse(size * 0.8, y - 5, size, size * 0.9), dark("lavande", 0.16))
            for side in (-46, 46):
                with pen.at(0, -30, turn=side):
                    pen.flat(leaf(60, 8), "sauge" if side > 0 else "mousse")
    body = polygon((-92, -150), (92, -150), (70, 0), (-70, 0))
    pen.form(body, "terre", (-24, 0))
    pen.form(box(-108, -172, 216, 50, 8), pale("terre", 0.1), (-22, -6))
