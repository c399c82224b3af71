"""Cheese, butter, eggs."""

from apps.demo.catalogue.illustrations.emblems import emblem
from apps.demo.catalogue.illustrations.lettering import write, write_around
from apps.demo.catalogue.illustrations.palette import SHADOW, dark, pale
from apps.demo.catalogue.illustrations.pen import Pen, box, curve, ellipse, polygon, scatter


def camembert(pen: Pen) -> None:
    """The wooden box stands behind; the cheese, one wedge taken out, lies in front."""
    pen.shadow(184)
    with pen.at(-4, -214):
        pen.form(ellipse(0, 0, 150), "bois", (-10, -8))
        pen.flat(ellipse(-3, -3, 138), "papier")
        pen.line(ellipse(-3, -3, 128), "tomate", 4)
        pen.flat(ellipse(-3, -3, 84), "feuille")
        emblem(pen, "vache", "creme", x=-3, y=4, scale=2.3)
        with pen.at(-3, -3):
            write_around(pen, "CAMEMBERT", radius=96, height=20, fill="tomate", weight=2)
            with pen.at(0, 114):
                write(pen, "AU LAIT CRU", y=0, height=13, fill="feuille", weight=1.5)
    with pen.at(-26, -74):
        _wheel(pen)
    with pen.at(40, -46):
        _slice(pen)


# Where the slice is cut from the wheel: points of its rim, and the wheel's height.
_FIRST, _SECOND, _HEIGHT = (156, 20), (34, 51), 44


def _wheel(pen: Pen) -> None:
    (x1, y1), (x2, y2) = _FIRST, _SECOND
    pen.flat(polygon((0, 0), _FIRST, (x1, y1 + _HEIGHT), (0, _HEIGHT)), "beurre")
    pen.flat(
        polygon((0, _HEIGHT), (x1, y1 + _HEIGHT), (x1 * 0.6, y1 + _HEIGHT + 8), (x2, y2 + _HEIGHT - 4)), SHADOW, 0.16
    )
    for x, y in ((40, 26), (84, 34), (118, 44), (62, 44)):
        pen.flat(ellipse(x, y, 5, 3.4), dark("beurre", 0.2))
    rim = f"M-170 0A170 52 0 0 0 {x2} {y2}V{y2 + _HEIGHT}A170 52 0 0 1 -170 {_HEIGHT}Z"
    pen.form(rim, "ivoire", (-30, 0), 0.14)
    pen.flat(f"M{x1} {y1}A170 52 0 0 0 170 0V{_HEIGHT}A170 52 0 0 1 {x1} {y1 + _HEIGHT}Z", dark("ivoire", 0.14))
    top = f"M0 0L{x1} {y1}A170 52 0 1 0 {x2} {y2}Z"
    pen.flat(top, "blanc")
    with pen.clipped(top):
        for index, (x, y, _turn) in enumerate(scatter(46, 340, 104)):
            pen.flat(ellipse(x, y, 10 + index % 4 * 4, 3), "creme", 0.9)
        for x in range(-150, 160, 42):
            pen.line(f"M{x} -64L{x + 16} 60", "sable", 2, 0.5)


def _slice(pen: Pen) -> None:
    (x1, y1), (x2, y2) = _FIRST, _SECOND
    pen.flat(ellipse(94, 74, 96, 14), SHADOW, 0.14)
    pen.flat(polygon((0, 0), _SECOND, (x2, y2 + _HEIGHT), (0, _HEIGHT)), "beurre")
    pen.form(
        f"M{x2} {y2}A170 52 0 0 0 {x1} {y1}V{y1 + _HEIGHT}A170 52 0 0 1 {x2} {y2 + _HEIGHT}Z", "ivoire", (-20, 0), 0.14
    )
    pen.flat(f"M0 0L{x2} {y2}A170 52 0 0 0 {x1} {y1}Z", "blanc")
    pen.line(f"M0 0L{x2} {y2}", "creme", 4)
    for x, y in ((62, 26), (96, 28), (48, 38)):
        pen.flat(ellipse(x, y, 12, 3), "creme")


