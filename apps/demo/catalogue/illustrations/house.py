"""Crockery, cloth, wood, paper, soap: what is not eaten."""

from apps.demo.catalogue.illustrations.emblems import emblem
from apps.demo.catalogue.illustrations.lettering import write, write_around
from apps.demo.catalogue.illustrations.palette import dark, mix, pale
from apps.demo.catalogue.illustrations.pen import Pen, band, box, curve, ellipse, leaf, polygon, scatter, turned


def mug(pen: Pen, *, glaze: str = "ocean", clay: str = "sable") -> None:
    """Stoneware: bare clay at the foot, a glaze that runs."""
    pen.shadow(142)
    pen.line("M96 -196C190 -206 186 -64 92 -74", dark(glaze, 0.22), 34)
    pen.line("M96 -198C182 -206 178 -70 92 -78", glaze, 22)
    profile = [(118, -246), (124, -190), (110, 0)]
    outline = turned(profile, 26)
    pen.flat(outline, clay)
    with pen.clipped(outline):
        for x, y, _turn in scatter(50, 240, 70):
            pen.flat(ellipse(x, y - 36, 2.2), dark(clay, 0.4), 0.6)
        pen.flat(
            "M-140 -260H140V-62C120 -48 104 -66 84 -60C60 -52 52 -30 34 -40C16 -50 6 -70 -18 -62C-40 -54 -50 -38 -70 -50C-90 -60 -110 -56 -140 -64Z",
            glaze,
        )
        pen.flat(
            "M-140 -260H140V-176C110 -168 90 -182 62 -174C36 -166 20 -178 -8 -172C-40 -164 -60 -180 -90 -172C-110 -168 -124 -174 -140 -172Z",
            pale(glaze, 0.16),
            0.8,
        )
        for x, y, _turn in scatter(44, 240, 170):
            pen.flat(ellipse(x, y - 160, 2), dark(glaze, 0.36), 0.45)
    pen.volume(profile, outline, 0.3)
    pen.flat(ellipse(0, -246, 118, 24), pale(glaze, 0.3))
    pen.flat(ellipse(0, -243, 106, 18), dark(glaze, 0.34))
    pen.flat("M-98 -236A106 18 0 0 0 98 -236A104 12 0 0 0 -98 -236Z", "cacao", 0.9)
    for x in (-34, 20):
        pen.line(f"M{x} -280C{x - 22} -306 {x + 22} -322 {x} -352", "blanc", 9, 0.7)


def bowl(pen: Pen, *, glaze: str = "creme", clay: str = "terre") -> None:
    pen.shadow(150)
    profile = [(176, -150), (160, -80), (78, 0)]
    outline = turned(profile, 14)
    pen.flat(outline, glaze)
    with pen.clipped(outline):
        pen.flat(box(-180, -34, 360, 40), clay)
        pen.line("M-190 -112Q0 -76 190 -112", "ocean", 9)
        pen.line("M-190 -92Q0 -56 190 -92", "ocean", 4)
    pen.volume(profile, outline, 0.3)
    pen.flat(ellipse(0, -150, 176, 38), pale(glaze, 0.4))
    pen.flat(ellipse(0, -146, 160, 30), dark(glaze, 0.16))


def cloth(pen: Pen, *, fill: str = "creme", stripe: str = "tomate") -> None:
    """A linen tea towel, folded and hanging over a rail."""
    pen.line("M-196 -372H196", "bois", 14)
    pen.line("M-196 -376H190", pale("bois", 0.3), 4, 0.8)
    back = polygon((-86, -366), (132, -366), (140, -66), (-70, -66))
    pen.form(back, dark(fill, 0.1), (-10, 0), 0.12)
    front = "M-132 -378C-134 -384 96 -386 98 -378C96 -260 110 -140 104 -22C60 -14 20 -30 -20 -20C-60 -12 -100 -26 -138 -18C-130 -140 -140 -260 -132 -378Z"
    pen.form(front, fill, (-22, 0), 0.14)
    with pen.clipped(front):
        for x in (-112, -98, -22, -8, 6, 72, 86):
            pen.line(f"M{x} -390C{x - 4} -250 {x + 6} -140 {x} 0", stripe, 5)
        for y in (-112, -98, -60):
            pen.line(f"M-150 {y}C-80 {y + 8} 20 {y - 6} 120 {y + 4}", stripe, 5, 0.9)
        for x in (-70, 38):
            pen.line(f"M{x} -384C{x + 8} -260 {x - 10} -140 {x + 4} -20", dark(fill, 0.2), 3, 0.6)
        for y in range(-376, -20, 9):
            pen.line(f"M-150 {y}H120", dark(fill, 0.2), 0.8, 0.35)
    for x in range(-132, 104, 9):
        pen.line(f"M{x} -22v12", dark(fill, 0.12), 2.4)


