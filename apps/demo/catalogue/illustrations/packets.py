"""Bags, boxes, bars: what is folded or wrapped."""

from apps.demo.catalogue.illustrations.emblems import emblem
from apps.demo.catalogue.illustrations.lettering import write
from apps.demo.catalogue.illustrations.palette import dark, pale
from apps.demo.catalogue.illustrations.pen import Pen, box, curve, ellipse, leaf, polygon, scatter


def _lentils(pen: Pen) -> None:
    for index, (x, y, _turn) in enumerate(scatter(100, 180, 104)):
        pen.form(ellipse(x, y, 10, 7.4), ("olive", "mousse", "ardoise")[index % 3], (-2, -2))


def _rice(pen: Pen) -> None:
    for index, (x, y, turn) in enumerate(scatter(110, 180, 104)):
        with pen.at(x, y, turn=turn):
            pen.form(ellipse(0, 0, 10, 5), ("blanc", "creme", "ivoire")[index % 3], (-1.6, -1.6), 0.2)


def _elbows(pen: Pen) -> None:
    for x, y, turn in scatter(46, 190, 112):
        with pen.at(x, y, turn=turn * 2):
            pen.line("M-10 7A11 11 0 0 1 10 7", dark("soleil", 0.12), 12)
            pen.line("M-10 6A11 11 0 0 1 10 6", "beurre", 8)


def _coffee(pen: Pen) -> None:
    for index, (x, y, turn) in enumerate(scatter(44, 190, 112)):
        with pen.at(x, y, turn=turn):
            pen.form(ellipse(0, 0, 15, 11), ("cacao", "noyer", "chocolat")[index % 3], (-3, -3))
            pen.line("M-12 1C-4 -5 4 5 12 -1", dark("chocolat", 0.5), 2.6)


def _salt(pen: Pen) -> None:
    for index, (x, y, turn) in enumerate(scatter(110, 180, 104)):
        with pen.at(x, y, turn=turn):
            pen.form(box(-6, -6, 12, 12, 1), ("blanc", "papier", "verre")[index % 3], (-3, -3), 0.22)


FILLINGS = {"lentilles": _lentils, "riz": _rice, "coquillettes": _elbows, "cafe": _coffee, "sel": _salt}


def bag(
    pen: Pen,
    *,
    paper: str = "kraft",
    paint: str = "feuille",
    ink: str = "encre",
    text: str = "",
    sub: str = "",
    mark: str = "",
    mark_ink: str = "",
    window: str = "",
    folded: bool = True,
    size: float = 1,
) -> None:
    """A paper bag, folded over at the top; `window` names what shows through its round window."""
    with pen.at(0, 0, size):
        pen.shadow(140)
        body = "M-122 -300C-116 -220 -134 -120 -126 -8Q-124 0 -114 0H114Q124 0 126 -8C134 -120 116 -220 122 -300Z"
        pen.form(body, paper, (-24, 0), 0.15)
        with pen.clipped(body):
            pen.flat(
                "M-140 -112C-60 -96 60 -96 140 -112V10H-140Z"
                if not window
                else "M-140 -62C-60 -48 60 -48 140 -62V10H-140Z",
                paint,
            )
            pen.flat(polygon((76, -310), (140, -310), (140, 10), (92, 10)), "#2B1F2A", 0.12)
            pen.line("M-108 -290C-102 -210 -116 -110 -110 -10", pale(paper, 0.5), 4, 0.7)
        if folded:
            pen.form(polygon((-124, -352), (124, -352), (122, -286), (-122, -286)), pale(paper, 0.14), (-22, 0), 0.16)
            pen.line("M-122 -318H122", dark(paper, 0.16), 3)
            pen.line("M-122 -286H122", dark(paper, 0.26), 4)
        else:
            pen.form(
                curve(
                    (-122, -294),
                    (-112, -322),
                    (-60, -340),
                    (-50, -376),
                    (50, -376),
                    (60, -340),
                    (112, -322),
                    (122, -294),
                    (0, -284),
                ),
                paper,
                (-16, -2),
                0.15,
            )
            for x in (-34, -12, 10, 32):
                pen.line(f"M{x} -370L{x * 1.4:.0f} -324", dark(paper, 0.2), 3)
            pen.line("M-58 -334Q0 -322 58 -334", paint, 12)
        if window:
            glass = box(-84, -172, 168, 92, 40)
            pen.flat(glass, {"cafe": "kraft", "sel": "ciel"}.get(window, "ivoire"))
            with pen.clipped(glass), pen.at(0, -126):
                FILLINGS[window](pen)
            pen.line(glass, dark(paper, 0.2), 4)
            if mark:
                emblem(pen, mark, mark_ink or paint, y=-244, scale=0.86)
            write(pen, text, y=-192 if mark else -222, height=22, fill=ink, within=190, weight=1.8)
            if sub:
                write(pen, sub, y=-18, height=14, fill="papier", within=180, weight=1.7)
        else:
            if mark:
                emblem(pen, mark, mark_ink or paint, y=-222, scale=1.8)
            write(pen, text, y=-134, height=26, fill=ink, within=200, weight=1.8)
            if sub:
                write(pen, sub, y=-44, height=17, fill="papier", within=180, weight=1.7)