def wedge(
    pen: Pen,
    *,
    paste: str = "beurre",
    rind: str = "croute",
    eyes: str = "",
    text: str = "",
    mark: str = "",
    veins: bool = False,
    soft: bool = False,
) -> None:
    """A piece cut from a wheel; `eyes` « trous » or « petits », `veins` for blue cheese, `soft` for a bloomy rind."""
    pen.shadow(178)
    top = polygon((-178, -134), (66, -216), (172, -142))
    face = polygon((-178, -134), (172, -142), (172, -8), (-178, 0))
    back = polygon((66, -216), (172, -142), (172, -8), (120, -60))
    pen.flat(back, rind)
    pen.flat(top, pale(paste, 0.32))
    pen.flat(face, paste)
    with pen.clipped(face):
        pen.flat(polygon((60, -150), (180, -150), (180, 0), (20, 0)), dark(paste, 0.1), 0.5)
        if eyes:
            for x, y, size in (
                (-110, -92, 15),
                (-52, -46, 20),
                (8, -100, 12),
                (54, -48, 24),
                (110, -92, 17),
                (-130, -32, 12),
                (126, -34, 10),
                (-12, -18, 9),
            ):
                size *= 1 if eyes == "trous" else 0.34
                pen.flat(ellipse(x, y, size, size * 0.82), dark(paste, 0.26))
                pen.flat(ellipse(x + size * 0.14, y + size * 0.2, size * 0.78, size * 0.56), dark(paste, 0.14))
        if veins:
            for index, (x, y, turn) in enumerate(scatter(44, 350, 140)):
                with pen.at(x, y - 72, turn=turn / 2 - 45):
                    pen.flat(
                        curve((-12 - index % 5 * 2, 0), (-3, -6), (9 + index % 4 * 3, -2), (5, 6), (-6, 4)),
                        ("ocean", "ardoise", "nuit")[index % 3],
                        0.75,
                    )
    if veins:
        with pen.clipped(top):
            for x, y, _turn in scatter(26, 350, 80):
                pen.flat(ellipse(x, y - 176, 11, 3.4), "ocean", 0.5)
    edge = rind if not soft else "blanc"
    pen.flat(polygon((172, -142), (190, -150), (190, -14), (172, -8)), dark(edge, 0.1))
    pen.flat(polygon((66, -216), (172, -142), (190, -150), (80, -226)), edge)
    pen.line("M-178 0L172 -8", dark(paste, 0.2), 4)
    pen.line("M-178 -134L66 -216", pale(paste, 0.6), 4)
    if text:
        with pen.at(-64, -4, turn=-1.2):
            pen.form(box(-76, -92, 152, 84, 6), "papier", (-3, -3), 0.12)
            pen.line(box(-69, -85, 138, 70, 4), "feuille", 2.2)
            if mark:
                emblem(pen, mark, "feuille", y=-62, scale=0.8)
            write(pen, text, y=-24, height=17, fill="encre", within=118, weight=1.8)


def crottins(pen: Pen) -> None:
    """Small goat's cheeses on a vine leaf."""
    pen.shadow(170)
    with pen.at(0, -4):
        for turn, size in ((-74, 190), (74, 190), (-48, 150), (48, 150)):
            with pen.at(0, 0, turn=turn):
                pen.form(
                    curve(
                        (0, 0),
                        (-30, -size * 0.4),
                        (-46, -size * 0.5),
                        (-28, -size * 0.72),
                        (0, -size),
                        (28, -size * 0.72),
                        (46, -size * 0.5),
                        (30, -size * 0.4),
                    ),
                    "mousse",
                    (-5, -5),
                )
                pen.line(f"M0 0V-{size * 0.84:.0f}", "tendre", 3)
    for x, y, fill in ((6, -82, "ivoire"), (-82, -8, "creme"), (84, 0, "creme")):
        with pen.at(x, y):
            body = "M-84 -84C-90 -60 -88 -24 -76 -8Q0 14 76 -8C88 -24 90 -60 84 -84Z"
            pen.form(body, fill, (-22, 0), 0.16)
            pen.flat(ellipse(0, -84, 84, 30), "blanc")
            for spot_x, spot_y, _turn in scatter(16, 130, 40):
                pen.flat(ellipse(spot_x, spot_y - 84, 8, 2.6), "sable", 0.55)
            pen.line("M-80 -52Q0 -30 80 -52", "sable", 2.4, 0.7)