def towel(pen: Pen, *, fill: str = "ciel") -> None:
    """Three folded terry towels, tied."""
    pen.shadow(178)
    for index, (y, tone) in enumerate(((-2, 0.12), (-84, 0.06), (-166, 0))):
        shade = dark(fill, tone)
        with pen.at(index * 5 - 4, y):
            pen.form(box(-166, -80, 332, 80, 38), shade, (-12, -8), 0.18)
            pen.line("M-150 -42H104", dark(shade, 0.2), 4)
            pen.line("M104 -42C130 -44 134 -22 110 -20", dark(shade, 0.2), 4)
            for x in range(-140, 150, 15):
                for step in range(3):
                    pen.flat(ellipse(x + step % 2 * 7, -66 + step * 24, 2.2, 3), pale(shade, 0.45), 0.7)
            pen.flat(box(-118, -80, 34, 80), pale(shade, 0.5), 0.75)
    pen.line("M60 -246V-2", "kraft", 8)
    pen.line("M60 -246C20 -290 4 -236 60 -246C112 -290 124 -238 62 -246", "kraft", 7)
    with pen.at(62, -254, turn=20):
        pen.flat(leaf(60, 16), "mousse")


def basket(pen: Pen) -> None:
    """A wicker market basket with its handles."""
    pen.shadow(166)
    pen.line("M-104 -190C-96 -400 96 -400 104 -190", dark("bois", 0.2), 20)
    pen.line("M-104 -194C-96 -396 92 -396 102 -194", "bois", 12)
    body = "M-172 -206C-168 -120 -156 -40 -132 -8Q0 16 132 -8C156 -40 168 -120 172 -206Z"
    pen.flat(body, dark("bois", 0.26))
    with pen.clipped(body):
        for row in range(8):
            for step in range(-5, 6):
                x = step * 36 + (row % 2) * 18
                pen.form(
                    box(x - 16, -196 + row * 25, 33, 21, 9),
                    ("bois", pale("bois", 0.14), "kraft")[(row + step) % 3],
                    (-4, -4),
                    0.18,
                )
        pen.flat(box(84, -220, 100, 240), "#2B1F2A", 0.14)
    pen.form("M-182 -222C-182 -236 182 -236 182 -222C182 -196 -182 -196 -182 -222Z", pale("bois", 0.12), (-14, -4))
    for x in range(-164, 170, 22):
        pen.line(f"M{x} -228L{x + 12} -206", dark("bois", 0.24), 4, 0.7)
    pen.form(box(-22, -192, 44, 30, 4), "noyer", (-5, -3))


def board(pen: Pen, *, size: float = 1) -> None:
    """A beech cutting board with a knife's width of juice groove, an herb on it."""
    with pen.at(0, 0, size):
        pen.shadow(130)
        with pen.at(0, 0, turn=-3):
            shape = "M-126 -14V-262Q-126 -290 -98 -290H-34C-24 -290 -22 -300 -22 -312V-366Q-22 -392 0 -392Q22 -392 22 -366V-312C22 -300 24 -290 34 -290H98Q126 -290 126 -262V-14Q126 0 112 0H-112Q-126 0 -126 -14Z"
            pen.form(shape, "bois", (-12, -8), 0.24)
            with pen.clipped(shape):
                for index, x in enumerate(range(-110, 120, 30)):
                    pen.line(
                        f"M{x} -400C{x + 10 - index * 3} -280 {x - 12 + index * 2} -150 {x + 4} 6",
                        dark("bois", 0.13),
                        3.4,
                        0.7,
                    )
                pen.line("M-20 -170c20 -22 44 0 26 22s-44 8 -26 -22Z", dark("bois", 0.13), 3.4, 0.7)
            pen.line(box(-104, -266, 208, 244, 18), dark("bois", 0.2), 6, 0.8)
            pen.flat(ellipse(0, -356, 9), dark("bois", 0.5))
            pen.line("M0 -356C14 -380 30 -390 26 -410C22 -424 -14 -424 -18 -408C-20 -392 -6 -376 0 -356", "kraft", 4)