def carton(
    pen: Pen,
    *,
    body: str = "sauge",
    paint: str = "papier",
    ink: str = "encre",
    text: str = "",
    sub: str = "",
    mark: str = "",
    mark_ink: str = "",
    width: float = 190,
    height: float = 280,
    depth: float = 62,
) -> None:
    """A cardboard box in three quarter view."""
    left = -(width + depth) / 2
    right = left + width
    rise = depth * 0.42
    pen.shadow((width + depth) * 0.56)
    pen.flat(
        polygon((right, -height), (right + depth, -height - rise), (right + depth, -rise), (right, 0)), dark(body, 0.26)
    )
    pen.flat(
        polygon((left, -height), (right, -height), (right + depth, -height - rise), (left + depth, -height - rise)),
        pale(body, 0.4),
    )
    pen.flat(box(left, -height, width, height, 3), body)
    middle = (left + right) / 2
    panel = box(left + 20, -height + 30, width - 40, height - 96, 80)
    pen.flat(panel, paint)
    pen.line(box(left + 27, -height + 37, width - 54, height - 110, 74), ink, 1.8, 0.55)
    if mark:
        emblem(pen, mark, mark_ink or ink, x=middle, y=-height * 0.66, scale=1.7)
    write(pen, text, x=middle, y=-height * 0.38, height=24, fill=ink, within=width - 78, weight=1.8)
    if sub:
        write(pen, sub, x=middle, y=-24, height=16, fill="papier", within=width - 40, weight=1.7)
    pen.line(f"M{right + depth * 0.5:.0f} {-height - rise * 0.5:.0f}V{-rise * 0.5:.0f}", dark(body, 0.36), 2.4, 0.5)


def chocolate_bar(
    pen: Pen,
    *,
    wrapper: str = "feuille",
    paint: str = "soleil",
    cocoa: str = "chocolat",
    text: str = "NOIR",
    sub: str = "70 %",
    nuts: bool = False,
) -> None:
    """A tablet half out of its wrapper."""
    pen.shadow(132)
    with pen.at(0, 0, turn=4):
        pen.form(box(-98, -392, 196, 220, 8), cocoa, (-8, -6), 0.3)
        for row in range(3):
            for column in range(3):
                x, y = -90 + column * 62, -382 + row * 58
                pen.form(box(x, y, 56, 52, 6), pale(cocoa, 0.1), (-5, -5), 0.3)
                pen.line(box(x + 9, y + 9, 38, 34, 4), dark(cocoa, 0.2), 2.6, 0.7)
                if nuts and (row + column) % 2 == 0:
                    pen.form(ellipse(x + 28, y + 26, 13, 11), "pain", (-3, -3))
        foil = [(-108, -226)]
        for index in range(1, 12):
            foil.append((-108 + index * 18, -246 + (16 if index % 2 else 0)))
        pen.form(polygon(*foil, (108, -226), (108, -190), (-108, -190)), "acier", (-8, -4), 0.16)
        sleeve = box(-112, -214, 224, 214, 6)
        pen.form(sleeve, wrapper, (-20, 0), 0.2)
        pen.line(box(-98, -200, 196, 186, 4), paint, 2.6, 0.9)
        with pen.at(0, -148):
            pen.form("M-44 0C-20 -34 28 -34 48 -4C24 28 -20 30 -44 0Z", paint, (-5, -5))
            for step in (-20, -4, 12, 26):
                pen.line(f"M{step} -20C{step + 6} -6 {step + 6} 6 {step} 18", dark(paint, 0.3), 3)
        write(pen, text, y=-72, height=25, fill="papier", within=170, weight=1.9)
        write(pen, sub, y=-36, height=18, fill=paint, within=150, weight=1.8)