def butter(pen: Pen) -> None:
    """A churned pat on its paper, with a curl cut off."""
    pen.shadow(182)
    pen.form(polygon((-186, -30), (-120, -92), (190, -84), (150, -2), (-150, 0)), "papier", (-5, -6), 0.1)
    pen.line("M-150 -8L-166 -34L-120 -84M150 -8L184 -78", "ciel", 3)
    side = polygon((-128, -150), (60, -150), (60, -36), (-128, -36))
    pen.flat(side, "beurre")
    pen.flat(polygon((60, -150), (122, -194), (122, -78), (60, -36)), dark("beurre", 0.14))
    pen.flat(polygon((-128, -150), (60, -150), (122, -194), (-64, -194)), pale("beurre", 0.45))
    pen.line("M-128 -150H60", pale("beurre", 0.7), 4)
    with pen.at(-34, -92):
        pen.line(ellipse(0, 0, 46, 40), dark("beurre", 0.16), 4)
        emblem(pen, "vache", dark("beurre", 0.26), scale=1.15, y=2)
    for x, y, _turn in scatter(20, 170, 96):
        pen.flat(box(x - 34, y - 93, 4, 4, 1), "blanc")
    with pen.at(96, -40):
        pen.form(
            curve(
                (-16, 0),
                (-52, -8),
                (-58, -44),
                (-22, -58),
                (12, -44),
                (14, -18),
                (-12, -10),
                (-28, -26),
                (-14, -40),
                (0, -30),
            ),
            pale("beurre", 0.16),
            (-5, -5),
        )
    with pen.at(150, -16, turn=-24):
        pen.form(box(-30, -268, 34, 150, 16), "bois", (-9, 0))
        pen.form("M-26 -120H0C6 -60 6 -10 -4 6C-22 4 -28 -50 -26 -120Z", "acier", (-8, 0))


def eggs(pen: Pen, *, count: int = 6) -> None:
    pen.shadow(184)
    rows = ((-112, -104), (-38, -108), (38, -108), (112, -104)) if count > 6 else ((-104, -104), (0, -110), (104, -104))
    size = 0.78 if count > 6 else 1
    if count > 6:
        for x, y in ((-100, -164), (-34, -168), (34, -168), (100, -164)):
            _egg(pen, x, y + 40, 0.72, "ivoire")
    else:
        for x, y in ((-86, -172), (0, -178), (86, -172)):
            _egg(pen, x, y + 52, 0.88, "peche")
    back = polygon((-170, -120), (170, -120), (176, -96), (-176, -96))
    pen.flat(back, dark("ardoise", 0.1), 0.6)
    for index, (x, y) in enumerate(rows):
        _egg(pen, x, y + 76 * size, size, ("peche", "creme", pale("croute", 0.35))[index % 3])
    front = curve(
        (-186, -92),
        (-150, -70),
        (-112, -88),
        (-56, -66),
        (0, -86),
        (56, -66),
        (112, -88),
        (150, -70),
        (186, -92),
        (170, -6),
        (0, 2),
        (-170, -6),
    )
    pen.form(front, "sauge", (-12, -8), 0.18)
    for x in (-130, -56, 56, 130):
        pen.line(f"M{x} -62V-10", dark("sauge", 0.24), 4, 0.6)
    pen.form(box(-52, -66, 104, 54, 8), "papier", (-3, -3), 0.12)
    emblem(pen, "poule", "croute", y=-38, scale=0.9)


def _egg(pen: Pen, x: float, y: float, scale: float, fill: str) -> None:
    with pen.at(x, y, scale):
        pen.form("M0 -126C34 -126 54 -76 54 -44A54 48 0 0 1 -54 -44C-54 -76 -34 -126 0 -126Z", fill, (-13, -8))
        with pen.at(-22, -76, turn=20):
            pen.flat(ellipse(0, 0, 8, 18), "#FFFFFF", 0.4)