def candle(
    pen: Pen,
    *,
    wax: str = "creme",
    text: str = "BOUGIE",
    mark: str = "abeille",
    mark_ink: str = "soleil",
    glass: str = "verre",
) -> None:
    pen.shadow(118)
    with pen.at(0, -318):
        pen.flat(ellipse(0, 0, 74, 84), "soleil", 0.16)
        pen.flat(ellipse(0, 2, 46, 56), "soleil", 0.2)
        pen.flat("M0 -58C22 -26 26 -4 18 14A20 20 0 0 1 -18 14C-26 -4 -12 -26 0 -58Z", "soleil")
        pen.flat("M2 -22C12 -6 13 6 9 14A10 10 0 0 1 -9 14C-12 4 -4 -8 2 -22Z", "blanc")
        pen.line("M0 40V14", "encre", 5)
    profile = [(102, -252), (102, 0)]
    outline = turned(profile, 24)
    pen.flat(outline, glass)
    inner = turned([(94, -226), (94, -10)], 18)
    pen.flat(inner, wax)
    pen.flat(ellipse(0, -226, 94, 18), pale(wax, 0.5))
    pen.line("M0 -226V-276", "encre", 5)
    pen.line(ellipse(0, -252, 102, 20), pale(glass, 0.6), 5)
    pen.form(box(-62, -176, 124, 130, 8), "papier", (-3, -3), 0.1)
    pen.line(box(-54, -168, 108, 114, 5), mark_ink, 2)
    emblem(pen, mark, mark_ink, y=-120, scale=1.25)
    write(pen, text, y=-66, height=14, fill="encre", within=92, weight=1.8)
    pen.volume(profile, outline, 0.4)


def dish_brush(pen: Pen) -> None:
    """A round beech brush with short, dense bristles."""
    pen.shadow(128, x=-30)
    with pen.at(-46, -4):
        with pen.at(30, -104, turn=48):
            pen.form(
                curve(
                    (-20, 0),
                    (-15, -90),
                    (-12, -200),
                    (-17, -280),
                    (0, -300),
                    (17, -280),
                    (12, -200),
                    (15, -90),
                    (20, 0),
                ),
                "bois",
                (-8, 0),
            )
            pen.flat(ellipse(0, -278, 7), dark("bois", 0.45))
            pen.line("M0 -278C28 -300 22 -330 2 -334C-16 -334 -18 -300 0 -278", "tomate", 5)
        for row, (y, reach) in enumerate(((-70, 92), (-62, 96))):
            for step in range(-10, 11):
                x = step * reach / 10.5
                foot = -6 + abs(step) * 0.9
                pen.line(
                    f"M{x * 0.9:.1f} {y}L{x * 1.08:.1f} {foot:.1f}", ("sable", "ivoire", "kraft")[(step + row) % 3], 8
                )
        pen.form("M-98 -62C-100 -112 -56 -136 0 -136C56 -136 100 -112 98 -62Q0 -44 -98 -62Z", "bois", (-14, -10))
        pen.line("M-92 -80Q0 -62 92 -80", dark("bois", 0.24), 4)
        pen.line("M-56 -116C-40 -124 -20 -128 0 -128", "#FFFFFF", 6, 0.4)