def caramels(pen: Pen) -> None:
    """A cellophane bag of wrapped sweets, three in front."""
    pen.shadow(166)
    body = curve(
        (-104, -12), (-122, -110), (-98, -210), (-46, -262), (46, -262), (98, -210), (122, -110), (104, -12), (0, 0)
    )
    pen.flat(body, "verre", 0.75)
    with pen.clipped(body):
        for index, (x, y, turn) in enumerate(
            (
                (-66, -40, 12),
                (0, -34, -14),
                (64, -42, 8),
                (-72, -100, -20),
                (-6, -96, 16),
                (66, -104, -8),
                (-52, -160, 24),
                (20, -158, -18),
                (74, -166, 12),
                (-14, -212, 6),
            )
        ):
            with pen.at(x, y, turn=turn):
                pen.form(box(-30, -22, 60, 44, 10), ("miel", "ambre", "abricot")[index % 3], (-7, -6))
                pen.line("M-22 -10H8", "#FFFFFF", 4, 0.4)
        pen.flat(box(70, -270, 80, 280), "#2B1F2A", 0.1)
        pen.flat(box(-98, -200, 14, 150, 7), "#FFFFFF", 0.6)
    pen.form(
        curve((-44, -262), (-86, -336), (-40, -326), (0, -350), (40, -326), (86, -336), (44, -262), (0, -254)),
        "verre",
        (-6, -4),
        0.12,
    )
    pen.line("M-46 -262Q0 -248 46 -262", "ocean", 13)
    pen.line("M0 -256C-50 -296 -62 -236 0 -254C54 -296 64 -236 2 -254M0 -252L-22 -212M4 -252L26 -214", "ocean", 7)
    pen.form(box(-52, -158, 104, 70, 8), "papier", (-3, -3), 0.12)
    write(pen, "CARAMELS", y=-122, height=14, fill="encre", within=88, weight=1.8)
    pen.line("M-30 -104q7 -9 15 0t15 0t15 0t15 0", "ocean", 3)
    for x, y, turn, fill in ((-136, -4, -8, "ambre"), (134, -2, 10, "miel")):
        with pen.at(x, y, turn=turn):
            pen.form(polygon((-30, -22), (-62, -40), (-58, -2)), pale(fill, 0.3), (-3, -2))
            pen.form(polygon((30, -22), (62, -40), (58, -2)), pale(fill, 0.3), (-3, -2))
            pen.form(box(-34, -44, 68, 44, 12), fill, (-8, -6))


def nougat(pen: Pen) -> None:
    pen.shadow(180)
    for x, y, turn, wrapped in ((10, -112, -6, True), (-16, -50, 4, False), (8, 0, -3, True)):
        with pen.at(x, y, turn=turn):
            bar = box(-156, -72, 312, 72, 10)
            pen.form(bar, "creme", (-8, -9), 0.2)
            with pen.clipped(bar):
                pen.flat(box(-160, -72, 320, 9), "sable")
                pen.flat(box(-160, -9, 320, 9), "sable")
                for index, (nut_x, nut_y, nut_turn) in enumerate(scatter(20, 290, 48)):
                    with pen.at(nut_x, nut_y - 36, turn=nut_turn):
                        pen.form(ellipse(0, 0, 14, 8), ("croute", "pre", "pain")[index % 3], (-3, -3))
                if wrapped:
                    pen.flat(box(-52, -80, 104, 90), "lavande")
                    pen.flat(box(36, -80, 16, 90), dark("lavande", 0.14))
                    emblem(pen, "amande", "creme", y=-44, scale=0.9)
                    write(pen, "NOUGAT", y=-9, height=11, fill="papier", within=84, weight=1.7)


def pepper_mill(pen: Pen) -> None:
    """Peppercorns beside a small mill."""
    pen.shadow(120)
    body = curve(
        (-60, 0),
        (-66, -60),
        (-40, -130),
        (-46, -190),
        (-52, -220),
        (52, -220),
        (46, -190),
        (40, -130),
        (66, -60),
        (60, 0),
    )
    pen.form(body, "noyer", (-20, 0), 0.24)
    pen.form(
        curve((-52, -226), (-50, -276), (0, -300), (50, -276), (52, -226), (0, -218)),
        pale("noyer", 0.1),
        (-16, -4),
        0.24,
    )
    pen.form(ellipse(0, -316, 20), "acier", (-5, -4))
    pen.flat(box(-56, -230, 112, 12, 4), "acier")
    pen.line("M-56 -40Q0 -26 56 -40", dark("noyer", 0.24), 4, 0.7)
    for index, (x, y, _turn) in enumerate(scatter(16, 96, 26)):
        pen.form(ellipse(x + 124, y - 8, 8), ("encre", "chocolat", "cacao")[index % 3], (-2, -2))


def herb_bundle(pen: Pen, *, fill: str = "sauge") -> None:
    """Dried leaves tied with string, for an infusion."""
    pen.shadow(120)
    for turn, length in ((-40, 250), (40, 250), (-26, 290), (26, 290), (-12, 312), (12, 312), (0, 324)):
        with pen.at(0, -86, turn=turn):
            pen.line(f"M0 0V-{length - 30}", "olive", 4)
            for step in range(4, 11):
                for side in (-42, 42):
                    with pen.at(0, -length * step / 11.5, turn=side):
                        pen.form(leaf(46, 11), ("sauge", "pre", "tendre")[(step + int(turn)) % 3], (-3, -3), 0.14)
    for turn in (-20, -10, 0, 10, 20):
        with pen.at(0, -86, turn=turn * -1):
            pen.line("M0 0V78", "olive", 5)
    pen.line("M-30 -84Q0 -70 30 -84M-30 -92Q0 -78 30 -92", "kraft", 7)
    pen.line("M0 -78C-46 -110 -50 -60 0 -78C46 -110 52 -60 2 -78M0 -78L-26 -34M2 -78L30 -36", "kraft", 5)