def knife(pen: Pen) -> None:
    pen.shadow(180, y=6, depth=9)
    with pen.at(-6, -120, turn=-24):
        blade = "M-190 -8C-140 -58 -40 -56 54 -44V30H-40C-100 30 -160 14 -190 -8Z"
        pen.form(blade, "acier", (-3, -16), 0.2)
        pen.line("M-172 -4C-120 16 -60 22 40 22", "blanc", 4, 0.9)
        write(pen, "LAGUNE", x=0, y=-14, height=10, fill="ardoise", weight=1.6)
        pen.form(box(52, -48, 20, 82, 4), "ardoise", (-5, -2))
        handle = curve((70, -46), (120, -40), (186, -46), (206, -22), (200, 22), (160, 24), (118, 20), (70, 32))
        pen.form(handle, "noyer", (-5, -13), 0.28)
        for x in (100, 136, 172):
            pen.flat(ellipse(x, -8, 7), "soleil")
            pen.flat(ellipse(x - 1.5, -9.5, 4), pale("soleil", 0.5))
    with pen.at(110, -2, 0.8):
        pen.form(ellipse(0, -34, 36, 34), "tomate", (-8, -6))
        for turn in (-60, -20, 20, 60):
            with pen.at(0, -64, turn=turn):
                pen.flat(leaf(26, 6), "mousse")


def carafe(pen: Pen) -> None:
    pen.shadow(110)
    profile = [(52, -372), (40, -286), (104, -110), (96, 0)]
    outline = turned(profile, 30)
    pen.flat(outline, "verre", 0.92)
    with pen.clipped(outline):
        pen.flat(box(-110, -190, 220, 200), mix("ciel", "verre", 0.35))
        pen.flat(ellipse(0, -190, 78, 14), pale("ciel", 0.6))
        with pen.at(10, -120):
            pen.flat(ellipse(0, 0, 40, 36), "citron")
            pen.flat(ellipse(0, 0, 33, 29), "creme")
            for turn in range(0, 360, 45):
                with pen.at(0, 0, turn=turn):
                    pen.flat("M0 0L-9 -26Q0 -30 9 -26Z", "citron")
        with pen.at(-38, -46, turn=-30):
            pen.flat(leaf(62, 20), "pre")
        with pen.at(30, -40, turn=40):
            pen.flat(leaf(54, 18), "mousse")
        pen.flat(box(-110, -12, 220, 14), pale("ciel", 0.5), 0.8)
    pen.volume(profile, outline, 0.6)
    pen.line(ellipse(0, -372, 52, 12), "blanc", 5, 0.9)
    pen.line("M-52 -372L-66 -384", "verre", 10)


def magazine(pen: Pen) -> None:
    """La Gazette du marché, a second copy behind."""
    pen.shadow(130)
    with pen.at(26, -8, turn=7):
        pen.form(box(-122, -336, 244, 336, 3), "sable", (-6, -4), 0.14)
    with pen.at(-10, 0, turn=-3):
        cover = box(-128, -346, 256, 346, 3)
        pen.form(cover, "papier", (-4, -4), 0.16)
        pen.flat(box(-128, -346, 256, 78, 3), "tomate")
        write(pen, "LA GAZETTE", y=-300, height=26, fill="papier", within=220, weight=2)
        write(pen, "DU MARCHÉ", y=-276, height=13, fill="papier", weight=1.7)
        pen.flat(box(-112, -254, 224, 150, 4), "sauge")
        with pen.clipped(box(-112, -254, 224, 150, 4)):
            pen.flat(ellipse(0, -90, 150, 60), "mousse")
            pen.flat(ellipse(70, -226, 24), "soleil")
            emblem(pen, "pomme", "tomate", x=-34, y=-150, scale=2.2)
            emblem(pen, "ble", "soleil", x=52, y=-150, scale=2)
        for y, width in ((-84, 180), (-68, 204), (-52, 150), (-28, 90)):
            pen.line(f"M-108 {y}h{width}", "ardoise", 5, 0.55)
        for index in range(14):
            pen.flat(box(66 + index * 3.3, -40, 1.4 + index % 3 * 0.7, 26), "encre")


def book(pen: Pen) -> None:
    """A cookery book, seen from a corner."""
    pen.shadow(140)
    with pen.at(-4, 0, turn=-4):
        pen.form(box(-118, -330, 258, 330, 6), dark("ocean", 0.3), (-3, -3))
        pen.flat(box(-112, -322, 244, 318, 3), "creme")
        for y in range(-316, -8, 9):
            pen.line(f"M118 {y}h14", "sable", 2)
        pen.form(box(-128, -334, 246, 330, 5), "ocean", (-5, -4), 0.2)
        pen.flat(box(-128, -334, 26, 330, 5), dark("ocean", 0.2))
        pen.flat(ellipse(8, -186, 82), "creme")
        pen.line(ellipse(8, -186, 70), "soleil", 3)
        pot_body = "M-36 -196H52V-160Q52 -138 30 -138H-14Q-36 -138 -36 -160Z"
        pen.form(pot_body, "tomate", (-8, -3))
        pen.form(box(-42, -208, 100, 14, 6), "tomate", (-5, -2))
        pen.flat(ellipse(8, -212, 9, 6), "encre")
        pen.line("M-42 -182h-10v14h14M58 -182h10v14h-14", dark("tomate", 0.2), 6)
        for x in (-12, 8, 28):
            pen.line(f"M{x} -222c-6 -8 6 -14 0 -24", "ardoise", 3.4, 0.7)
        write(pen, "LE MARCHÉ", x=8, y=-290, height=17, fill="papier", within=180, weight=1.8)
        write(pen, "À LA CASSEROLE", x=8, y=-54, height=15, fill="papier", within=190, weight=1.7)
        pen.line("M-34 -32H50", "soleil", 3)
    pen.line("M84 -8V40L92 30L100 40V-8", "tomate", 7)


def soap_block(pen: Pen, *, fill: str = "olive", text: str = "SAVON", sub: str = "72 %") -> None:
    """A cube of Marseille soap, stamped."""
    pen.shadow(172)
    with pen.at(6, -18):
        pen.flat(polygon((60, -196), (150, -248), (150, -52), (60, 12)), dark(fill, 0.26))
        pen.flat(polygon((-150, -196), (60, -196), (150, -248), (-62, -248)), pale(fill, 0.3))
        pen.form(box(-150, -196, 210, 208, 12), fill, (-6, -6), 0.12)
        pen.line(box(-134, -180, 178, 176, 8), dark(fill, 0.2), 4)
        write(pen, text, x=-45, y=-124, height=25, fill=dark(fill, 0.36), within=148, weight=2)
        write(pen, "EXTRA PUR", x=-45, y=-88, height=15, fill=dark(fill, 0.36), within=140, weight=1.8)
        write(pen, sub, x=-45, y=-36, height=32, fill=dark(fill, 0.36), within=140, weight=1.8)
    for x, y, size in ((-150, -4, 24), (-112, 8, 16), (150, -2, 30), (112, 10, 18), (178, 4, 14)):
        pen.flat(ellipse(x, y, size), "blanc", 0.85)
        pen.line(ellipse(x, y, size), "ciel", 2.6, 0.8)
        pen.flat(ellipse(x - size * 0.35, y - size * 0.35, size * 0.22), "#FFFFFF")


def soap_bar(
    pen: Pen, *, fill: str = "lavande", mark: str = "lavande", mark_ink: str = "prune", bits: str = "prune"
) -> None:
    """An oval cold-process bar on a wooden dish, another upright behind."""
    pen.shadow(176)
    with pen.at(46, -84, turn=8):
        pen.form(box(-118, -170, 236, 170, 62), dark(fill, 0.1), (-10, -8))
        pen.line(box(-98, -150, 196, 130, 48), pale(fill, 0.3), 4, 0.7)
    with pen.at(-6, -34):
        pen.form(box(-158, -116, 316, 116, 54), fill, (-10, -12), 0.2)
        with pen.clipped(box(-158, -116, 316, 116, 54)):
            for x, y, _turn in scatter(36, 310, 110):
                pen.flat(ellipse(x, y - 58, 2.6, 1.8), bits, 0.6)
        pen.flat(ellipse(-4, -64, 76, 40), pale(fill, 0.32))
        emblem(pen, mark, mark_ink, x=-4, y=-66, scale=1.5)
        pen.line("M-126 -84C-118 -98 -106 -104 -90 -106", "#FFFFFF", 7, 0.5)
    pen.form(box(-184, -40, 368, 24, 10), "bois", (-8, -5))
    for x in (-130, 96):
        pen.form(box(x, -18, 34, 20, 5), dark("bois", 0.1), (-5, -3))


def shampoo_bar(pen: Pen, *, fill: str = "tendre", mark: str = "brin", text: str = "SHAMPOING") -> None:
    """A round solid shampoo before its cardboard box."""
    with pen.at(46, -6):
        pen.shadow(120)
        body = "papier"
        pen.flat(polygon((90, -270), (128, -292), (128, -22), (90, 0)), dark(body, 0.2))
        pen.flat(polygon((-100, -270), (90, -270), (128, -292), (-62, -292)), "blanc")
        pen.flat(box(-100, -270, 190, 270, 2), body)
        pen.flat(box(-100, -86, 190, 86, 2), fill)
        emblem(pen, mark, "feuille", x=-5, y=-190, scale=2)
        write(pen, text, x=-5, y=-110, height=18, fill="encre", within=160, weight=1.8)
    with pen.at(-86, 0):
        pen.shadow(100)
        pen.form("M-92 -60V-34A92 34 0 0 0 92 -34V-60Z", dark(fill, 0.06), (-20, 0))
        pen.flat(ellipse(0, -60, 92, 36), pale(fill, 0.2))
        pen.line(ellipse(0, -61, 70, 26), dark(fill, 0.16), 4)
        with pen.at(-2, -40, turn=12):
            pen.flat(leaf(42, 14), dark(fill, 0.2))
        pen.line("M-74 -70C-60 -84 -30 -90 -8 -90", "#FFFFFF", 6, 0.6)


def balm(pen: Pen, *, body: str = "soleil", text: str = "BAUME", mark: str = "abeille") -> None:
    """A small round tin, open, its lid leaning behind."""
    pen.shadow(170)
    with pen.at(42, -140, turn=8):
        pen.form(ellipse(0, 0, 134), "acier", (-8, -6))
        pen.flat(ellipse(-2, -2, 122), body)
        pen.line(ellipse(-2, -2, 110), "papier", 3)
        with pen.at(0, 6):
            write_around(pen, text, radius=78, height=22, fill="encre", weight=2)
        emblem(pen, mark, "papier", y=8, scale=1.7)
    with pen.at(-52, -22):
        pen.form("M-130 -50V-8A130 40 0 0 0 130 -8V-50Z", "acier", (-26, 0))
        pen.flat(ellipse(0, -50, 130, 42), pale("acier", 0.5))
        pen.flat(ellipse(0, -48, 116, 35), "beurre")
        pen.flat(
            "M-90 -52C-50 -72 20 -66 50 -46C30 -34 -20 -28 -60 -36C-40 -44 -10 -44 6 -48C-20 -56 -60 -50 -90 -52Z",
            pale("beurre", 0.6),
        )


def toothbrush(pen: Pen, *, bristle: str = "feuille") -> None:
    pen.shadow(120, depth=9)
    with pen.at(30, -10, 1, turn=18):
        for step in range(8):
            pen.line(f"M-14 {-378 + step * 12}h-36", bristle if step % 2 else pale(bristle, 0.25), 9)
        pen.form(
            curve(
                (-16, -392),
                (14, -392),
                (18, -340),
                (12, -270),
                (10, -180),
                (17, -80),
                (14, 0),
                (-14, 0),
                (-17, -80),
                (-10, -180),
                (-12, -270),
                (-18, -340),
            ),
            "bois",
            (-8, 0),
            0.24,
        )
        for y in (-190, -110, -50):
            pen.line(f"M-11 {y}Q0 {y + 5} 11 {y}", dark("bois", 0.26), 2.6, 0.7)
        emblem(pen, "brin", dark("bois", 0.45), y=-20, scale=0.55)
    with pen.at(-86, 0):
        profile = [(66, -150), (60, 0)]
        outline = turned(profile, 18)
        pen.shadow(74)
        with pen.at(8, -30, turn=-10):
            for step in range(7):
                pen.line(f"M12 {-258 + step * 12}h32", pale(bristle, 0.55), 8)
            pen.form(box(-13, -270, 26, 250, 13), "pain", (-7, 0), 0.2)
        pen.flat(outline, "blanc")
        with pen.clipped(outline):
            pen.flat(box(-80, -60, 160, 70), "sauge")
        pen.volume(profile, outline, 0.4)
        pen.line("M-66 -150A66 12 0 0 0 66 -150", "papier", 5)


def tote(pen: Pen, *, fill: str = "creme", ink: str = "feuille") -> None:
    """A cotton bag with the shop's motif, a leek and a baguette showing."""
    pen.shadow(138)
    with pen.at(-48, -230, turn=-12):
        for lean in (-30, 0, 30):
            pen.form(
                f"M-14 0C-16 -50 {lean - 14} -80 {lean * 1.4} -150C{lean + 16} -80 16 -50 14 0Z",
                ("mousse", "pre", "feuille")[lean // 30 + 1],
                (-5, 0),
            )
    with pen.at(60, -226, turn=14):
        pen.form(box(-26, -150, 52, 170, 26), "croute", (-9, -4))
        for y in (-120, -70):
            pen.line(f"M-14 {y + 20}L14 {y}", "mie", 9)
    for left in (-72, -54):
        pen.line(
            f"M{left} -232C{left - 6} -400 {-left + 6} -400 {-left} -232", dark(fill, 0.14 if left == -72 else 0.05), 15
        )
    body = "M-126 -250H126C124 -170 132 -80 136 -10Q0 8 -136 -10C-132 -80 -124 -170 -126 -250Z"
    pen.form(body, fill, (-22, 0), 0.14)
    pen.line("M-124 -232H124", dark(fill, 0.18), 3)
    emblem(pen, "pomme", "tomate", x=-38, y=-142, scale=1.8)
    emblem(pen, "brin", ink, x=44, y=-140, scale=1.9)
    write(pen, "AU MARCHÉ", y=-50, height=20, fill=ink, within=180, weight=1.9)


def preserving_jar(pen: Pen, *, lid: str = "orange") -> None:
    """A preserving jar with its rubber ring and wire."""
    pen.shadow(108)
    profile = [(78, -262), (96, -226), (96, 0)]
    outline = turned(profile, 24)
    pen.flat(outline, "verre")
    inner = turned([(70, -224), (88, -200), (88, -10)], 18)
    pen.flat(inner, "creme")
    with pen.clipped(inner):
        for index, (x, y, turn) in enumerate(scatter(90, 184, 200)):
            with pen.at(x, y - 108, turn=turn):
                pen.form(ellipse(0, 0, 15, 10), ("ivoire", "creme", "sable")[index % 3], (-3, -3), 0.26)
    pen.volume(profile, outline, 0.6)
    pen.form(box(-88, -276, 176, 18, 8), lid, (-8, -3))
    lid_profile = [(84, -312), (84, -276)]
    pen.flat(turned(lid_profile, 8), pale("verre", 0.3))
    pen.volume(lid_profile, turned(lid_profile, 8), 0.6)
    pen.flat(ellipse(0, -312, 84, 14), "blanc", 0.8)
    pen.line(
        "M-92 -246C-116 -290 -90 -318 -40 -322H40C90 -318 116 -290 92 -246M92 -250L116 -200L100 -190", "ardoise", 5
    )
    pen.line("M-92 -246Q0 -226 92 -246", "ardoise", 5)
    pen.flat(band(profile, -0.2, 0.2), "#FFFFFF", 0.06)


def canister(pen: Pen, *, body: str = "ciel", text: str = "CRISTAUX") -> None:
    """A tall paper canister of washing crystals with a wooden scoop."""
    profile = [(92, -268), (92, 0)]
    outline = turned(profile, 10)
    pen.shadow(150)
    pen.flat(outline, body)
    with pen.clipped(outline):
        pen.flat(box(-92, -214, 184, 140), "papier")
        emblem(pen, "goutte", "ocean", y=-158, scale=1.5)
        write(pen, text, y=-92, height=20, fill="encre", within=150, weight=1.8)
        pen.line("M-92 -224H92M-92 -64H92", "ocean", 5)
    pen.volume(profile, outline, 0.3)
    ring = [(96, -292), (96, -252)]
    pen.flat(turned(ring, 5), "kraft")
    pen.volume(ring, turned(ring, 5), 0.24)
    pen.flat(ellipse(0, -292, 96, 15), pale("kraft", 0.3))
    with pen.at(118, -12, turn=24):
        pen.form(box(-14, -132, 24, 96, 12), "bois", (-6, 0))
        pen.form("M-44 -44H40C40 4 20 16 -2 16C-26 16 -44 4 -44 -44Z", "bois", (-10, -4))
        pen.flat(ellipse(-2, -44, 42, 13), "blanc")
